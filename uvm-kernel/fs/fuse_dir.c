/* SPDX-License-Identifier: MIT */
/*
 * Directories of the file server: lookup with its validity, and everything that changes them.
 */
#include "fuse.h"

/* Attaches the entry's inode, or leaves d negative for nodeid 0. */
int fuse_entry_to_dentry(struct inode *dir, struct dentry *d, const struct fuse_entry_out *e)
{
	struct inode *inode = NULL;
	int error = 0;

	if (e->nodeid) {
		inode = fuse_iget(dir->sb, e, &error);
		if (!inode)
			return error;
	}
	d->inode = inode;
	d->valid_until = fuse_valid_until(e->entry_valid, e->entry_valid_nsec);
	return 0;
}

static long ask(struct inode *dir, const char *name, struct fuse_entry_out *e)
{
	return fuse_call(&(struct fuse_args){
		.opcode = FUSE_LOOKUP, .nodeid = fuse_node(dir), .name = name, FUSE_OUT(e)});
}

static int fuse_lookup(struct inode *dir, struct dentry *d)
{
	struct fuse_entry_out e;
	long ret = ask(dir, d->name, &e);

	fuse_of(dir)->want_plus = true;
	if (ret == -ENOENT) {
		d->valid_until = 0;
		return 0;
	}
	return ret < 0 ? (int)ret : fuse_entry_to_dentry(dir, d, &e);
}

/* Asks again for a name whose time is over. The same node: its time starts anew. */
static int fuse_revalidate(struct inode *dir, struct dentry *d)
{
	struct fuse_entry_out e;
	struct inode *inode;
	bool same;
	long ret;
	int error;

	if (time_monotonic() < d->valid_until || (d->flags & DENTRY_MOUNTED))
		return 1;
	if (!d->inode)
		return 0;
	ret = ask(dir, d->name, &e);
	if (ret == -ENOENT || (!ret && !e.nodeid))
		return 0;
	if (ret < 0)
		return (int)ret;
	inode = fuse_iget(dir->sb, &e, &error);
	if (!inode)
		return error;
	same = inode == d->inode;
	inode_put(inode);
	if (same)
		d->valid_until = fuse_valid_until(e.entry_valid, e.entry_valid_nsec);
	return same;
}

/* What a call has answered that makes something. */
static int made(struct inode *dir, struct dentry *d, long ret, const struct fuse_entry_out *e)
{
	fuse_changed(dir);
	if (ret < 0)
		return (int)ret;
	return e->nodeid ? fuse_entry_to_dentry(dir, d, e) : -EIO;
}

static int fuse_mknod(struct inode *dir, struct dentry *d, u32 mode, u32 rdev)
{
	struct fuse_mknod_in in = {.mode = mode, .rdev = rdev};
	struct fuse_entry_out e;

	return made(dir, d, fuse_ask(FUSE_MKNOD, fuse_node(dir), &in, .name = d->name, FUSE_OUT(&e)), &e);
}

static int fuse_mkdir(struct inode *dir, struct dentry *d, u32 mode)
{
	struct fuse_mkdir_in in = {.mode = mode & 07777};
	struct fuse_entry_out e;

	return made(dir, d, fuse_ask(FUSE_MKDIR, fuse_node(dir), &in, .name = d->name, FUSE_OUT(&e)), &e);
}

static int fuse_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	struct fuse_entry_out e;
	struct fuse_args a = {.opcode = FUSE_SYMLINK,
			      .nodeid = fuse_node(dir),
			      .name = d->name,
			      .name2 = target,
			      FUSE_OUT(&e)};

	return made(dir, d, fuse_call(&a), &e);
}

static int fuse_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct fuse_link_in in = {fuse_node(old->inode)};
	struct fuse_entry_out e;
	long ret = fuse_ask(FUSE_LINK, fuse_node(dir), &in, .name = d->name, FUSE_OUT(&e));

	fuse_changed(old->inode);
	return made(dir, d, ret, &e);
}

