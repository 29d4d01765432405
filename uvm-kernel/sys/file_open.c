/* SPDX-License-Identifier: MIT */
/*
 * open and its relatives, umask, and memfd_create.
 */
#include "../fs/fs.h"
#include "../fs/tmpfs.h"

#include <uvm/page.h>
#include <uvm/printk.h>
#include <uvm/syscall.h>
#include <uvm/task.h>
#include <uvm/uaccess.h>

#define OPEN_FLAGS                                                                                      \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | \
	 O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)

static long do_open(int dfd, u64 uname, u32 flags, u32 mode)
{
	int error, fd;
	char *name = path_from_user(uname, &error);
	struct file *f;

	if (!name)
		return error;
	f = file_open(dfd, name, flags & OPEN_FLAGS, mode, &error);
	kfree(name);
	if (!f)
		return error;
	fd = fd_install(f, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_open(const struct sysargs *args)
{
	return do_open(AT_FDCWD, ARG_U64(0), ARG_UINT(1), ARG_UINT(2));
}

long sys_openat(const struct sysargs *args)
{
	return do_open(ARG_INT(0), ARG_U64(1), ARG_UINT(2), ARG_UINT(3));
}

long sys_creat(const struct sysargs *args)
{
	return do_open(AT_FDCWD, ARG_U64(0), O_CREAT | O_WRONLY | O_TRUNC, ARG_UINT(1));
}

long sys_umask(const struct sysargs *args)
{
	u32 old = current->fs->umask;

	current->fs->umask = ARG_UINT(0) & 0777;
	return old;
}

long sys_memfd_create(const struct sysargs *args)
{
	enum { CLOEXEC = 1, ALLOW_SEALING = 2 };
	char name[250], shown[256];
	u32 flags = ARG_UINT(1);
	struct file *f;
	ssize_t len;
	int fd;

	if (flags & ~(u32)(CLOEXEC | ALLOW_SEALING))
		return -EINVAL;
	len = strncpy_from_user(name, ARG_PTR(0), sizeof(name));
	if (len < 0)
		return len == -ENAMETOOLONG ? -EINVAL : len;
	scnprintf(shown, sizeof(shown), "memfd:%s", name);
	f = shmem_file_sealable(0, shown, O_RDWR | O_LARGEFILE, flags & ALLOW_SEALING);
	if (!f)
		return -ENOMEM;
	fd = fd_install(f, flags & CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}
