/* SPDX-License-Identifier: MIT */
/*
 * Open files: their life, and reading and writing through whatever is behind them.
 */
#include "notify.h"

#define RW_MAX 0x7ffff000ULL /* Linux moves no more in one call */

struct file *file_alloc(int *error)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f) {
		*error = -ENOMEM;
		return NULL;
	}
	f->refs = 1;
	mutex_init(&f->pos_lock);
	list_init(&f->epolls);
	return f;
}

struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}

void file_put(struct file *f)
{
	if (--f->refs)
		return;
	if (!list_empty(&f->epolls))
		epoll_forget_file(f);
	if (f->ops)
		notify_file(f, f->can_write ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	if (f->inode)
		locks_drop_flock(f->inode, f);
	if (f->ops && f->ops->release)
		f->ops->release(f);
	if (f->can_write)
		f->inode->writers--;
	if (f->image)
		f->inode->exec_users--;
	path_put(&f->path);
	if (f->inode)
		inode_put(f->inode);
	kfree(f);
}

void file_set_access(struct file *f, u32 flags)
{
	u32 access = flags & O_ACCMODE;

	f->can_read = access == O_RDONLY || access == O_RDWR;
	f->can_write = access == O_WRONLY || access == O_RDWR;
	if (f->can_write)
		f->inode->writers++;
}

struct file *file_anon(struct inode *inode, const char *name, const struct file_ops *ops, u32 flags,
		       void *private, int *error)
{
	struct dentry *d = dentry_anon(inode, name);
	struct file *f;

	*error = -ENOMEM;
	if (!d)
		return NULL;
	f = file_alloc(error);
	if (!f) {
		dentry_put(d);
		return NULL;
	}
	f->path.dentry = d;
	f->inode = inode_get(inode);
	f->ops = ops;
	f->private = private;
	f->flags = flags & ~O_CLOEXEC;
	file_set_access(f, flags);
	return f;
}

long file_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	long ret;

	if (!f->can_read)
		return -EBADF;
	if (S_ISDIR(f->inode->mode))
		return -EISDIR;
	if (!f->ops->read)
		return -EINVAL;
	to->left = MIN(to->left, RW_MAX);
	ret = f->ops->read(f, to, pos);
	if (ret > 0)
		notify_file(f, IN_ACCESS);
	return ret;
}

long file_write(struct file *f, struct iov_iter *from, u64 *pos)
{
	long ret;

	if (!f->can_write)
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	from->left = MIN(from->left, RW_MAX);
	ret = f->ops->write(f, from, pos);
	if (ret > 0)
		notify_file(f, IN_MODIFY);
	return ret;
}

u32 file_poll(struct file *f, struct poll_table *pt)
{
	if (f->ops->poll)
		return f->ops->poll(f, pt);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

s64 seek_with_end(struct file *f, s64 offset, int whence, u64 end)
{
	enum { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };
	s64 at;

	switch (whence) {
	case SEEK_SET:
		at = offset;
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow((s64)f->pos, offset, &at))
			return -EOVERFLOW;
		break;
	case SEEK_END:
		if (__builtin_add_overflow((s64)end, offset, &at))
			return -EOVERFLOW;
		break;
	case SEEK_DATA: /* all is data, one hole at the end */
	case SEEK_HOLE:
		if (offset < 0 || (u64)offset >= end)
			return -ENXIO;
		at = whence == SEEK_DATA ? offset : (s64)end;
		break;
	default:
		return -EINVAL;
	}
	if (at < 0)
		return -EINVAL;
	f->pos = (u64)at;
	return at;
}

s64 generic_seek(struct file *f, s64 offset, int whence)
{
	if (f->inode->ops->getattr && whence >= 2) {
		int error = f->inode->ops->getattr(f->inode);

		if (error)
			return error;
	}
	return seek_with_end(f, offset, whence, f->inode->size);
}

long write_begin(struct file *f, struct iov_iter *from, u64 *pos)
{
	u64 limit = MIN(rlimit(RLIMIT_FSIZE), (u64)INT64_MAX);

	if (f->flags & O_APPEND)
		*pos = f->inode->size;
	if (!from->left)
		return 0;
	if (*pos >= limit) {
		if (limit < (u64)INT64_MAX)
			signal_task(current, SIGXFSZ);
		return -EFBIG;
	}
	from->left = MIN(from->left, limit - *pos);
	return inode_kill_setid(f->inode);
}
