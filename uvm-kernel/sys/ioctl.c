/* SPDX-License-Identifier: MIT */
/*
 * ioctl: what is true of every file; the rest is the file's own. Unknown commands are ENOTTY, on which
 * isatty() and many others rely.
 */
#include "../fs/fs.h"

#include <uvm/ioctl.h>

static long set_flag(struct file *f, int fd, u32 flag, u64 uarg)
{
	s32 on;

	if (get_user(on, uarg))
		return -EFAULT;
	if (!on == !(f->flags & flag))
		return 0;
	if (flag == O_ASYNC)
		return owner_watch(fd, f, on);
	f->flags ^= flag;
	return 0;
}

static long readable_bytes(struct file *f, u64 uarg)
{
	s64 left = (s64)(f->inode->size - f->pos);

	return put_user((s32)MIN(left, (s64)INT32_MAX), uarg);
}

static long do_ioctl(struct file *f, int fd, u32 cmd, u64 arg)
{
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		return fd_set_cloexec(fd, cmd == FIOCLEX);
	case FIONBIO:
		return set_flag(f, fd, O_NONBLOCK, arg);
	case FIOASYNC:
		return set_flag(f, fd, O_ASYNC, arg);
	case FIOQSIZE:
		if (!S_ISREG(f->inode->mode) && !S_ISDIR(f->inode->mode))
			return -ENOTTY;
		return put_user((s64)f->inode->size, arg);
	case FS_IOC_FIEMAP:
	case FICLONE:
		if (S_ISREG(f->inode->mode))
			return -EOPNOTSUPP;
		break;
	case FIONREAD:
		if (S_ISREG(f->inode->mode))
			return readable_bytes(f, arg);
		break;
	default:
		break;
	}
	return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}

long sys_ioctl(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	return f ? do_ioctl(f, ARG_INT(0), ARG_UINT(1), ARG_U64(2)) : -EBADF;
}
