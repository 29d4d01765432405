/* SPDX-License-Identifier: MIT */
/*
 * fs_meta.c: finding nodes and their attributes: LOOKUP, FORGET, GETATTR, SETATTR, READLINK, STATFS, ACCESS.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fs_request.h"

/* How long the guest may believe names and attributes. Others may change the files under it. */
#define VALID_SECONDS 1

#define STATX_WANTED (STATX_BASIC_STATS | STATX_MNT_ID)

static void fill_attr(struct fuse_attr *a, const struct statx *st)
{
	memset(a, 0, sizeof(*a));
	a->ino = st->stx_ino;
	a->size = st->stx_size;
	a->blocks = st->stx_blocks;
	a->atime = (u64)st->stx_atime.tv_sec;
	a->mtime = (u64)st->stx_mtime.tv_sec;
	a->ctime = (u64)st->stx_ctime.tv_sec;
	a->atimensec = st->stx_atime.tv_nsec;
	a->mtimensec = st->stx_mtime.tv_nsec;
	a->ctimensec = st->stx_ctime.tv_nsec;
	a->mode = st->stx_mode;
	a->nlink = st->stx_nlink;
	a->uid = st->stx_uid;
	a->gid = st->stx_gid;
	/* FUSE carries device numbers in the kernel's "new" 32-bit encoding. */
	a->rdev = (st->stx_rdev_minor & 0xff) | st->stx_rdev_major << 8 | (st->stx_rdev_minor & ~0xffu) << 12;
	a->blksize = st->stx_blksize;
}

int fs_find(struct fs_node *parent, const char *name, struct fuse_entry_out *entry)
{
	struct fs_node *node;
	struct statx st;
	int fd;

	if (parent->type != S_IFDIR)
		return -ENOTDIR;
	fd = openat(parent->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == EMFILE ? -ENFILE : -errno;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_WANTED, &st) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	node = fs_node_add(fd, &st);
	if (!node)
		return -errno;
	memset(entry, 0, sizeof(*entry));
	entry->nodeid = fs_node_id(node);
	entry->generation = node->generation;
	entry->entry_valid = entry->attr_valid = VALID_SECONDS;
	fill_attr(&entry->attr, &st);
	return 0;
}

int fs_lookup(struct fs_request *r)
{
	const char *name = fs_name(r);

	if (!name)
		return -EINVAL;
	r->reply_size = sizeof(r->reply.entry);
	return fs_find(r->node, name, &r->reply.entry);
}

int fs_forget(struct fs_request *r)
{
	const struct fuse_forget_in *in = fs_arguments(r, sizeof(*in));

	fs_node_forget(r->node, in->nlookup);
	return 0;
}

int fs_batch_forget(struct fs_request *r)
{
	const struct fuse_batch_forget_in *in = fs_arguments(r, sizeof(*in));
	const struct fuse_forget_one *one = (const void *)(in + 1);
	size_t room = (r->arguments_size - sizeof(*in)) / sizeof(*one);

	for (u32 i = 0; i < in->count && i < room; i++) {
		struct fs_node *node = fs_node_get(one[i].nodeid);

		if (node)
			fs_node_forget(node, one[i].nlookup);
	}
	return 0;
}

static int reply_attr(struct fs_request *r)
{
	struct fuse_attr_out *out = &r->reply.attr;
	struct statx st;

	if (statx(r->node->fd, "", AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_WANTED, &st) < 0)
		return -errno;
	memset(out, 0, sizeof(*out));
	out->attr_valid = VALID_SECONDS;
	fill_attr(&out->attr, &st);
	r->reply_size = sizeof(*out);
	return 0;
}

int fs_getattr(struct fs_request *r)
{
	return reply_attr(r);
}

static int set_size(struct fs_request *r, const struct fuse_setattr_in *in)
{
	struct fs_file *file;
	int fd, error = 0;

	if (in->size > LLONG_MAX)
		return -EINVAL;
	if (in->valid & FATTR_FH) {
		file = fs_file_get(in->fh, false);
		if (!file)
			return -EBADF;
		return ftruncate(file->fd, (off_t)in->size) < 0 ? -errno : 0;
	}
	fd = fs_reopen(r->node, O_WRONLY);
	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)in->size) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int set_times(struct fs_request *r, const struct fuse_setattr_in *in)
{
	struct timespec t[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};

	if (in->valid & FATTR_ATIME_NOW)
		t[0].tv_nsec = UTIME_NOW;
	else if (in->valid & FATTR_ATIME)
		t[0] = (struct timespec){(time_t)in->atime, (long)in->atimensec};
	if (in->valid & FATTR_MTIME_NOW)
		t[1].tv_nsec = UTIME_NOW;
	else if (in->valid & FATTR_MTIME)
		t[1] = (struct timespec){(time_t)in->mtime, (long)in->mtimensec};
	return utimensat(r->node->fd, "", t, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int set_owner(struct fs_request *r, const struct fuse_setattr_in *in)
{
	uid_t uid = in->valid & FATTR_UID ? in->uid : (uid_t)-1;
	gid_t gid = in->valid & FATTR_GID ? in->gid : (gid_t)-1;

	return fchownat(r->node->fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* In the order in which one request may combine them: chown clears set-id bits that mode then sets. */
int fs_setattr(struct fs_request *r)
{
	const struct fuse_setattr_in *in = fs_arguments(r, sizeof(*in));
	int error = 0;

	if (in->valid & (FATTR_UID | FATTR_GID))
		error = set_owner(r, in);
	if (!error && (in->valid & FATTR_MODE))
		error = fs_chmod(r->node, in->mode & 07777);
	if (!error && (in->valid & FATTR_SIZE))
		error = set_size(r, in);
	if (!error && (in->valid & (FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW)))
		error = set_times(r, in);
	return error ? error : reply_attr(r);
}

int fs_readlink(struct fs_request *r)
{
	char target[PATH_MAX];
	ssize_t n;

	if (r->node->type != S_IFLNK)
		return -EINVAL;
	n = readlinkat(r->node->fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	if ((size_t)n > r->out_size)
		return -ENAMETOOLONG;
	queue_copy_out(r->out, r->out_count, target, (size_t)n);
	r->direct = true;
	r->reply_size = (size_t)n;
	return 0;
}

int fs_statfs(struct fs_request *r)
{
	struct fuse_kstatfs *out = &r->reply.statfs.st;
	struct statfs st;

	if (fstatfs(r->node->fd, &st) < 0)
		return -errno;
	memset(&r->reply.statfs, 0, sizeof(r->reply.statfs));
	out->blocks = st.f_blocks;
	out->bfree = st.f_bfree;
	out->bavail = st.f_bavail;
	out->files = st.f_files;
	out->ffree = st.f_ffree;
	out->bsize = (u32)st.f_bsize;
	out->namelen = (u32)st.f_namelen;
	out->frsize = (u32)st.f_frsize;
	r->reply_size = sizeof(r->reply.statfs);
	return 0;
}

/* Permissions are the guest kernel's business: ENOSYS tells it to ask no more. */
int fs_access(struct fs_request *r)
{
	(void)r;
	return -ENOSYS;
}
