/* SPDX-License-Identifier: MIT */
/*
 * A minimal /sys: the processors, and the directories programs expect to find.
 */
#include "proc.h"

/* "0" or "0-3" */
static void show_cpus(struct text *t)
{
	if (cpu_count > 1)
		text_printf(t, "0-%u\n", cpu_count - 1);
	else
		text_printf(t, "0\n");
}

static const struct text_file files[] = {
	{"devices/system/clocksource/clocksource0/available_clocksource", .text = "tsc"},
	{"devices/system/clocksource/clocksource0/current_clocksource", .text = "tsc"},
	{"devices/system/cpu/offline", .text = ""},
	{"devices/system/cpu/online", .show = show_cpus},
	{"devices/system/cpu/possible", .show = show_cpus},
	{"devices/system/cpu/present", .show = show_cpus},
	{"devices/system/node/node0/cpulist", .show = show_cpus},
	{"devices/system/node/online", .text = "0"},
	{"kernel/mm/transparent_hugepage/enabled", .text = "always madvise [never]"},
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
