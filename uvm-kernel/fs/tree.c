/* SPDX-License-Identifier: MIT */
/*
 * Directories whose tree of dentries is the storage (tmpfs and what is built on it): lookup, listing, and the
 * test for emptiness.
 */
#include "fs.h"

#include <uvm/string.h>

/* "." and "..", at offsets 0 and 1. */
int dirent_dots(struct file *f, struct dirent_sink *sink)
{
	struct dentry *d = f->path.dentry;
	int error;

	if (f->pos == 0) {
		error = sink->emit(sink, ".", 1, d->inode->ino, dirent_type(S_IFDIR), 1);
		if (error)
			return error;
		f->pos = 1;
	}
	if (f->pos == 1) {
		error = sink->emit(sink, "..", 2, d->parent->inode->ino, dirent_type(S_IFDIR), 2);
		if (error)
			return error;
		f->pos = 2;
	}
	return 0;
}

/* Offsets are 2 + the child's cookie, so they hold while other entries come and go. */
int tree_getdents(struct file *f, struct dirent_sink *sink)
{
	int error = dirent_dots(f, sink);
	struct dentry *d;

	if (error)
		return error;
	list_for_each(d, &f->path.dentry->children, sibling)
	{
		if (!d->inode || d->cookie <= f->pos - 2)
			continue;
		error = sink->emit(sink, d->name, d->name_len, d->inode->ino, dirent_type(d->inode->mode),
				   d->cookie + 2);
		if (error)
			return error;
		f->pos = d->cookie + 2;
	}
	return 0;
}

bool tree_empty(const struct dentry *dir)
{
	struct dentry *d;

	list_for_each(d, &dir->children, sibling) if (d->inode) return false;
	return true;
}

void tree_destroy(struct dentry *root)
{
	struct dentry *d = root;

	for (;;) {
		struct dentry *up;

		while (!list_empty(&d->children))
			d = list_first(&d->children, struct dentry, sibling);
		if (d == root)
			break;
		up = d->parent;
		dentry_unhash(d);
		dentry_put(d); /* its pin */
		d = up;
	}
	dentry_put(root);
}

s64 dir_seek(struct file *f, s64 offset, int whence)
{
	if (whence > 1)
		return -EINVAL;
	return seek_with_end(f, offset, whence, 0);
}

int file_sync_nothing(struct file *f, bool data_only)
{
	(void)f, (void)data_only;
	return 0;
}

const struct file_ops tree_dir_fops = {
	.getdents = tree_getdents,
	.seek = dir_seek,
	.fsync = file_sync_nothing,
};
