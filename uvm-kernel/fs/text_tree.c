/* SPDX-License-Identifier: MIT */
/*
 * Fixed trees of text files. A file's text is made when it is read from the start, and kept with the open
 * file.
 */
#include "proc.h"

long text_file_read(struct file *f, struct iov_iter *to, u64 *pos,
		    void (*make)(struct text *t, struct file *f))
{
	struct text *t = f->private;
	size_t moved, want;

	if (!t)
		t = f->private = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	if (!t->buf || *pos == 0) {
		text_free(t);
		make(t, f);
	}
	if (t->failed)
		return -ENOMEM;
	if (*pos >= t->len)
		return 0;
	want = MIN(to->left, t->len - *pos);
	moved = iter_copy_to(to, t->buf + *pos, want);
	*pos += moved;
	return moved || !want ? (long)moved : -EFAULT;
}

void text_file_release(struct file *f)
{
	struct text *t = f->private;

	if (t)
		text_free(t);
	kfree(t);
}

s64 text_file_seek(struct file *f, s64 offset, int whence)
{
	return whence == 2 ? -EINVAL : seek_with_end(f, offset, whence, 0);
}

static void make_text(struct text *t, struct file *f)
{
	const struct text_file *file = f->inode->private;

	if (file->show)
		file->show(t);
	else if (file->show_number)
		file->show_number(t, file->number);
	else if (file->text)
		text_printf(t, "%s\n", file->text);
	else
		text_printf(t, "%lu\n", file->number);
}

static long fixed_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	return text_file_read(f, to, pos, make_text);
}

static const struct file_ops text_file_fops = {
	.read = fixed_read,
	.seek = text_file_seek,
	.release = text_file_release,
};

static struct inode *new_dir(struct superblock *sb)
{
	struct inode *inode = inode_alloc(sb, S_IFDIR | 0555);

	if (!inode)
		return NULL;
	inode->fops = &tree_dir_fops;
	inode->nlink = 2;
	return inode;
}

struct superblock *text_tree_make(const char *fstype, u64 magic, int *error)
{
	struct superblock *sb = super_alloc(fstype, magic, NULL, 0);
	struct inode *root = sb ? new_dir(sb) : NULL;

	*error = -ENOMEM;
	if (!root) {
		kfree(sb);
		return NULL;
	}
	sb->root = dentry_root(root);
	if (!sb->root)
		return NULL;
	*error = 0;
	return sb;
}

/* The entry of that name, made from `inode` when it is not there yet; its pin is the only reference. */
static struct dentry *pin(struct dentry *dir, const char *name, u32 len,
			  struct inode *(*make)(struct superblock *sb))
{
	struct dentry *d = dentry_cached(dir, name, len);
	struct inode *inode;

	if (d) {
		dentry_put(d); /* the pin holds it */
		return d;
	}
	inode = make(dir->sb);
	if (!inode)
		return NULL;
	d = dentry_alloc(dir, name, len);
	if (!d) {
		inode_put(inode);
		return NULL;
	}
	d->inode = inode;
	dentry_add(d);
	if (S_ISDIR(inode->mode))
		dir->inode->nlink++;
	return d;
}

static struct inode *new_file(struct superblock *sb)
{
	struct inode *inode = inode_alloc(sb, S_IFREG | 0444);

	if (!inode)
		return NULL;
	inode->fops = &text_file_fops;
	return inode;
}

static int add(struct superblock *sb, const struct text_file *file)
{
	const char *path = file->path;
	struct dentry *dir = sb->root;

	for (;;) {
		const char *end = strchr(path, '/');
		u32 len = end ? (u32)(end - path) : (u32)strlen(path);
		struct dentry *d = pin(dir, path, len, end ? new_dir : new_file);

		if (!d)
			return -ENOMEM;
		if (!end)
			d->inode->private = (void *)file;
		if (!end || !end[1])
			return 0;
		dir = d;
		path = end + 1;
	}
}

int text_tree_add(struct superblock *sb, const struct text_file *files, u32 count)
{
	int error = 0;

	for (u32 i = 0; i < count && !error; i++)
		error = add(sb, &files[i]);
	return error;
}
