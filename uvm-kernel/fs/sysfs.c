/* SPDX-License-Identifier: MIT */
/*
 * A minimal /sys: the processors, and the directories programs expect to find.
 */
#include "proc.h"

#include <uvm/cpu.h>

/* "0" or "0-3" */
static void show_cpus(struct text *t)
{
	if (cpu_count > 1)
		text_printf(t, "0-%u\n", cpu_count - 1);
	else
		text_printf(t, "0\n");
}

static void show_no_cpus(struct text *t)
{
	text_printf(t, "\n");
}

static void show_nodes(struct text *t)
{
	text_printf(t, "0\n");
}

static void show_thp(struct text *t)
{
	text_printf(t, "always madvise [never]\n");
}

static void show_clocksource(struct text *t)
{
	text_printf(t, "tsc\n");
}

static const struct text_file files[] = {
	{"devices/system/clocksource/clocksource0/available_clocksource", show_clocksource, 0},
	{"devices/system/clocksource/clocksource0/current_clocksource", show_clocksource, 0},
	{"devices/system/cpu/offline", show_no_cpus, 0},
	{"devices/system/cpu/online", show_cpus, 0},
	{"devices/system/cpu/possible", show_cpus, 0},
	{"devices/system/cpu/present", show_cpus, 0},
	{"devices/system/node/node0/cpulist", show_cpus, 0},
	{"devices/system/node/online", show_nodes, 0},
	{"kernel/mm/transparent_hugepage/enabled", show_thp, 0},
};

static const char *const dirs[] = {"block", "bus", "class", "dev", "firmware", "fs/cgroup", "module"};

struct superblock *sysfs_mount(int *error)
{
	struct superblock *sb = text_tree_make("sysfs", SYSFS_MAGIC, error);

	if (!sb)
		return NULL;
	*error = text_tree_add(sb, files, ARRAY_SIZE(files));
	for (u32 i = 0; i < ARRAY_SIZE(dirs) && !*error; i++)
		*error = text_tree_dir(sb, dirs[i]);
	return *error ? NULL : sb;
}