/* The file and a handle for the open that follows, in one call. */
static int fuse_create(struct inode *dir, struct dentry *d, u32 mode, bool excl)
{
	struct fuse_create_in in = {.flags = O_RDWR | O_CREAT | (excl ? O_EXCL : 0), .mode = mode};
	struct fuse_create_out out;
	long ret = fuse_ask(FUSE_CREATE, fuse_node(dir), &in, .name = d->name, FUSE_OUT(&out));
	int error = ret >= 0 && !S_ISREG(out.entry.attr.mode) ? -EIO : made(dir, d, ret, &out.entry);

	if (error)
		return error;
	fuse_keep_handle(d->inode, HANDLE_WRITE, out.open.fh);
	return 0;
}

static int take_away(struct inode *dir, struct dentry *d, u32 opcode)
{
	struct fuse_args a = {.opcode = opcode, .nodeid = fuse_node(dir), .name = d->name};
	long ret = fuse_call(&a);

	if (ret < 0)
		return (int)ret;
	fuse_changed(dir);
	fuse_changed(d->inode);
	if (d->inode->nlink)
		d->inode->nlink--;
	return 0;
}

static int fuse_unlink(struct inode *dir, struct dentry *d)
{
	return take_away(dir, d, FUSE_UNLINK);
}

static int fuse_rmdir(struct inode *dir, struct dentry *d)
{
	int error = take_away(dir, d, FUSE_RMDIR);

	if (!error)
		d->inode->nlink = 0;
	return error;
}

static int fuse_rename(struct inode *from_dir, struct dentry *from, struct inode *to_dir, struct dentry *to,
		       u32 flags)
{
	struct fuse_rename2_in in = {.newdir = fuse_node(to_dir), .flags = flags};
	long ret = fuse_ask(FUSE_RENAME2, fuse_node(from_dir), &in, .name = from->name, .name2 = to->name);

	if (ret < 0)
		return (int)ret;
	fuse_changed(from_dir);
	fuse_changed(to_dir);
	fuse_changed(from->inode);
	if (to->inode)
		fuse_changed(to->inode);
	/* The names' validity goes with the dentries; both were just confirmed. */
	from->valid_until = to->valid_until = fuse_valid_until(1, 0);
	return 0;
}

static long fuse_readlink(struct inode *inode, char *buf, size_t size)
{
	struct fuse_inode *fi = fuse_of(inode);
	size_t len;

	if (!fi->target) {
		char *text = kzalloc(PATH_MAX);
		struct virtq_seg seg = {text, PATH_MAX - 1, true};
		struct fuse_args a = {
			.opcode = FUSE_READLINK, .nodeid = fi->nodeid, .data = &seg, .data_count = 1};
		long ret = text ? fuse_call(&a) : -ENOMEM;

		/* What a symlink says never changes; a new one is a new node. */
		if (ret >= 0)
			fi->target = kstrdup(text);
		kfree(text);
		if (ret < 0)
			return ret;
		if (!fi->target)
			return -ENOMEM;
	}
	len = MIN(strlen(fi->target), size);
	memcpy(buf, fi->target, len);
	return (long)len;
}

const struct inode_ops fuse_dir_iops = {
	.lookup = fuse_lookup,
	.revalidate = fuse_revalidate,
	.create = fuse_create,
	.mkdir = fuse_mkdir,
	.mknod = fuse_mknod,
	.symlink = fuse_symlink,
	.link = fuse_link,
	.unlink = fuse_unlink,
	.rmdir = fuse_rmdir,
	.rename = fuse_rename,
	.getattr = fuse_getattr,
	.setattr = fuse_setattr,
	.getxattr = fuse_getxattr,
	.setxattr = fuse_setxattr,
	.listxattr = fuse_listxattr,
	.evict = fuse_evict,
};

const struct inode_ops fuse_link_iops = {
	.readlink = fuse_readlink,
	.getattr = fuse_getattr,
	.setattr = fuse_setattr,
	.evict = fuse_evict,
};
