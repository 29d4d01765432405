/* SPDX-License-Identifier: MIT */
/*
 * Inodes for files without a name in any file system: pipes, epoll sets, event counters.
 */
#include "fs.h"

struct inode *anon_inode(u32 mode)
{
	static struct superblock *sb;
	struct inode *inode;

	if (!sb)
		sb = super_alloc("pipefs", 0x50495045, NULL, 0);
	if (!sb)
		return NULL;
	inode = inode_alloc(sb, mode);
	if (!inode)
		return NULL;
	inode->uid = current->cred.fsuid;
	inode->gid = current->cred.fsgid;
	return inode;
}

struct file *anon_file(const char *name, const struct file_ops *ops, u32 flags, void *private, int *error)
{
	struct inode *inode = anon_inode(0600);
	char shown[40];

	*error = -ENOMEM;
	scnprintf(shown, sizeof(shown), "anon_inode:%s", name);
	return inode ? file_anon(inode, shown, ops, flags, private, error) : NULL;
}

long anon_fd(const char *name, const struct file_ops *ops, u32 flags, void *private)
{
	int error = -ENOMEM;
	struct file *f = private ? anon_file(name, ops, flags, private, &error) : NULL;

	if (!f)
		kfree(private);
	return fd_give(f, flags & O_CLOEXEC, error);
}

void anon_release(struct file *f)
{
	kfree(f->private);
}
