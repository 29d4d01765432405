/* SPDX-License-Identifier: MIT */
/*
 * Moving bytes from file to file inside the kernel: sendfile, copy_file_range, splice and tee.
 */
#include "../fs/pipe.h"

#define COPY_MAX 0x7ffff000ULL

/* One buffer's worth. The source's position moves by what the target took. */
static long copy_step(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, void *buf, u64 want)
{
	struct iov_iter it;
	u64 from = *in_pos;
	long got, put;

	iter_kernel(&it, buf, want);
	got = file_read(in, &it, &from);
	if (got <= 0)
		return got;
	iter_kernel(&it, buf, (u64)got);
	put = file_write(out, &it, out_pos);
	if (put > 0)
		*in_pos += (u64)put;
	return put;
}

static long copy(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, u64 count, u32 flags)
{
	u64 size = 4 * PAGE_SIZE;
	void *buf __drop_memory = kmalloc(size);
	long done = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	(void)flags;
	count = MIN(count, COPY_MAX);
	while ((u64)done < count) {
		u64 want = MIN(count - (u64)done, size);

		n = copy_step(in, in_pos, out, out_pos, buf, want);
		if (n <= 0)
			break;
		done += n;
		sched_point();
		if (signal_pending())
			break;
	}
	return done ? done : n;
}

/* A position that lies in user memory, or the file's own. */
static long load_pos(struct file *f, u64 upos, u64 *pos)
{
	*pos = f->pos;
	if (!upos)
		return 0;
	if (!f->ops->seek)
		return -ESPIPE;
	if (get_user(*pos, upos))
		return -EFAULT;
	return (s64)*pos < 0 ? -EINVAL : 0;
}

static long store_pos(struct file *f, u64 upos, u64 pos)
{
	if (upos)
		return put_user(pos, upos);
	if (!f->ops->stream)
		f->pos = pos;
	return 0;
}

static long copy_between(int in_fd, u64 in_upos, int out_fd, u64 out_upos, u64 count,
			 long (*check)(struct file *in, struct file *out),
			 long (*move)(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, u64 count,
				      u32 flags),
			 u32 flags)
{
	struct file *in __drop_file = fd_file(in_fd), *out __drop_file = fd_file(out_fd);
	u64 in_pos, out_pos;
	long ret, error;

	if (!in || !out || !in->can_read || !out->can_write)
		return -EBADF;
	ret = check(in, out);
	if (!ret)
		ret = load_pos(in, in_upos, &in_pos);
	if (!ret)
		ret = load_pos(out, out_upos, &out_pos);
	if (!ret)
		ret = move(in, &in_pos, out, &out_pos, count, flags);
	if (ret < 0)
		return ret;
	error = store_pos(in, in_upos, in_pos);
	if (!error)
		error = store_pos(out, out_upos, out_pos);
	return error ? error : ret;
}

/* As on Linux: the source must be something with pages or at least a position. */
static long check_sendfile(struct file *in, struct file *out)
{
	if (!in->ops->seek || S_ISDIR(in->inode->mode) || (out->flags & O_APPEND))
		return -EINVAL;
	return 0;
}

long sys_sendfile(const struct sysargs *args)
{
	struct file *in __drop_file = ARG_U64(2) ? fd_file(ARG_INT(1)) : NULL;

	if (in && !in->ops->seek)
		return -ESPIPE;
	return copy_between(ARG_INT(1), ARG_U64(2), ARG_INT(0), 0, ARG_U64(3), check_sendfile, copy, 0);
}

static long check_range(struct file *in, struct file *out)
{
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EBADF;
	return 0;
}

long sys_copy_file_range(const struct sysargs *args)
{
	if (ARG_UINT(5))
		return -EINVAL;
	return copy_between(ARG_INT(0), ARG_U64(1), ARG_INT(2), ARG_U64(3), ARG_U64(4), check_range, copy, 0);
}

enum { SPLICE_F_NONBLOCK = 2, SPLICE_F_KNOWN = 15, TEE = 16 };

static long check_splice(struct file *in, struct file *out)
{
	if (!is_pipe(in) && !is_pipe(out))
		return -EINVAL;
	return in->inode == out->inode || out->flags & O_APPEND || S_ISDIR(in->inode->mode) ? -EINVAL : 0;
}

static long check_tee(struct file *in, struct file *out)
{
	return is_pipe(in) && is_pipe(out) ? check_splice(in, out) : -EINVAL;
}

/* Waits for the first bytes only; then moves what goes without. */
static long splice(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, u64 count, u32 flags)
{
	void *buf __drop_memory = kmalloc(PAGE_SIZE);
	u64 done = 0;
	long n = buf ? 0 : -ENOMEM;

	while (!n && done < count) {
		bool nonblock = flags & SPLICE_F_NONBLOCK || done;

		if (done && !is_pipe(in) && !S_ISREG(in->inode->mode))
			break;
		n = is_pipe(in) ? pipe_wait(in, false, nonblock) : 1;
		if (n > 0 && is_pipe(out))
			n = pipe_wait(out, true, nonblock);
		if (n <= 0)
			break;
		n = pipe_step(in, in_pos, out, out_pos, buf, count - done, flags & TEE ? &done : NULL);
		if (!n && !done && is_pipe(in))
			continue; /* another reader or writer was faster */
		if (n <= 0)
			break;
		done += (u64)n;
		n = signal_pending();
	}
	return done ? (long)done : n;
}

long sys_splice(const struct sysargs *args)
{
	if (ARG_UINT(5) & ~(u32)SPLICE_F_KNOWN)
		return -EINVAL;
	return copy_between(ARG_INT(0), ARG_U64(1), ARG_INT(2), ARG_U64(3), MIN(ARG_U64(4), COPY_MAX),
			    check_splice, splice, ARG_UINT(5));
}

long sys_tee(const struct sysargs *args)
{
	if (ARG_UINT(3) & ~(u32)SPLICE_F_KNOWN)
		return -EINVAL;
	return copy_between(ARG_INT(0), 0, ARG_INT(1), 0, MIN(ARG_U64(2), COPY_MAX), check_tee, splice,
			    ARG_UINT(3) | TEE);
}
