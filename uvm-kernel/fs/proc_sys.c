/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys: what programs read there to learn the kernel's limits. Nothing can be set.
 */
#include "../net/socket.h"
#include "notify.h"
#include "pipe.h"
#include "proc.h"

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

const struct text_file proc_sys_files[] = {
	{"sys/crypto/fips_enabled", .number = 0},
	{"sys/fs/inotify/max_queued_events", .number = INOTIFY_EVENTS_MAX},
	{"sys/fs/inotify/max_user_instances", .number = INOTIFY_INSTANCES_MAX},
	{"sys/fs/inotify/max_user_watches", .number = INOTIFY_WATCHES_MAX},
	{"sys/fs/nr_open", .number = FD_MAX},
	{"sys/fs/pipe-max-size", .number = PIPE_PAGES_MAX * PAGE_SIZE},
	{"sys/kernel/cap_last_cap", .number = CAP_LAST},
	{"sys/kernel/domainname", .text = uts.domainname},
	{"sys/kernel/hostname", .text = uts.nodename},
	{"sys/kernel/ngroups_max", .number = GROUPS_MAX},
	{"sys/kernel/osrelease", .text = uts.release},
	{"sys/kernel/ostype", .text = uts.sysname},
	{"sys/kernel/pid_max", .number = TID_MAX},
	{"sys/kernel/random/boot_id", .show = show_boot_id},
	{"sys/kernel/random/entropy_avail", .number = 256},
	{"sys/kernel/random/poolsize", .number = 256},
	{"sys/kernel/random/uuid", .show = show_uuid},
	{"sys/kernel/threads-max", .number = TID_MAX - 1},
	{"sys/kernel/version", .text = uts.version},
	{"sys/net/core/somaxconn", .number = BACKLOG_MAX},
	{"sys/net/ipv4/ip_unprivileged_port_start", .number = PORT_PRIVILEGED},
	{"sys/vm/max_map_count", .number = VMA_MAX},
	{"sys/vm/mmap_min_addr", .number = MMAP_MIN_ADDR},
	{"sys/vm/overcommit_memory", .number = 1}, /* memory is promised freely and found on first touch */
	{"sys/vm/swappiness", .number = 0},
};
const u32 proc_sys_count = ARRAY_SIZE(proc_sys_files);
