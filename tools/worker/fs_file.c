/* SPDX-License-Identifier: MIT */
/*
 * fs_file.c: open regular files. Data moves between host files and guest memory directly, by preadv and
 * pwritev on the request's buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "fs_request.h"

/* What the guest may ask of an open. Cache bypassing and asynchronous I/O are its own matter. */
#define OPEN_FLAGS (O_ACCMODE | O_APPEND | O_TRUNC | O_SYNC | O_DSYNC)

int fs_open(struct fs_request *r)
{
	const struct fuse_open_in *in = fs_arguments(r, sizeof(*in));
	int fd = fs_reopen(r->node, (int)in->flags & OPEN_FLAGS);

	if (fd < 0)
		return fd;
	memset(&r->reply.open, 0, sizeof(r->reply.open));
	r->reply_size = sizeof(r->reply.open);
	return fs_file_add(fd, false, &r->reply.open.fh);
}

/* Cuts an array of buffers to at most `size` bytes in all; the number of buffers left. */
static unsigned int cut(struct iovec *iov, unsigned int count, size_t size)
{
	unsigned int i;

	for (i = 0; i < count && size; i++) {
		if (iov[i].iov_len > size)
			iov[i].iov_len = size;
		size -= iov[i].iov_len;
	}
	return i;
}

int fs_read(struct fs_request *r)
{
	const struct fuse_read_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);
	ssize_t n;

	if (!file)
		return -EBADF;
	if (in->size > FS_WRITE_MAX || in->offset > LLONG_MAX)
		return -EINVAL;
	r->out_count = cut(r->out, r->out_count, in->size);
	n = preadv(file->fd, r->out, (int)r->out_count, (off_t)in->offset);
	if (n < 0)
		return -errno;
	r->direct = true;
	r->reply_size = (size_t)n;
	return 0;
}

/* What the guest has delayed is written whole or not: nobody is there any more who would go on after a part.
 */
static ssize_t write_buffers(struct fs_request *r, int fd, off_t at, bool whole)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = pwritev(fd, r->in, (int)r->in_count, at + (off_t)done);
		if (n < 0)
			return -errno;
		done += (size_t)n;
		r->in_count = queue_skip(r->in, r->in_count, (size_t)n);
	} while (whole && n && r->in_count);
	return (ssize_t)done;
}

int fs_write(struct fs_request *r)
{
	const struct fuse_write_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);
	ssize_t n;

	if (!file)
		return -EBADF;
	if (in->size > FS_WRITE_MAX || in->size != r->in_size || in->offset > LLONG_MAX)
		return -EINVAL;
	n = write_buffers(r, file->fd, (off_t)in->offset, in->write_flags & FUSE_WRITE_CACHE);
	if (n < 0)
		return (int)n;
	memset(&r->reply.write, 0, sizeof(r->reply.write));
	r->reply.write.size = (u32)n;
	r->reply_size = sizeof(r->reply.write);
	return 0;
}

int fs_release(struct fs_request *r)
{
	const struct fuse_release_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);

	if (!file)
		return -EBADF;
	fs_file_remove(file);
	return 0;
}

/* Errors that only a close reports (network file systems) reach the container's own close. */
int fs_flush(struct fs_request *r)
{
	const struct fuse_flush_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);
	int fd;

	if (!file)
		return -EBADF;
	fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || close(fd) < 0)
		return -errno;
	return 0;
}

/* On a descriptor of its own: the guest may close the file meanwhile. */
int fs_sync_later(struct fs_request *r, bool is_directory)
{
	const struct fuse_fsync_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, is_directory);
	int fd;

	if (!file)
		return -EBADF;
	fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r->sync = (struct fs_sync){.fd = fd, .data_only = in->fsync_flags & FUSE_FSYNC_FDATASYNC};
	return FS_LATER;
}

int fs_fsync(struct fs_request *r)
{
	return fs_sync_later(r, false);
}

int fs_lseek(struct fs_request *r)
{
	const struct fuse_lseek_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);
	off_t at;

	if (!file)
		return -EBADF;
	if (in->offset > LLONG_MAX || (in->whence != SEEK_DATA && in->whence != SEEK_HOLE))
		return -EINVAL;
	at = lseek(file->fd, (off_t)in->offset, (int)in->whence);
	if (at < 0)
		return -errno;
	r->reply.lseek.offset = (u64)at;
	r->reply_size = sizeof(r->reply.lseek);
	return 0;
}

int fs_fallocate(struct fs_request *r)
{
	const struct fuse_fallocate_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, false);

	if (!file)
		return -EBADF;
	if (in->offset > LLONG_MAX || in->length > LLONG_MAX)
		return -EINVAL;
	return fallocate(file->fd, (int)in->mode, (off_t)in->offset, (off_t)in->length) < 0 ? -errno : 0;
}
