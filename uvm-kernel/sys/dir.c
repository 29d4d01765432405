/* SPDX-License-Identifier: MIT */
/*
 * System calls on names: making, removing, renaming, linking. Each fetches its strings and calls dirops.c.
 */
#include "../fs/dirops.h"
#include "../fs/fs.h"

#include <uvm/page.h>
#include <uvm/syscall.h>
#include <uvm/task.h>

static long with_name(int dfd, u64 uname, int (*op)(int dfd, const char *name))
{
	int error;
	char *name = path_from_user(uname, &error);

	if (!name)
		return error;
	error = op(dfd, name);
	kfree(name);
	return error;
}

static long mkdir_at(int dfd, u64 uname, u32 mode)
{
	int error;
	char *name = path_from_user(uname, &error);

	if (!name)
		return error;
	error = do_mkdirat(dfd, name, mode);
	kfree(name);
	return error;
}

long sys_mkdir(const struct sysargs *args)
{
	return mkdir_at(AT_FDCWD, ARG_U64(0), ARG_UINT(1));
}

long sys_mkdirat(const struct sysargs *args)
{
	return mkdir_at(ARG_INT(0), ARG_U64(1), ARG_UINT(2));
}

static long mknod_at(int dfd, u64 uname, u32 mode, u32 dev)
{
	int error;
	char *name = path_from_user(uname, &error);

	if (!name)
		return error;
	error = do_mknodat(dfd, name, mode, dev);
	kfree(name);
	return error;
}

long sys_mknod(const struct sysargs *args)
{
	return mknod_at(AT_FDCWD, ARG_U64(0), ARG_UINT(1), ARG_UINT(2));
}

long sys_mknodat(const struct sysargs *args)
{
	return mknod_at(ARG_INT(0), ARG_U64(1), ARG_UINT(2), ARG_UINT(3));
}

long sys_rmdir(const struct sysargs *args)
{
	return with_name(AT_FDCWD, ARG_U64(0), do_rmdirat);
}

long sys_unlink(const struct sysargs *args)
{
	return with_name(AT_FDCWD, ARG_U64(0), do_unlinkat);
}

long sys_unlinkat(const struct sysargs *args)
{
	if (ARG_UINT(2) & ~(u32)AT_REMOVEDIR)
		return -EINVAL;
	return with_name(ARG_INT(0), ARG_U64(1), ARG_UINT(2) ? do_rmdirat : do_unlinkat);
}

/* Two strings, both freed by the caller; NULL and *error. */
static char *two_names(u64 ua, u64 ub, char **b, int *error)
{
	char *a = path_from_user(ua, error);

	if (!a)
		return NULL;
	*b = path_from_user(ub, error);
	if (*b)
		return a;
	kfree(a);
	return NULL;
}

static long symlink_at(u64 utarget, int dfd, u64 uname)
{
	char *name, *target;
	int error;

	target = two_names(utarget, uname, &name, &error);
	if (!target)
		return error;
	error = do_symlinkat(target, dfd, name);
	kfree(target);
	kfree(name);
	return error;
}

long sys_symlink(const struct sysargs *args)
{
	return symlink_at(ARG_U64(0), AT_FDCWD, ARG_U64(1));
}

long sys_symlinkat(const struct sysargs *args)
{
	return symlink_at(ARG_U64(0), ARG_INT(1), ARG_U64(2));
}

static long link_at(int old_dfd, u64 uold, int new_dfd, u64 unew, u32 flags)
{
	char *old, *new;
	int error;

	old = two_names(uold, unew, &new, &error);
	if (!old)
		return error;
	error = do_linkat(old_dfd, old, new_dfd, new, flags);
	kfree(old);
	kfree(new);
	return error;
}

long sys_link(const struct sysargs *args)
{
	return link_at(AT_FDCWD, ARG_U64(0), AT_FDCWD, ARG_U64(1), 0);
}

long sys_linkat(const struct sysargs *args)
{
	return link_at(ARG_INT(0), ARG_U64(1), ARG_INT(2), ARG_U64(3), ARG_UINT(4));
}

static long rename_at(int old_dfd, u64 uold, int new_dfd, u64 unew, u32 flags)
{
	char *old, *new;
	int error;

	old = two_names(uold, unew, &new, &error);
	if (!old)
		return error;
	error = do_renameat(old_dfd, old, new_dfd, new, flags);
	kfree(old);
	kfree(new);
	return error;
}

long sys_rename(const struct sysargs *args)
{
	return rename_at(AT_FDCWD, ARG_U64(0), AT_FDCWD, ARG_U64(1), 0);
}

long sys_renameat(const struct sysargs *args)
{
	return rename_at(ARG_INT(0), ARG_U64(1), ARG_INT(2), ARG_U64(3), 0);
}

long sys_renameat2(const struct sysargs *args)
{
	return rename_at(ARG_INT(0), ARG_U64(1), ARG_INT(2), ARG_U64(3), ARG_UINT(4));
}
