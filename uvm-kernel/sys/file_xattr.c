/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes. No file system here has any: reading and writing them is EOPNOTSUPP, listing them
 * gives nothing, and bad names, pointers and descriptors are told as on Linux.
 */
#include "../fs/fs.h"

#include <uvm/syscall.h>
#include <uvm/uaccess.h>

static long check_name(u64 uname)
{
	char name[NAME_MAX + 2];
	ssize_t len = strncpy_from_user(name, (const char *)uname, sizeof(name));

	if (len < 0)
		return len == -ENAMETOOLONG ? -ERANGE : len;
	return len ? -EOPNOTSUPP : -ERANGE;
}

/* `answer` for a path that is there. */
static long by_path(u64 upath, u32 lookup, long answer)
{
	struct path p;
	long error = path_lookup_user(AT_FDCWD, upath, lookup, &p);

	if (error)
		return error;
	path_put(&p);
	return answer;
}

static long by_fd(int fd, long answer)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	file_put(f);
	return answer;
}

long sys_getxattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), LOOKUP_FOLLOW, check_name(ARG_U64(1)));
}

long sys_lgetxattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), 0, check_name(ARG_U64(1)));
}

long sys_fgetxattr(const struct sysargs *args)
{
	return by_fd(ARG_INT(0), check_name(ARG_U64(1)));
}

long sys_setxattr(const struct sysargs *args)
{
	return ARG_UINT(4) & ~3u ? -EINVAL : by_path(ARG_U64(0), LOOKUP_FOLLOW, check_name(ARG_U64(1)));
}

long sys_lsetxattr(const struct sysargs *args)
{
	return ARG_UINT(4) & ~3u ? -EINVAL : by_path(ARG_U64(0), 0, check_name(ARG_U64(1)));
}

long sys_fsetxattr(const struct sysargs *args)
{
	return ARG_UINT(4) & ~3u ? -EINVAL : by_fd(ARG_INT(0), check_name(ARG_U64(1)));
}

long sys_removexattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), LOOKUP_FOLLOW, check_name(ARG_U64(1)));
}

long sys_lremovexattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), 0, check_name(ARG_U64(1)));
}

long sys_fremovexattr(const struct sysargs *args)
{
	return by_fd(ARG_INT(0), check_name(ARG_U64(1)));
}

long sys_listxattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), LOOKUP_FOLLOW, 0);
}

long sys_llistxattr(const struct sysargs *args)
{
	return by_path(ARG_U64(0), 0, 0);
}

long sys_flistxattr(const struct sysargs *args)
{
	return by_fd(ARG_INT(0), 0);
}
