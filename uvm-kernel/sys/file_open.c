/* SPDX-License-Identifier: MIT */
/*
 * open and its relatives, umask, and memfd_create.
 */
#include "../fs/tmpfs.h"

#define OPEN_FLAGS                                                                                      \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | \
	 O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)

long sys_openat(const struct sysargs *args)
{
	u32 flags = ARG_UINT(2);
	int error;
	char *name __drop_memory = path_from_user(ARG_U64(1), &error);
	struct file *f;

	if (!name)
		return error;
	f = file_open(ARG_INT(0), name, flags & OPEN_FLAGS, ARG_UINT(3), &error);
	return fd_give(f, flags & O_CLOEXEC, error);
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
	ssize_t len;

	if (flags & ~(u32)(CLOEXEC | ALLOW_SEALING))
		return -EINVAL;
	len = strncpy_from_user(name, ARG_PTR(0), sizeof(name));
	if (len < 0)
		return len == -ENAMETOOLONG ? -EINVAL : len;
	scnprintf(shown, sizeof(shown), "memfd:%s", name);
	return fd_give(shmem_file_sealable(0, shown, O_RDWR | O_LARGEFILE, flags & ALLOW_SEALING),
		       flags & CLOEXEC, -ENOMEM);
}
