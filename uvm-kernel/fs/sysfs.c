/* SPDX-License-Identifier: MIT */
/*
 * A minimal /sys: the processors, and the directories programs expect to find.
 */
#include "proc.h"

/* "0" or "0-3" */
void sysfs_show_cpus(struct text *t)
{
	if (cpu_count > 1)
		text_printf(t, "0-%u\n", cpu_count - 1);
	else
		text_printf(t, "0\n");
}

static void show_cpu_mask(struct text *t)
{
	text_printf(t, "%lx\n", cpu_count >= 64 ? ~0UL : (1UL << cpu_count) - 1);
}

/* All memory is near all processors. */
static void show_node(struct text *t)
{
	struct page_stats s;

	page_get_stats(&s);
	text_printf(t, "Node 0 MemTotal: %14lu kB\nNode 0 MemFree: %15lu kB\nNode 0 MemUsed: %15lu kB\n",
		    s.managed * 4, s.free * 4, (s.managed - s.free) * 4);
}

static const struct text_file files[] = {
	{.path = "block/"},
	{.path = "bus/"},
	{.path = "class/"},
	{.path = "dev/"},
	{"devices/system/clocksource/clocksource0/available_clocksource", .text = "tsc"},
	{"devices/system/clocksource/clocksource0/current_clocksource", .text = "tsc"},
	{"devices/system/cpu/offline", .text = ""},
	{"devices/system/cpu/online", .show = sysfs_show_cpus},
	{"devices/system/cpu/possible", .show = sysfs_show_cpus},
	{"devices/system/cpu/present", .show = sysfs_show_cpus},
	{"devices/system/node/node0/cpulist", .show = sysfs_show_cpus},
	{"devices/system/node/node0/cpumap", .show = show_cpu_mask},
	{"devices/system/node/node0/meminfo", .show = show_node},
	{"devices/system/node/online", .text = "0"},
	{.path = "firmware/"},
	{.path = "fs/cgroup/"},
	{.path = "kernel/mm/hugepages/"},
	{"kernel/mm/transparent_hugepage/enabled", .text = "always madvise [never]"},
	{"kernel/mm/transparent_hugepage/hpage_pmd_size", .number = 2 << 20},
	{.path = "module/"},
};

struct superblock *sysfs_mount(int *error)
{
	struct superblock *sb = text_tree_make("sysfs", SYSFS_MAGIC, error);
	char path[40];

	if (sb)
		*error = text_tree_add(sb, files, ARRAY_SIZE(files));
	for (u32 i = 0; i < cpu_count && !*error; i++) {
		snprintf(path, sizeof(path), "devices/system/cpu/cpu%u/", i);
		*error = text_tree_add(sb, &(struct text_file){.path = path}, 1);
	}
	return *error ? NULL : sb;
}
