/* SPDX-License-Identifier: MIT */
/*
 * Directories whose tree of dentries is the storage (tmpfs and what is built on it): lookup, listing, and the
 * test for emptiness.
 */
#include "fs.h"

int dirent_emit(struct file *f, struct dirent_sink *sink, const char *name, u64 ino, u32 mode, u64 next)
{
	int error = sink->emit(sink, name, (u32)strlen(name), ino, dirent_type(mode), next);

	if (!error)
		f->pos = next;
	return error;
}

/* "." and "..", at offsets 0 and 1. */
int dirent_dots(struct file *f, struct dirent_sink *sink)
{
	struct dentry *d = f->path.dentry;
	int error = f->pos ? 0 : dirent_emit(f, sink, ".", d->inode->ino, S_IFDIR, 1);

	if (!error && f->pos == 1)
		error = dirent_emit(f, sink, "..", d->parent->inode->ino, S_IFDIR, 2);
	return error;
}

/* Offsets are 2 + the child's cookie, so they hold while other entries come and go. */
int tree_getdents(struct file *f, struct dirent_sink *sink)
{
	int error = dirent_dots(f, sink);
	struct dentry *d;

	list_for_each(d, &f->path.dentry->children, sibling)
	{
		if (error)
			break;
		if (d->inode && d->cookie > f->pos - 2)
			error = dirent_emit(f, sink, d->name, d->inode->ino, d->inode->mode, d->cookie + 2);
	}
	return error;
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
	return whence > 1 ? -EINVAL : seek_with_end(f, offset, whence, 0);
}

int file_sync_nothing(struct file *f __unused, bool data_only __unused)
{
	return 0;
}

const struct file_ops tree_dir_fops = {
	.getdents = tree_getdents,
	.seek = dir_seek,
	.fsync = file_sync_nothing,
};
