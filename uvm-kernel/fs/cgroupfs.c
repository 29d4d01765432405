/* SPDX-License-Identifier: MIT */
/*
 * The container's cgroup as version 2 shows it to those inside: what runtimes read to learn how much memory,
 * processor time and processes they have. The limits are the worker's to keep; here nothing can be set.
 */
#include "proc.h"
#include "tmpfs.h"

#define CGROUP2_MAGIC 0x63677270

/* 0: there is none. */
static void limit(struct text *t, u32 n)
{
	if (n)
		text_printf(t, "%u", n);
	else
		text_printf(t, "max");
}

static void show_memory_current(struct text *t)
{
	struct page_stats s;

	page_get_stats(&s);
	text_printf(t, "%lu\n", (s.total - s.free) * PAGE_SIZE);
}

static void show_memory_max(struct text *t)
{
	text_printf(t, "%lu\n", boot->ram_size);
}

static void show_memory_stat(struct text *t)
{
	struct page_stats s;

	page_get_stats(&s);
	text_printf(t, "anon %lu\nfile %lu\nslab %lu\nshmem %lu\n", s.anon * PAGE_SIZE,
		    pagecache_total_pages() * PAGE_SIZE, s.slab * PAGE_SIZE, tmpfs_total_pages() * PAGE_SIZE);
}

static void show_cpu_max(struct text *t)
{
	limit(t, boot->cpu_quota);
	text_printf(t, " %u\n", boot->cpu_period);
}

static void show_cpu_stat(struct text *t)
{
	u64 user, system, idle;

	cpu_time_total(&user, &system, &idle);
	text_printf(t, "usage_usec %lu\nuser_usec %lu\nsystem_usec %lu\n", (user + system) / NSEC_PER_USEC,
		    user / NSEC_PER_USEC, system / NSEC_PER_USEC);
}

static void show_pids_max(struct text *t)
{
	limit(t, boot->pids_max);
	text_printf(t, "\n");
}

static void show_pids_current(struct text *t)
{
	text_printf(t, "%u\n", process_count());
}

static void show_procs(struct text *t)
{
	struct process *p;

	list_for_each(p, &process_list, all) text_printf(t, "%d\n", p->pid);
}

static const struct text_file files[] = {
	{"cgroup.controllers", .text = "cpuset cpu memory pids"},
	{"cgroup.events", .text = "populated 1\nfrozen 0"},
	{"cgroup.procs", .show = show_procs},
	{"cgroup.subtree_control", .text = ""},
	{"cgroup.type", .text = "domain"},
	{"cpu.max", .show = show_cpu_max},
	{"cpu.stat", .show = show_cpu_stat},
	{"cpuset.cpus.effective", .show = sysfs_show_cpus},
	{"cpuset.mems.effective", .number = 0},
	{"memory.current", .show = show_memory_current},
	{"memory.high", .text = "max"},
	{"memory.max", .show = show_memory_max},
	{"memory.stat", .show = show_memory_stat},
	{"memory.swap.current", .number = 0},
	{"memory.swap.max", .number = 0},
	{"pids.current", .show = show_pids_current},
	{"pids.max", .show = show_pids_max},
};

struct superblock *cgroup_mount(int *error)
{
	struct superblock *sb = text_tree_make("cgroup2", CGROUP2_MAGIC, error);

	if (sb)
		*error = text_tree_add(sb, files, ARRAY_SIZE(files));
	return *error ? NULL : sb;
}
