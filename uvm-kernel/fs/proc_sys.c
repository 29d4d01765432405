/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys and /proc/net: what programs read there to learn the kernel's limits. Nothing can be set.
 */
#include "pipe.h"
#include "proc.h"

#include <uvm/cred.h>
#include <uvm/printk.h>
#include <uvm/random.h>
#include <uvm/task.h>
#include <uvm/uts.h>
#include <uvm/vma.h>

static void show_ostype(struct text *t)
{
	text_printf(t, "%s\n", uts.sysname);
}

static void show_osrelease(struct text *t)
{
	text_printf(t, "%s\n", uts.release);
}

static void show_version(struct text *t)
{
	text_printf(t, "%s\n", uts.version);
}

static void show_hostname(struct text *t)
{
	text_printf(t, "%s\n", uts.nodename);
}

static void show_domainname(struct text *t)
{
	text_printf(t, "%s\n", uts.domainname);
}

static void show_pid_max(struct text *t)
{
	text_printf(t, "%d\n", TID_MAX);
}

static void show_threads_max(struct text *t)
{
	text_printf(t, "%d\n", TID_MAX - 1);
}

static void show_ngroups_max(struct text *t)
{
	text_printf(t, "%d\n", GROUPS_MAX);
}

static void show_cap_last_cap(struct text *t)
{
	text_printf(t, "%d\n", CAP_LAST);
}

static void show_overcommit(struct text *t)
{
	text_printf(t, "1\n"); /* memory is promised freely and found on first touch */
}

static void show_max_map_count(struct text *t)
{
	text_printf(t, "%d\n", VMA_MAX);
}

static void show_mmap_min_addr(struct text *t)
{
	text_printf(t, "%lu\n", MMAP_MIN_ADDR);
}

static void show_swappiness(struct text *t)
{
	text_printf(t, "0\n");
}

static void show_nr_open(struct text *t)
{
	text_printf(t, "%u\n", FD_MAX);
}

static void show_pipe_max(struct text *t)
{
	text_printf(t, "%lu\n", PIPE_PAGES_MAX * PAGE_SIZE);
}

static void uuid(struct text *t, u8 b[16])
{
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (u32 i = 0; i < 16; i++)
		text_printf(t, "%02x%s", b[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
	text_printf(t, "\n");
}

static void show_uuid(struct text *t)
{
	u8 b[16];

	random_bytes(b, sizeof(b));
	uuid(t, b);
}

static void show_boot_id(struct text *t)
{
	static u8 id[16];
	static bool made;

	if (!made)
		random_bytes(id, sizeof(id));
	made = true;
	uuid(t, id);
}

static void show_entropy(struct text *t)
{
	text_printf(t, "256\n");
}

const struct text_file proc_sys_files[] = {
	{"sys/fs/nr_open", show_nr_open, 0},
	{"sys/fs/pipe-max-size", show_pipe_max, 0},
	{"sys/kernel/cap_last_cap", show_cap_last_cap, 0},
	{"sys/kernel/domainname", show_domainname, 0},
	{"sys/kernel/hostname", show_hostname, 0},
	{"sys/kernel/ngroups_max", show_ngroups_max, 0},
	{"sys/kernel/osrelease", show_osrelease, 0},
	{"sys/kernel/ostype", show_ostype, 0},
	{"sys/kernel/pid_max", show_pid_max, 0},
	{"sys/kernel/random/boot_id", show_boot_id, 0},
	{"sys/kernel/random/entropy_avail", show_entropy, 0},
	{"sys/kernel/random/poolsize", show_entropy, 0},
	{"sys/kernel/random/uuid", show_uuid, 0},
	{"sys/kernel/threads-max", show_threads_max, 0},
	{"sys/kernel/version", show_version, 0},
	{"sys/vm/max_map_count", show_max_map_count, 0},
	{"sys/vm/mmap_min_addr", show_mmap_min_addr, 0},
	{"sys/vm/overcommit_memory", show_overcommit, 0},
	{"sys/vm/swappiness", show_swappiness, 0},
};
const u32 proc_sys_count = ARRAY_SIZE(proc_sys_files);
