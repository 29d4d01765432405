/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: files in memory. The dentry tree is the directory structure (every entry is pinned by one
 * reference), the page cache holds the data, a limit per mount bounds both.
 */
#include "tmpfs.h"
#include "xattr.h"

#define ENTRY_SIZE 20 /* what a directory's size grows by, as on Linux */

static u64 total_pages;
static const struct inode_ops file_iops, dir_iops, link_iops;
static const struct file_ops file_fops;

u64 tmpfs_total_pages(void)
{
	return total_pages;
}

static struct tmpfs *tmpfs_of(const struct inode *inode)
{
	return inode->sb->private;
}

static void set_blocks(struct inode *inode)
{
	inode->blocks = inode->cache.pages * (PAGE_SIZE / 512);
}

/* Accounts for pages that the cache lost since it had `before`. */
static void release_pages(struct inode *inode, u64 before)
{
	u64 gone = before - inode->cache.pages;

	tmpfs_of(inode)->used_pages -= gone;
	total_pages -= gone;
	set_blocks(inode);
}

static struct inode *new_inode(struct superblock *sb, u32 mode)
{
	struct tmpfs *t = sb->private;
	struct inode *inode;

	if (t->used_inodes >= t->max_inodes)
		return NULL;
	inode = inode_alloc(sb, mode);
	if (!inode)
		return NULL;
	t->used_inodes++;
	switch (mode & S_IFMT) {
	case S_IFDIR:
		inode->ops = &dir_iops;
		inode->fops = &tree_dir_fops;
		inode->nlink = 2;
		break;
	case S_IFLNK:
		inode->ops = &link_iops;
		break;
	default:
		inode->ops = &file_iops;
		inode->fops = &file_fops;
	}
	return inode;
}

static void tmpfs_evict(struct inode *inode)
{
	u64 before = inode->cache.pages;

	pagecache_free(inode);
	memory_freexattrs(inode);
	release_pages(inode, before);
	tmpfs_of(inode)->used_inodes--;
	if (S_ISLNK(inode->mode))
		kfree(inode->private);
	kfree(inode);
}

/* Puts inode under d into dir. */
static void enter(struct inode *dir, struct dentry *d, struct inode *inode)
{
	d->inode = inode;
	dentry_get(d);
	dir->size += ENTRY_SIZE;
	inode_touch(dir);
}

