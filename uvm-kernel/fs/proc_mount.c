/* SPDX-License-Identifier: MIT */
/*
 * Mounting /proc: the fixed tree, under a root that also knows processes.
 */
#include "proc.h"

static long link_text(struct inode *inode, char *buf, size_t size)
{
	size_t len = MIN(strlen(inode->private), size);

	memcpy(buf, inode->private, len);
	return (long)len;
}

static const struct inode_ops link_ops = {.readlink = link_text};

/* target: the link's private part */
static int add_link(struct superblock *sb, const char *name, const struct inode_ops *ops, const char *target)
{
	struct inode *inode = inode_alloc(sb, S_IFLNK | 0777);
	struct dentry *d = inode ? dentry_alloc(sb->root, name, (u32)strlen(name)) : NULL;

	if (!d) {
		if (inode)
			inode_put(inode);
		return -ENOMEM;
	}
	inode->ops = ops;
	inode->private = (void *)target;
	d->inode = inode;
	dentry_add(d);
	return 0;
}

struct superblock *proc_mount(int *error)
{
	struct superblock *sb = text_tree_make("proc", PROC_MAGIC, error);

	if (!sb)
		return NULL;
	sb->root->inode->ops = &proc_root_ops;
	sb->root->inode->fops = &proc_root_fops;
	*error = text_tree_add(sb, proc_system_files, proc_system_count);
	if (!*error)
		*error = text_tree_add(sb, proc_sys_files, proc_sys_count);
	if (!*error)
		*error = text_tree_add(sb, proc_net_files, proc_net_count);
	if (!*error)
		*error = add_link(sb, "mounts", &link_ops, "self/mounts");
	if (!*error)
		*error = add_link(sb, "self", &proc_self_ops, NULL);
	if (!*error)
		*error = add_link(sb, "thread-self", &proc_self_ops, "thread");
	return *error ? NULL : sb;
}
