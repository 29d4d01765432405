/* SPDX-License-Identifier: MIT */
/*
 * eventfd and eventfd2.
 */
#include "../fs/eventfd.h"

#include <uvm/syscall.h>

enum { EFD_SEMAPHORE = 1 };

static long create(u32 count, u32 flags)
{
	struct file *f;
	int error, fd;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	f = eventfd_new(count, flags & EFD_SEMAPHORE, flags & O_NONBLOCK, &error);
	if (!f)
		return error;
	fd = fd_install(f, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_eventfd(const struct sysargs *args)
{
	return create(ARG_UINT(0), 0);
}

long sys_eventfd2(const struct sysargs *args)
{
	return create(ARG_UINT(0), ARG_UINT(1));
}
