/* SPDX-License-Identifier: MIT */
/*
 * System calls on names: making, removing, renaming, linking. Each fetches its strings and calls dirops.c.
 */
#include "../fs/dirops.h"
#include "../fs/fs.h"

long sys_mkdirat(const struct sysargs *args)
{
	int error;
	char *name __drop_memory = path_from_user(ARG_U64(1), &error);

	return name ? do_mkdirat(ARG_INT(0), name, ARG_UINT(2)) : error;
}

long sys_mknodat(const struct sysargs *args)
{
	int error;
	char *name __drop_memory = path_from_user(ARG_U64(1), &error);

	return name ? do_mknodat(ARG_INT(0), name, ARG_UINT(2), ARG_UINT(3)) : error;
}

long sys_unlinkat(const struct sysargs *args)
{
	u32 flags = ARG_UINT(2);
	int error = -EINVAL;
	char *name __drop_memory = flags & ~(u32)AT_REMOVEDIR ? NULL : path_from_user(ARG_U64(1), &error);

	if (!name)
		return error;
	return do_unlinkat(ARG_INT(0), name, flags);
}

long sys_symlinkat(const struct sysargs *args)
{
	int error;
	char *target __drop_memory = path_from_user(ARG_U64(0), &error);
	char *name __drop_memory = target ? path_from_user(ARG_U64(2), &error) : NULL;

	return name ? do_symlinkat(target, ARG_INT(1), name) : error;
}

long sys_linkat(const struct sysargs *args)
{
	int error;
	char *old __drop_memory = path_from_user(ARG_U64(1), &error);
	char *new __drop_memory = old ? path_from_user(ARG_U64(3), &error) : NULL;

	return new ? do_linkat(ARG_INT(0), old, ARG_INT(2), new, ARG_UINT(4)) : error;
}

long sys_renameat2(const struct sysargs *args)
{
	int error;
	char *old __drop_memory = path_from_user(ARG_U64(1), &error);
	char *new __drop_memory = old ? path_from_user(ARG_U64(3), &error) : NULL;

	return new ? do_renameat(ARG_INT(0), old, ARG_INT(2), new, ARG_UINT(4)) : error;
}
