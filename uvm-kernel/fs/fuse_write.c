/* SPDX-License-Identifier: MIT */
/*
 * Writing to files of the file server: into the page cache, from where writeback.c has it sent; at once for
 * O_APPEND, where the server's file decides the place, and for O_SYNC and its relatives.
 */
#include "fuse.h"

#define APPEND_MAX 0x10000u

/* What is dirty is never behind the end of the file but for bytes that a mapping wrote there: not sent. */
int fuse_write_pages(struct inode *inode, u64 first, struct page **pages, u32 count)
{
	const struct fuse_handle *h = &fuse_of(inode)->handles[HANDLE_WRITE];
	u64 start = first << PAGE_SHIFT, len;

	if (start >= inode->size)
		return 0;
	if (!h->open)
		return -EBADF;
	len = MIN((u64)count << PAGE_SHIFT, inode->size - start);
	count = (u32)((len + PAGE_SIZE - 1) >> PAGE_SHIFT);
	return fuse_write_later(inode, h->fh, start, (u32)len, pages, count);
}

/* Puts a page that was filled without looking at the file into the cache, if none came meanwhile. */
static int publish(struct inode *inode, u64 index, struct page **p, u64 offset, u64 len)
{
	struct page *other;
	int error;

	memset(page_to_virt(*p), 0, offset);
	memset((char *)page_to_virt(*p) + offset + len, 0, PAGE_SIZE - offset - len);
	if (!pagecache_find(inode, index)) {
		page_get(*p);
		error = pagecache_add(inode, index, *p);
		if (error)
			page_put(*p);
		else
			(*p)->flags |= PG_UPTODATE;
		return error;
	}
	error = pagecache_get(inode, NULL, index, &other);
	if (error)
		return error;
	memcpy((char *)page_to_virt(other) + offset, (char *)page_to_virt(*p) + offset, len);
	page_put(*p);
	*p = other;
	return 0;
}

/* Writes into one page: bytes taken, or -errno. What is written whole, or lies behind the end, is not read.
 */
static long write_page(struct inode *inode, struct iov_iter *from, u64 pos)
{
	u64 index = pos >> PAGE_SHIFT, offset = pos & (PAGE_SIZE - 1),
	    want = MIN(from->left, PAGE_SIZE - offset);
	bool behind = index << PAGE_SHIFT >= inode->size;
	bool fresh = (behind || (!offset && (want == PAGE_SIZE || pos + want >= inode->size))) &&
		     !pagecache_find(inode, index);
	struct page *p = fresh ? page_alloc(0, ALLOC_USER) : NULL;
	int error = fresh ? (p ? 0 : -ENOMEM) : pagecache_get(inode, NULL, index, &p);
	u64 moved;

	if (error)
		return error;
	moved = iter_copy_from(from, (char *)page_to_virt(p) + offset, want);
	if (!moved || (fresh && !behind && moved < want))
		error = -EFAULT;
	else if (fresh)
		error = publish(inode, index, &p, offset, moved);
	if (!error) {
		inode->size = MAX(inode->size, pos + moved);
		pagecache_set_dirty(p);
	}
	page_put(p);
	return error ? error : (long)moved;
}

static long write_cached(struct file *f, struct iov_iter *from, u64 *pos)
{
	struct inode *inode = f->inode;
	long done = 0, n;
	u64 fh;

	n = fuse_get_handle(inode, HANDLE_WRITE, &fh);
	/* Bytes that a mapping wrote behind the end do not become part of the file. */
	if (!n && *pos > inode->size)
		pagecache_truncate(inode, inode->size);
	while (!n && from->left) {
		u64 want = MIN(from->left, PAGE_SIZE - (*pos & (PAGE_SIZE - 1)));

		n = write_page(inode, from, *pos);
		if (n < 0)
			break;
		*pos += (u64)n;
		done += n;
		writeback_throttle(inode);
		n = (u64)n < want;
	}
	return done ? done : n;
}

/* Through the server's own O_APPEND: others may append to the file as well. */
static long append(struct file *f, struct iov_iter *from, u64 *pos)
{
	struct inode *inode = f->inode;
	u64 size = MIN(from->left, APPEND_MAX);
	void *data = kmalloc(size);
	struct virtq_seg seg = {data, 0, false};
	struct fuse_write_in in = {.offset = *pos};
	struct fuse_write_out out;
	long ret = data ? fuse_get_handle(inode, HANDLE_APPEND, &in.fh) : -ENOMEM;

	if (!ret) {
		seg.len = in.size = (u32)iter_copy_from(from, data, size);
		ret = in.size ? fuse_ask(FUSE_WRITE, fuse_node(inode), &in, FUSE_OUT(&out), .data = &seg,
					 .data_count = 1)
			      : -EFAULT;
	}
	kfree(data);
	if (ret < 0)
		return ret;
	if (!out.size || out.size > in.size)
		return -EIO;
	inode->size += out.size;
	pagecache_drop(inode, *pos >> PAGE_SHIFT, ~0ULL);
	*pos += out.size;
	fuse_changed(inode);
	return out.size;
}

static long write_appending(struct file *f, struct iov_iter *from, u64 *pos)
{
	long done = 0, n = pagecache_writeback(f->inode, 0, ~0ULL);
	u64 sent = 0;

	while (from->left && (u64)n == sent) { /* not when the server took less */
		u64 before = from->left;

		n = append(f, from, pos);
		if (n > 0)
			done += n;
		sent = before - from->left;
	}
	return done ? done : n;
}

int fuse_fsync(struct file *f, bool data_only)
{
	struct inode *inode = f->inode;
	struct fuse_fsync_in in = {.fsync_flags = data_only ? FUSE_FSYNC_DATA : 0};
	long ret = pagecache_writeback(inode, 0, ~0ULL);
	int error;

	if (!ret)
		ret = fuse_read_handle(inode, &in.fh);
	if (!ret)
		ret = fuse_ask(FUSE_FSYNC, fuse_node(inode), &in);
	error = pagecache_error(f);
	return error ? error : ret < 0 ? (int)ret : 0;
}

/* What the file's flags promise of a write that has returned. */
static int keep_promise(struct file *f)
{
	if (f->flags & O_DSYNC)
		return fuse_fsync(f, (f->flags & O_SYNC) != O_SYNC);
	if (!(f->flags & O_DIRECT))
		return 0;
	pagecache_writeback(f->inode, 0, ~0ULL);
	fuse_kick();
	return pagecache_error(f);
}

long fuse_write(struct file *f, struct iov_iter *from, u64 *pos)
{
	struct inode *inode = f->inode;
	bool appends = f->flags & O_APPEND;
	long done;

	mutex_lock(&inode->lock);
	done = pagecache_error(f);
	if (!done && appends && !fuse_of(inode)->own_change)
		done = fuse_getattr(inode);
	if (!done)
		done = write_begin(f, from, pos);
	if (!done && from->left)
		done = appends ? write_appending(f, from, pos) : write_cached(f, from, pos);
	if (done > 0) {
		int error;

		inode_touch(inode);
		fuse_of(inode)->own_change = true;
		error = keep_promise(f);
		if (error)
			done = error;
	}
	mutex_unlock(&inode->lock);
	return done;
}
