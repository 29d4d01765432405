/* SPDX-License-Identifier: MIT */
/*
 * Listing directories of the file server. The first look at a directory brings the attributes too and fills
 * the name cache, since most who list go on to stat.
 */
#include "fuse.h"

#define BUFFER_SIZE 16384u

/* f->private: entries that came and were not yet given out. */
struct listing {
	bool open; /* at the server: f->fh */
	u64 start; /* position of the entry at `at` */
	u32 at, size;
	bool plus;
	u8 data[BUFFER_SIZE];
};

/* One entry of the buffer: its parts, and where the next begins; false at the end or when it makes no sense.
 */
static bool entry_at(const struct listing *l, u32 at, const struct fuse_entry_out **plus,
		     const struct fuse_dirent **de, u32 *next)
{
	u32 head = l->plus ? sizeof(struct fuse_entry_out) : 0;
	u32 left = l->size - at;

	if (left < head + sizeof(struct fuse_dirent))
		return false;
	*plus = l->plus ? (const void *)(l->data + at) : NULL;
	*de = (const void *)(l->data + at + head);
	if (!(*de)->namelen || (*de)->namelen > NAME_MAX ||
	    (*de)->namelen > left - head - sizeof(struct fuse_dirent))
		return false;
	if (memchr((*de)->name, '/', (*de)->namelen) || memchr((*de)->name, '\0', (*de)->namelen))
		return false;
	*next = at + ALIGN_UP(head + (u32)sizeof(struct fuse_dirent) + (*de)->namelen, 8u);
	*next = MIN(*next, l->size);
	return true;
}

/* The server counted a lookup for each entry with a node: every one must end in an inode or be forgotten. */
static void enter_name(struct dentry *dir, const struct fuse_dirent *de, const struct fuse_entry_out *e)
{
	struct dentry *d = dentry_cached(dir, de->name, de->namelen), *fresh = NULL;
	int error;
	struct inode *inode = fuse_iget(dir->inode->sb, e, &error);

	if (inode && (!d || (d->inode != inode && !(d->flags & DENTRY_MOUNTED))))
		fresh = dentry_alloc(dir, de->name, de->namelen);
	if (fresh) {
		if (d) {
			dentry_unhash(d);
			dentry_put(d);
		}
		d = fresh;
		d->inode = inode_get(inode);
		dentry_add(d);
	}
	if (d && d->inode == inode)
		d->valid_until = fuse_valid_until(e->entry_valid, e->entry_valid_nsec);
	if (d)
		dentry_put(d);
	if (inode)
		inode_put(inode);
}

static void enter_names(struct dentry *dir, const struct listing *l)
{
	const struct fuse_entry_out *e;
	const struct fuse_dirent *de;
	u32 next;

	mutex_lock(&dir->inode->lock);
	for (u32 at = 0; entry_at(l, at, &e, &de, &next); at = next)
		if (e && e->nodeid)
			enter_name(dir, de, e);
	mutex_unlock(&dir->inode->lock);
}

static int open_now(struct file *f, struct listing *l)
{
	struct fuse_open_in in = {.flags = O_RDONLY | O_DIRECTORY};
	struct fuse_open_out out;
	long ret = l->open ? 0 : fuse_ask(FUSE_OPENDIR, fuse_node(f->inode), &in, FUSE_OUT(&out));

	if (ret < 0)
		return (int)ret;
	if (!l->open)
		f->fh = out.fh;
	l->open = true;
	return 0;
}

static int fetch(struct file *f, struct listing *l)
{
	struct fuse_inode *fi = fuse_of(f->inode);
	struct fuse_read_in in = {.offset = f->pos, .size = BUFFER_SIZE};
	struct virtq_seg seg = {l->data, BUFFER_SIZE, true};
	long ret = open_now(f, l);

	if (ret)
		return (int)ret;
	in.fh = f->fh;
	l->plus = f->pos == 0 || fi->want_plus;
	fi->want_plus = false;
	ret = fuse_ask(l->plus ? FUSE_READDIRPLUS : FUSE_READDIR, fi->nodeid, &in, .data = &seg,
		       .data_count = 1);
	if (ret < 0)
		return (int)ret;
	l->start = f->pos;
	l->at = 0;
	l->size = (u32)ret;
	if (l->plus)
		enter_names(f->path.dentry, l);
	return 0;
}

/* f's listing; many who open a directory never list it, so the server hears of it only now. */
static struct listing *listing_of(struct file *f)
{
	struct listing *l = f->private;

	if (!l) {
		l = kmalloc(sizeof(*l));
		if (!l)
			return NULL;
		l->open = false;
		l->at = l->size = 0;
		l->start = 0;
		f->private = l;
	}
	return l;
}

static int fuse_getdents(struct file *f, struct dirent_sink *sink)
{
	struct listing *l = listing_of(f);
	const struct fuse_entry_out *e;
	const struct fuse_dirent *de;
	u32 next;
	int error;

	if (!l)
		return -ENOMEM;
	for (;;) {
		if (l->at == l->size || l->start != f->pos) {
			error = fetch(f, l);
			if (error || !l->size)
				return error;
		}
		if (!entry_at(l, l->at, &e, &de, &next))
			return -EIO;
		error = sink->emit(sink, de->name, de->namelen, de->ino, de->type, de->off);
		if (error)
			return error;
		f->pos = l->start = de->off;
		l->at = next;
	}
}

static void fuse_releasedir(struct file *f)
{
	struct listing *l = f->private;

	if (l && l->open)
		fuse_release_later(FUSE_RELEASEDIR, fuse_of(f->inode)->nodeid, f->fh);
	kfree(l);
}

static int fuse_fsyncdir(struct file *f, bool data_only)
{
	struct listing *l = listing_of(f);
	struct fuse_fsync_in in = {.fsync_flags = data_only ? FUSE_FSYNC_DATA : 0};
	long ret = l ? open_now(f, l) : -ENOMEM;

	if (ret)
		return (int)ret;
	in.fh = f->fh;
	ret = fuse_ask(FUSE_FSYNCDIR, fuse_node(f->inode), &in);
	return ret < 0 ? (int)ret : 0;
}

const struct file_ops fuse_dir_fops = {
	.release = fuse_releasedir,
	.getdents = fuse_getdents,
	.seek = dir_seek,
	.fsync = fuse_fsyncdir,
};
