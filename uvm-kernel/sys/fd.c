/* SPDX-License-Identifier: MIT */
/*
 * System calls on descriptors themselves: close, dup, fcntl, flock.
 */
#include "../fs/pipe.h"

enum { F_DUPFD = 0, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_SETOWN };
enum { F_GETOWN = 9, F_SETSIG, F_GETSIG, F_OFD_GETLK = 36, F_OFD_SETLK, F_OFD_SETLKW };
enum { F_DUPFD_CLOEXEC = 1030, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS };

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME)

long sys_close(const struct sysargs *args)
{
	return fd_close(ARG_INT(0));
}

long sys_dup(const struct sysargs *args)
{
	return fd_give(fd_file_path(ARG_INT(0)), false, -EBADF);
}

static long dup_to(int old, int new, bool cloexec)
{
	struct file *f = fd_file_path(old);
	int fd;

	if (!f)
		return -EBADF;
	fd = fd_install_at(f, cloexec, new);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_dup2(const struct sysargs *args)
{
	int old = ARG_INT(0), new = ARG_INT(1);
	struct file *f __drop_file = fd_file_path(old);

	if (old != new)
		return dup_to(old, new, false);
	return f ? new : -EBADF;
}

long sys_dup3(const struct sysargs *args)
{
	if (ARG_UINT(2) & ~O_CLOEXEC || ARG_INT(0) == ARG_INT(1))
		return -EINVAL;
	return dup_to(ARG_INT(0), ARG_INT(1), ARG_UINT(2) & O_CLOEXEC);
}

static long dup_from(struct file *f, u64 min, bool cloexec)
{
	int fd;

	if (min >= MIN(rlimit(RLIMIT_NOFILE), (u64)FD_MAX))
		return -EINVAL;
	fd = fd_install_from(file_get(f), cloexec, (int)min);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long set_flags(int fd, struct file *f, u32 flags)
{
	int error = 0;

	if ((flags & O_NOATIME) && !(f->flags & O_NOATIME) && !inode_owner_or_capable(f->inode))
		return -EPERM;
	if ((flags ^ f->flags) & O_ASYNC)
		error = owner_watch(fd, f, flags & O_ASYNC);
	if (error && error != -ENOTTY) /* files that tell nobody keep the flag all the same */
		return error;
	f->flags = (f->flags & ~SETFL_MASK) | (flags & SETFL_MASK);
	return 0;
}

static long add_seals(struct file *f, u32 seals)
{
	struct inode *inode = f->inode;

	if (!inode->sealable)
		return -EINVAL;
	if (!f->can_write || (inode->seals & SEAL_SEAL))
		return -EPERM;
	if (seals & ~(SEAL_SEAL | SEAL_SHRINK | SEAL_GROW | SEAL_WRITE))
		return -EINVAL;
	if ((seals & SEAL_WRITE) && !list_empty(&inode->mapping.vmas))
		return -EBUSY;
	inode->seals |= seals;
	return 0;
}

static long do_fcntl(int fd, struct file *f, u32 cmd, u64 arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return dup_from(f, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_get_cloexec(fd);
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags;
	default:
		break;
	}
	if (f->flags & O_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		return set_flags(fd, f, (u32)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return locks_fcntl(f, cmd, arg);
	case F_SETOWN:
		return owner_set(f, (int)arg);
	case F_GETOWN:
		return owner_get(f);
	case F_SETSIG:
		if (arg > NSIG)
			return -EINVAL;
		f->owner_signal = (int)arg;
		return 0;
	case F_GETSIG:
		return f->owner_signal;
	case F_SETPIPE_SZ:
		return pipe_set_size(f, (u32)arg);
	case F_GETPIPE_SZ:
		return pipe_get_size(f);
	case F_ADD_SEALS:
		return add_seals(f, (u32)arg);
	case F_GET_SEALS:
		return f->inode->sealable ? (long)f->inode->seals : -EINVAL;
	default:
		return -EINVAL;
	}
}

long sys_fcntl(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file_path(ARG_INT(0));

	return f ? do_fcntl(ARG_INT(0), f, ARG_UINT(1), ARG_U64(2)) : -EBADF;
}

long sys_flock(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	return f ? locks_flock(f, ARG_UINT(1)) : -EBADF;
}

long sys_close_range(const struct sysargs *args)
{
	enum { UNSHARE = 2, CLOEXEC = 4 };
	u32 first = ARG_UINT(0), last = ARG_UINT(1), flags = ARG_UINT(2);
	int fd;

	if (flags & ~(u32)(UNSHARE | CLOEXEC) || first > last)
		return -EINVAL;
	if ((flags & UNSHARE) && files_unshare())
		return -ENOMEM;
	if (first > FD_MAX)
		return 0;
	for (fd = (int)first; (fd = files_next(current->files, fd)) >= 0 && (u32)fd <= last; fd++) {
		if (flags & CLOEXEC)
			fd_set_cloexec(fd, true);
		else
			fd_close(fd);
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
	return ret ? ret : fd_give_two(ends, flags & O_CLOEXEC, ARG_U64(0));
}
