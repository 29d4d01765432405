/* SPDX-License-Identifier: MIT */
/*
 * fs_xattr.c: extended attributes: SETXATTR, GETXATTR, LISTXATTR, REMOVEXATTR. Only user.* exists for a
 * guest: what other names mean to the host is not a container's to say.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fs_request.h"

static char bytes[XATTR_SIZE_MAX]; /* a value or a list; one request at a time */

static bool name_ok(const char *name)
{
	return name && !strncmp(name, "user.", 5) && name[5] && strlen(name) <= XATTR_NAME_MAX;
}

/* user.* is for files and directories only, and those can be opened. */
static int open_node(const struct fs_node *node)
{
	int fd;

	if (node->type != S_IFDIR)
		return node->type == S_IFREG ? fs_reopen(node, O_RDONLY) : -EOPNOTSUPP;
	fd = openat(node->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Closes fd and makes the result of a call on it a handler's. */
static int done(int fd, long result)
{
	int error = result < 0 ? -errno : 0;

	close(fd);
	return error;
}

/* What was asked for, `length` of bytes, or how much there is. */
static int reply(struct fs_request *r, u32 asked, size_t length)
{
	if (!asked) {
		r->reply.xattr = (struct fuse_getxattr_out){.size = (u32)length};
		r->reply_size = sizeof(r->reply.xattr);
		return 0;
	}
	if (length > asked || length > r->out_size)
		return -ERANGE;
	queue_copy_out(r->out, r->out_count, bytes, length);
	r->reply_size = length;
	r->direct = true;
	return 0;
}

int fs_getxattr(struct fs_request *r)
{
	const struct fuse_getxattr_in *in = fs_arguments(r, sizeof(*in));
	const char *name = fs_string(r);
	int fd, error;
	ssize_t n;

	if (!name_ok(name))
		return -EOPNOTSUPP;
	fd = open_node(r->node);
	if (fd < 0)
		return fd;
	n = fgetxattr(fd, name, bytes, sizeof(bytes));
	error = done(fd, n);
	return error ? error : reply(r, in->size, (size_t)n);
}

static size_t keep_known(size_t length)
{
	size_t kept = 0, size;

	for (size_t at = 0; at < length; at += size) {
		size = strnlen(bytes + at, length - at) + 1;
		if (at + size > length || !name_ok(bytes + at))
			continue;
		memmove(bytes + kept, bytes + at, size);
		kept += size;
	}
	return kept;
}

int fs_listxattr(struct fs_request *r)
{
	const struct fuse_getxattr_in *in = fs_arguments(r, sizeof(*in));
	int fd = open_node(r->node), error;
	ssize_t n;

	if (fd < 0)
		return fd == -EOPNOTSUPP ? reply(r, in->size, 0) : fd;
	n = flistxattr(fd, bytes, sizeof(bytes));
	error = done(fd, n);
	return error ? error : reply(r, in->size, keep_known((size_t)n));
}

int fs_setxattr(struct fs_request *r)
{
	const struct fuse_setxattr_in *in = fs_arguments(r, FUSE_COMPAT_SETXATTR_IN_SIZE);
	const char *name = fs_string(r);
	size_t here = r->arguments_size - r->cursor;
	int fd;

	if (!name_ok(name))
		return -EOPNOTSUPP;
	if (in->size > sizeof(bytes))
		return -E2BIG;
	if (in->size > here + r->in_size)
		return -EINVAL;
	if (here > in->size)
		here = in->size;
	memcpy(bytes, r->arguments + r->cursor, here);
	queue_copy_in(bytes + here, in->size - here, r->in, r->in_count);
	fd = open_node(r->node);
	return fd < 0 ? fd : done(fd, fsetxattr(fd, name, bytes, in->size, (int)in->flags));
}

int fs_removexattr(struct fs_request *r)
{
	const char *name = fs_string(r);
	int fd;

	if (!name_ok(name))
		return -EOPNOTSUPP;
	fd = open_node(r->node);
	return fd < 0 ? fd : done(fd, fremovexattr(fd, name));
}