static int make(struct inode *dir, struct dentry *d, u32 mode, u32 rdev)
{
	struct inode *inode = new_inode(dir->sb, mode);

	if (!inode)
		return -ENOSPC;
	inode_set_owner(inode, dir, mode);
	inode->rdev = rdev;
	inode_set_special(inode);
	if (S_ISDIR(mode))
		dir->nlink++;
	enter(dir, d, inode);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *d, u32 mode, bool excl __unused)
{
	return make(dir, d, mode, 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *d, u32 mode)
{
	return make(dir, d, mode, 0);
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	char *text = kstrdup(target);
	int error = text ? make(dir, d, S_IFLNK | 0777, 0) : -ENOMEM;

	if (error) {
		kfree(text);
		return error;
	}
	d->inode->private = text;
	d->inode->size = strlen(text);
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct dentry *parent, u32 mode, struct dentry **out)
{
	struct inode *inode = new_inode(dir->sb, mode);
	char name[24];

	if (!inode)
		return -ENOSPC;
	inode_set_owner(inode, dir, mode);
	inode->nlink = 0;
	inode->linkable = true;
	snprintf(name, sizeof(name), "#%lu", inode->ino);
	*out = dentry_alloc(parent, name, (u32)strlen(name));
	if (!*out) {
		inode_put(inode);
		return -ENOMEM;
	}
	(*out)->inode = inode;
	return 0;
}

struct inode *tmpfs_nameless(struct superblock *sb, u32 mode)
{
	struct inode *inode = new_inode(sb, mode);

	if (!inode)
		return NULL;
	inode->uid = current->cred.fsuid;
	inode->gid = current->cred.fsgid;
	inode->nlink = 0;
	return inode;
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	old->inode->nlink++;
	old->inode->ctime = vfs_now();
	enter(dir, d, inode_get(old->inode));
	return 0;
}

/* d leaves dir; its pin is dropped (the caller still holds it). */
static void leave(struct inode *dir, struct dentry *d)
{
	d->inode->ctime = vfs_now();
	dir->size -= ENTRY_SIZE;
	inode_touch(dir);
	dentry_put(d);
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
	d->inode->nlink--;
	leave(dir, d);
	return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
	if (!tree_empty(d))
		return -ENOTEMPTY;
	d->inode->nlink = 0;
	dir->nlink--;
	leave(dir, d);
	return 0;
}

static int tmpfs_exchange(struct inode *from_dir, struct dentry *from, struct inode *to_dir,
			  struct dentry *to)
{
	u32 from_is_dir = S_ISDIR(from->inode->mode), to_is_dir = S_ISDIR(to->inode->mode);

	from_dir->nlink += to_is_dir - from_is_dir;
	to_dir->nlink += from_is_dir - to_is_dir;
	from->inode->ctime = to->inode->ctime = vfs_now();
	inode_touch(from_dir);
	inode_touch(to_dir);
	return 0;
}

static int tmpfs_rename(struct inode *from_dir, struct dentry *from, struct inode *to_dir, struct dentry *to,
			u32 flags)
{
	bool is_dir = S_ISDIR(from->inode->mode);
	int error = 0;

	if (flags & 2 /* exchange */)
		return tmpfs_exchange(from_dir, from, to_dir, to);
	if (to->inode)
		error = is_dir ? tmpfs_rmdir(to_dir, to) : tmpfs_unlink(to_dir, to);
	if (error)
		return error;
	if (is_dir) {
		from_dir->nlink--;
		to_dir->nlink++;
	}
	from_dir->size -= ENTRY_SIZE;
	to_dir->size += ENTRY_SIZE;
	from->inode->ctime = vfs_now();
	inode_touch(from_dir);
	inode_touch(to_dir);
	return 0;
}

static long tmpfs_readlink(struct inode *inode, char *buf, size_t size)
{
	size_t len = MIN((size_t)inode->size, size);

	memcpy(buf, inode->private, len);
	return (long)len;
}

static int set_size(struct inode *inode, u64 size)
{
	u64 before = inode->cache.pages;
	bool shrinks = size < inode->size;

	if (inode->seals & (shrinks ? SEAL_SHRINK : size > inode->size ? SEAL_GROW : 0))
		return -EPERM;
	inode->size = size;
	if (shrinks)
		pagecache_truncate(inode, size);
	release_pages(inode, before);
	inode_touch(inode);
	return 0;
}

static int tmpfs_setattr(struct inode *inode, const struct iattr *attr)
{
	int error = attr->valid & ATTR_SIZE ? set_size(inode, attr->size) : 0;

	if (!error)
		inode_copy_attr(inode, attr);
	return error;
}

/* A zeroed page's worth of the mount's space. */
static int reserve(struct inode *inode, u64 pages)
{
	struct tmpfs *t = tmpfs_of(inode);

	if (t->used_pages + pages > t->max_pages)
		return -ENOSPC;
	t->used_pages += pages;
	total_pages += pages;
	return 0;
}

static int tmpfs_fill(struct inode *inode, struct file *file __unused, u64 first __unused,
		      struct page **pages, u32 count)
{
	int error = reserve(inode, count);

	if (error)
		return error;
	for (u32 i = 0; i < count; i++)
		memset(page_to_virt(pages[i]), 0, PAGE_SIZE);
	set_blocks(inode);
	return 0;
}

/* The page at index for writing, also beyond the end of the file; no reference. */
static int page_for_write(struct inode *inode, u64 index, struct page **out)
{
	struct page *p = pagecache_find(inode, index);
	int error = 0;

	if (!p) {
		error = reserve(inode, 1);
		if (error)
			return error;
		p = page_alloc(0, ALLOC_USER | ALLOC_ZERO);
		error = p ? pagecache_add(inode, index, p) : -ENOMEM;
		if (error) {
			release_pages(inode, inode->cache.pages + 1);
			if (p)
				page_put(p);
			return error;
		}
		p->flags |= PG_UPTODATE;
		set_blocks(inode);
	}
	*out = p;
	return 0;
}

static long write_pages(struct inode *inode, struct iov_iter *from, u64 *pos)
{
	long done = 0;

	while (from->left) {
		u64 offset = *pos & (PAGE_SIZE - 1);
		u64 len = MIN(from->left, PAGE_SIZE - offset);
		struct page *p;
		int error = page_for_write(inode, *pos >> PAGE_SHIFT, &p);
		size_t moved;

		if (error)
			return done ? done : error;
		page_get(p);
		moved = iter_copy_from(from, (char *)page_to_virt(p) + offset, len);
		page_put(p);
		*pos += moved;
		done += (long)moved;
		if (*pos > inode->size)
			inode->size = *pos;
		if (moved < len)
			return done ? done : -EFAULT;
	}
	return done;
}

static long tmpfs_write(struct file *f, struct iov_iter *from, u64 *pos)
{
	struct inode *inode = f->inode;
	long done;

	mutex_lock(&inode->lock);
	done = write_begin(f, from, pos);
	if (!done && from->left) {
		done = inode->seals & SEAL_WRITE ? -EPERM : 0;
		if (!done && (inode->seals & SEAL_GROW) && *pos + from->left > inode->size)
			done = -EPERM;
		if (!done)
			done = write_pages(inode, from, pos);
		if (done > 0)
			inode_touch(inode);
	}
	mutex_unlock(&inode->lock);
	return done;
}

/* Holes read as zeroes and stay holes. */
static long tmpfs_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	struct inode *inode = f->inode;
	long done = 0;

	while (to->left && *pos < inode->size) {
		u64 offset = *pos & (PAGE_SIZE - 1);
		u64 len = MIN(MIN(to->left, PAGE_SIZE - offset), inode->size - *pos);
		struct page *p = pagecache_peek(inode, *pos >> PAGE_SHIFT);
		size_t moved;

		if (p) {
			moved = iter_copy_to(to, (char *)page_to_virt(p) + offset, len);
			page_put(p);
		} else {
			moved = iter_zero(to, len);
		}
		*pos += moved;
		done += (long)moved;
		if (moved < len)
			return done ? done : -EFAULT;
	}
	return done;
}

