/* SPDX-License-Identifier: MIT */
/*
 * fs_make.c: what changes directories: MKNOD, MKDIR, SYMLINK, LINK, CREATE, UNLINK, RMDIR, RENAME. New
 * objects belong to the user of the request from the moment they exist: the thread takes that user's file
 * system ids, and keeps its capabilities (confine.c), since permissions are checked by the guest kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs_request.h"

/* Flags of CREATE and OPEN that mean something to the host. */
#define CREATE_FLAGS (O_ACCMODE | O_APPEND | O_TRUNC | O_SYNC | O_DSYNC)

static void become_owner(const struct fs_request *r)
{
	static __thread u32 uid, gid; /* of this thread, now */

	if (r->header.gid != gid)
		setfsgid(gid = r->header.gid);
	if (r->header.uid != uid)
		setfsuid(uid = r->header.uid);
}

static int reply_entry(struct fs_request *r, const char *name, int result)
{
	if (result < 0)
		return -errno;
	r->reply_size = sizeof(r->reply.entry);
	return fs_find(r->node, name, &r->reply.entry);
}

int fs_mknod(struct fs_request *r)
{
	const struct fuse_mknod_in *in = fs_arguments(r, sizeof(*in));
	const char *name = fs_name(r);
	u32 type = in->mode & S_IFMT;

	if (!name)
		return -EINVAL;
	if (type == S_IFCHR || type == S_IFBLK)
		return -EPERM; /* a device file on the host is no business of a container */
	if (type != S_IFREG && type != S_IFIFO && type != S_IFSOCK)
		return -EINVAL;
	become_owner(r);
	return reply_entry(r, name, mknodat(r->node->fd, name, in->mode, 0));
}

int fs_mkdir(struct fs_request *r)
{
	const struct fuse_mkdir_in *in = fs_arguments(r, sizeof(*in));
	const char *name = fs_name(r);

	if (!name)
		return -EINVAL;
	become_owner(r);
	return reply_entry(r, name, mkdirat(r->node->fd, name, in->mode & 07777));
}

int fs_symlink(struct fs_request *r)
{
	const char *name = fs_name(r);
	const char *target = fs_string(r);

	if (!name || !target || !target[0] || strlen(target) >= PATH_MAX)
		return -EINVAL;
	become_owner(r);
	return reply_entry(r, name, symlinkat(target, r->node->fd, name));
}

int fs_link(struct fs_request *r)
{
	const struct fuse_link_in *in = fs_arguments(r, sizeof(*in));
	struct fs_node *from = fs_node_get(in->oldnodeid);
	const char *name = fs_name(r);

	if (!name)
		return -EINVAL;
	if (!from)
		return -ESTALE;
	return reply_entry(r, name, fs_hard_link(from, r->node->fd, name));
}

static int open_new(struct fs_request *r, const char *name, const struct fuse_create_in *in)
{
	int flags = (int)in->flags & CREATE_FLAGS;
	int fd;

	fd = openat(r->node->fd, name, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, in->mode & 07777);
	return fd < 0 ? -errno : fd;
}

/* Somebody else was faster: opens what is there now. */
static int open_existing(struct fs_request *r, const struct fuse_create_in *in)
{
	struct fs_node *node = fs_node_get(r->reply.create.entry.nodeid);

	return fs_reopen(node, (int)in->flags & CREATE_FLAGS);
}

int fs_create_file(struct fs_request *r)
{
	const struct fuse_create_in *in = fs_arguments(r, sizeof(*in));
	struct fuse_entry_out *entry = &r->reply.create.entry;
	const char *name = fs_name(r);
	int fd, error;

	if (!name || ((in->mode & S_IFMT) && (in->mode & S_IFMT) != S_IFREG))
		return -EINVAL;
	become_owner(r);
	fd = open_new(r, name, in);
	if (fd < 0 && (fd != -EEXIST || (in->flags & O_EXCL)))
		return fd;
	error = fs_find(r->node, name, entry);
	if (!error && fd < 0)
		fd = error = open_existing(r, in);
	if (error < 0) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	memset(&r->reply.create.open, 0, sizeof(r->reply.create.open));
	error = fs_file_add(fd, false, &r->reply.create.open.fh);
	r->reply_size = sizeof(r->reply.create);
	return error;
}

static int remove_entry(struct fs_request *r, int flags)
{
	const char *name = fs_name(r);

	if (!name)
		return -EINVAL;
	return unlinkat(r->node->fd, name, flags) < 0 ? -errno : 0;
}

int fs_unlink(struct fs_request *r)
{
	return remove_entry(r, 0);
}

int fs_rmdir(struct fs_request *r)
{
	return remove_entry(r, AT_REMOVEDIR);
}

static int rename_entry(struct fs_request *r, u64 new_directory, u32 flags)
{
	struct fs_node *to = fs_node_get(new_directory);
	const char *old_name = fs_name(r);
	const char *new_name = fs_name(r);

	if (!old_name || !new_name)
		return -EINVAL;
	if (!to)
		return -ESTALE;
	return renameat2(r->node->fd, old_name, to->fd, new_name, flags) < 0 ? -errno : 0;
}

int fs_rename(struct fs_request *r)
{
	const struct fuse_rename_in *in = fs_arguments(r, sizeof(*in));

	return rename_entry(r, in->newdir, 0);
}

int fs_rename2(struct fs_request *r)
{
	const struct fuse_rename2_in *in = fs_arguments(r, sizeof(*in));

	if (in->flags & ~(u32)(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	return rename_entry(r, in->newdir, in->flags);
}
