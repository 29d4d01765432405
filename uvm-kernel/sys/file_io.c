/* SPDX-License-Identifier: MIT */
/*
 * read, write and their relatives: from descriptor and user memory to file_read and file_write.
 */
#include "../fs/pipe.h"

#define IOV_MAX 1024u
#define IOV_ON_STACK 8u

typedef long (*transfer_fn)(struct file *f, struct iov_iter *it, u64 *pos);

/* At the file's own position. Files whose position matters and that others hold too take turns. */
static long at_file_pos(struct file *f, struct iov_iter *it, transfer_fn move)
{
	bool turn = f->ops && !f->ops->stream && f->refs > 2;
	u64 pos;
	long ret;

	if (turn)
		mutex_lock(&f->pos_lock);
	pos = f->pos;
	ret = move(f, it, &pos);
	if (ret >= 0 && f->ops && !f->ops->stream)
		f->pos = pos;
	if (turn)
		mutex_unlock(&f->pos_lock);
	return ret;
}

static long transfer(int fd, struct iov_iter *it, const s64 *at, transfer_fn move)
{
	struct file *f __drop_file = fd_file(fd);
	u64 pos;

	if (!f)
		return -EBADF;
	if (!at)
		return at_file_pos(f, it, move);
	if (*at < 0)
		return -EINVAL;
	if (f->ops->stream || (!f->ops->seek && !S_ISDIR(f->inode->mode)))
		return -ESPIPE;
	pos = (u64)*at;
	return move(f, it, &pos);
}

static long plain(const struct sysargs *args, const s64 *at, transfer_fn move)
{
	struct iov_iter it;

	if (!access_ok(ARG_PTR(1), ARG_U64(2)))
		return -EFAULT;
	iter_user(&it, ARG_U64(1), ARG_U64(2));
	return transfer(ARG_INT(0), &it, at, move);
}

static long vectored(const struct sysargs *args, const s64 *at, transfer_fn move)
{
	u64 count = ARG_U64(2);
	struct iovec few[IOV_ON_STACK], *vec = few;
	struct iov_iter it;
	long ret;

	if (count > IOV_MAX)
		return -EINVAL;
	if (count > IOV_ON_STACK)
		vec = kmalloc(count * sizeof(*vec));
	if (!vec)
		return -ENOMEM;
	ret = copy_from_user(vec, ARG_PTR(1), count * sizeof(*vec));
	if (!ret)
		ret = iovec_check(vec, (u32)count);
	if (!ret) {
		iter_vec(&it, vec, (u32)count);
		ret = transfer(ARG_INT(0), &it, at, move);
	}
	if (vec != few)
		kfree(vec);
	return ret;
}

enum { RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4 };

/* At -1 the file's own position; a write may have to be on disk before it returns. */
static long vectored2(const struct sysargs *args, transfer_fn move)
{
	u32 flags = ARG_UINT(5);
	struct file *f __drop_file = flags & (RWF_DSYNC | RWF_SYNC) ? fd_file(ARG_INT(0)) : NULL;
	long ret, error = 0;

	if (flags & ~(u32)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC))
		return -EOPNOTSUPP;
	ret = vectored(args, ARG_LONG(3) == -1 ? NULL : (const s64 *)&ARG_U64(3), move);
	if (ret > 0 && f && move == file_write && f->ops->fsync)
		error = f->ops->fsync(f, !(flags & RWF_SYNC));
	return error ? error : ret;
}

/* Of each way to name memory there are two: at the file's position, and at the fourth argument. */
#define TRANSFER(name, how, move, ...)                 \
	long sys_##name(const struct sysargs *args)    \
	{                                              \
		return how(args, ##__VA_ARGS__, move); \
	}
#define HERE NULL
#define THERE (const s64 *)&ARG_U64(3)

TRANSFER(read, plain, file_read, HERE)
TRANSFER(write, plain, file_write, HERE)
TRANSFER(readv, vectored, file_read, HERE)
TRANSFER(writev, vectored, file_write, HERE)
TRANSFER(pread64, plain, file_read, THERE)
TRANSFER(pwrite64, plain, file_write, THERE)
TRANSFER(preadv, vectored, file_read, THERE)
TRANSFER(pwritev, vectored, file_write, THERE)
TRANSFER(preadv2, vectored2, file_read)
TRANSFER(pwritev2, vectored2, file_write)

/* Pages are copied, never given: a write for one end, a read for the other. */
long sys_vmsplice(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (ARG_UINT(3) & ~15u)
		return -EINVAL;
	if (!f || !is_pipe(f))
		return -EBADF;
	return vectored(args, NULL, f->can_write ? file_write : file_read);
}

long sys_lseek(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));
	s64 ret;

	if (!f)
		return -EBADF;
	if (ARG_UINT(2) > 4)
		return -EINVAL;
	if (!f->ops->seek)
		return -ESPIPE;
	mutex_lock(&f->pos_lock);
	ret = f->ops->seek(f, ARG_LONG(1), ARG_INT(2));
	mutex_unlock(&f->pos_lock);
	return ret;
}