static void zero_part(struct inode *inode, u64 from, u64 to)
{
	struct page *p = pagecache_find(inode, from >> PAGE_SHIFT);

	if (p && to > from)
		memset((char *)page_to_virt(p) + (from & (PAGE_SIZE - 1)), 0, to - from);
}

static void punch(struct inode *inode, u64 from, u64 to)
{
	u64 first = PAGE_UP(from), last = PAGE_DOWN(to), before = inode->cache.pages;

	if (first > last) {
		zero_part(inode, from, to);
		return;
	}
	zero_part(inode, from, first);
	zero_part(inode, last, to);
	if (last > first)
		pagecache_drop(inode, first >> PAGE_SHIFT, (last >> PAGE_SHIFT) - 1);
	release_pages(inode, before);
}

static int tmpfs_fallocate(struct inode *inode, int mode, u64 offset, u64 len)
{
	enum { KEEP_SIZE = 1, PUNCH_HOLE = 2, ZERO_RANGE = 16 };
	u64 end = offset + len;

	if (mode & ~(KEEP_SIZE | PUNCH_HOLE | ZERO_RANGE))
		return -EOPNOTSUPP;
	if (mode & (PUNCH_HOLE | ZERO_RANGE)) {
		if (inode->seals & SEAL_WRITE)
			return -EPERM;
		punch(inode, offset, end);
	}
	if (mode & PUNCH_HOLE)
		return 0;
	if (!(mode & KEEP_SIZE) && end > inode->size && (inode->seals & SEAL_GROW))
		return -EPERM;
	for (u64 i = offset >> PAGE_SHIFT; i < (end + PAGE_SIZE - 1) >> PAGE_SHIFT; i++) {
		struct page *p;
		int error = page_for_write(inode, i, &p);

		if (error)
			return error;
	}
	if (!(mode & KEEP_SIZE) && end > inode->size)
		inode->size = end;
	inode_touch(inode);
	return 0;
}

