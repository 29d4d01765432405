/* SPDX-License-Identifier: MIT */
/*
 * Mounting the file server: one superblock per root that the boot block names, all on one connection.
 */
#include "fuse.h"

#define FUSE_MAGIC 0x65735546

static int fuse_statfs(struct superblock *sb, struct statfs_info *out)
{
	struct fuse_statfs_out st;
	struct fuse_args a = {.opcode = FUSE_STATFS, .nodeid = fuse_node(sb->root->inode), FUSE_OUT(&st)};
	long ret = fuse_call(&a);

	if (ret < 0)
		return (int)ret;
	out->bsize = st.bsize;
	out->frsize = st.frsize;
	out->blocks = st.blocks;
	out->bfree = st.bfree;
	out->bavail = st.bavail;
	out->files = st.files;
	out->ffree = st.ffree;
	out->namelen = st.namelen;
	return 0;
}

static const struct superblock_ops super_ops = {.statfs = fuse_statfs};

static int root_entry(u64 nodeid, struct fuse_entry_out *e)
{
	struct fuse_getattr_in in = {0};
	struct fuse_attr_out out;
	long ret = fuse_ask(FUSE_GETATTR, nodeid, &in, FUSE_OUT(&out));

	if (ret < 0)
		return (int)ret;
	*e = (struct fuse_entry_out){
		.nodeid = nodeid,
		.attr_valid = out.attr_valid,
		.attr_valid_nsec = out.attr_valid_nsec,
		.attr = out.attr,
	};
	return 0;
}

struct superblock *fuse_mount(u64 nodeid, int *error)
{
	static bool connected;
	struct fuse_entry_out e;
	struct superblock *sb;
	struct inode *root;

	*error = connected ? 0 : fuse_connect();
	if (*error)
		return NULL;
	connected = true;
	*error = root_entry(nodeid, &e);
	if (*error)
		return NULL;
	*error = -ENOMEM;
	sb = super_alloc("fuse", FUSE_MAGIC, &super_ops, SB_CACHE_NAMES);
	if (!sb)
		return NULL;
	root = fuse_iget(sb, &e, error);
	if (!root) {
		kfree(sb);
		return NULL;
	}
	fuse_of(root)->lookups--; /* the server did not count this one */
	sb->root = dentry_root(root);
	*error = sb->root ? 0 : -ENOMEM;
	return sb->root ? sb : NULL;
}
