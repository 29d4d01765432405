/* SPDX-License-Identifier: MIT */
/*
 * pipe and pipe2.
 */
#include "../fs/pipe.h"

static long install_pair(struct file *ends[2], bool cloexec, u64 ufds)
{
	int fds[2];

	fds[0] = fd_install(ends[0], cloexec);
	if (fds[0] < 0) {
		file_put(ends[0]);
		file_put(ends[1]);
		return fds[0];
	}
	fds[1] = fd_install(ends[1], cloexec);
	if (fds[1] < 0) {
		fd_close(fds[0]);
		file_put(ends[1]);
		return fds[1];
	}
	if (copy_to_user((void *)ufds, fds, sizeof(fds))) {
		fd_close(fds[0]);
		fd_close(fds[1]);
		return -EFAULT;
	}
	return 0;
}

long sys_pipe2(const struct sysargs *args)
{
	struct file *ends[2];
	u32 flags = ARG_UINT(1);
	long ret;

	/* O_DIRECT (packet mode) is not offered. */
	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	ret = pipe_make(flags & O_NONBLOCK, ends);
	return ret ? ret : install_pair(ends, flags & O_CLOEXEC, ARG_U64(0));
}