static int tmpfs_statfs(struct superblock *sb, struct statfs_info *out)
{
	const struct tmpfs *t = sb->private;

	out->blocks = t->max_pages;
	out->bfree = out->bavail = t->max_pages - t->used_pages;
	out->files = t->max_inodes;
	out->ffree = t->max_inodes - t->used_inodes;
	return 0;
}

static const struct inode_ops file_iops = {
	.setattr = tmpfs_setattr,
	.fill_pages = tmpfs_fill,
	.fallocate = tmpfs_fallocate,
	.getxattr = memory_getxattr,
	.setxattr = memory_setxattr,
	.listxattr = memory_listxattr,
	.evict = tmpfs_evict,
};

static const struct inode_ops link_iops = {
	.setattr = tmpfs_setattr,
	.readlink = tmpfs_readlink,
	.getxattr = memory_getxattr,
	.setxattr = memory_setxattr,
	.listxattr = memory_listxattr,
	.evict = tmpfs_evict,
};

static const struct inode_ops dir_iops = {
	.create = tmpfs_create,
	.mkdir = tmpfs_mkdir,
	.mknod = make,
	.symlink = tmpfs_symlink,
	.tmpfile = tmpfs_tmpfile,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rmdir = tmpfs_rmdir,
	.rename = tmpfs_rename,
	.setattr = tmpfs_setattr,
	.getxattr = memory_getxattr,
	.setxattr = memory_setxattr,
	.listxattr = memory_listxattr,
	.evict = tmpfs_evict,
};

static const struct file_ops file_fops = {
	.read = tmpfs_read,
	.write = tmpfs_write,
	.seek = generic_seek,
	.fsync = file_sync_nothing,
	.can_mmap = true,
};

static const struct superblock_ops super_ops = {.statfs = tmpfs_statfs};

struct superblock *tmpfs_make(const struct tmpfs_options *o, const char *fstype, int *error)
{
	struct superblock *sb = super_alloc(fstype, TMPFS_MAGIC, &super_ops, 0);
	struct tmpfs *t = kzalloc(sizeof(*t));
	struct inode *root = NULL;
	struct page_stats stats;

	page_get_stats(&stats);
	*error = -ENOMEM;
	if (sb && t) {
		t->max_pages = o->size ? PAGE_UP(o->size) >> PAGE_SHIFT : stats.total / 2;
		t->max_inodes = o->inodes ? o->inodes : MAX(stats.total / 2, 1024UL);
		t->options = *o;
		sb->private = t;
		root = new_inode(sb, S_IFDIR | o->mode);
	}
	if (!root)
		goto fail;
	root->uid = o->uid;
	root->gid = o->gid;
	sb->root = dentry_root(root);
	if (!sb->root)
		goto fail;
	*error = 0;
	return sb;
fail:
	kfree(t);
	kfree(sb);
	return NULL;
}

int tmpfs_add(struct dentry *dir, const char *name, u32 mode, u32 rdev, const char *target,
	      struct dentry **out)
{
	struct dentry *d = dentry_alloc(dir, name, (u32)strlen(name));
	int error;

	if (!d)
		return -ENOMEM;
	error = target ? tmpfs_symlink(dir->inode, d, target) : make(dir->inode, d, mode, rdev);
	if (!error) {
		if (!target)
			d->inode->mode = mode;
		d->inode->uid = d->inode->gid = 0;
		dentry_add(d);
		if (out)
			*out = dentry_get(d);
	}
	dentry_put(d);
	return error;
}
