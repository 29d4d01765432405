/* SPDX-License-Identifier: MIT */
/*
 * Regular files of the file server. All readers of an inode share one handle there, all writers another, so
 * that most opens need no call; data goes through the page cache, writes go through to the server at once.
 */
#include "fuse.h"

#include <uvm/page.h>
#include <uvm/string.h>

static u64 node(const struct inode *inode)
{
	return container_of(inode, const struct fuse_inode, inode)->nodeid;
}

static const u32 open_flags[HANDLE_KINDS] = {O_RDONLY, O_RDWR, O_WRONLY | O_APPEND};

/* The inode's handle of a kind, opened at the server when it is not yet. */
int fuse_get_handle(struct inode *inode, enum fuse_handle_kind kind, u64 *fh)
{
	struct fuse_handle *h = &fuse_of(inode)->handles[kind];
	struct fuse_open_in in = {.flags = open_flags[kind]};
	struct fuse_open_out out;
	struct fuse_args a = {.opcode = FUSE_OPEN,
			      .nodeid = node(inode),
			      .arg = &in,
			      .arg_size = sizeof(in),
			      .out = &out,
			      .out_size = sizeof(out)};
	long ret;

	if (!h->open) {
		ret = fuse_call(&a);
		if (ret < 0)
			return (int)ret;
		if (h->open) /* somebody else was faster while we slept */
			fuse_release_later(FUSE_RELEASE, node(inode), out.fh);
		else
			h->fh = out.fh;
		h->open = true;
	}
	*fh = h->fh;
	return 0;
}

/* CREATE brought a handle along. */
void fuse_keep_handle(struct inode *inode, enum fuse_handle_kind kind, u64 fh)
{
	struct fuse_handle *h = &fuse_of(inode)->handles[kind];

	if (h->open) {
		fuse_release_later(FUSE_RELEASE, node(inode), fh);
		return;
	}
	h->open = true;
	h->fh = fh;
}

static void close_handle(struct fuse_inode *fi, enum fuse_handle_kind kind)
{
	struct fuse_handle *h = &fi->handles[kind];

	if (h->open)
		fuse_release_later(FUSE_RELEASE, fi->nodeid, h->fh);
	h->open = false;
}

void fuse_drop_handles(struct fuse_inode *fi)
{
	for (u32 kind = 0; kind < HANDLE_KINDS; kind++)
		close_handle(fi, kind);
}

static int read_handle(struct inode *inode, u64 *fh)
{
	const struct fuse_handle *w = &fuse_of(inode)->handles[HANDLE_WRITE];

	if (w->open) {
		*fh = w->fh;
		return 0;
	}
	return fuse_get_handle(inode, HANDLE_READ, fh);
}

static enum fuse_handle_kind write_kind(const struct file *f)
{
	return f->open_flags & O_APPEND ? HANDLE_APPEND : HANDLE_WRITE;
}

static int fuse_open(struct inode *inode, struct file *f)
{
	struct fuse_inode *fi = fuse_of(inode);
	int error;

	if (f->can_write) {
		error = fuse_get_handle(inode, write_kind(f), &f->fh);
		if (error)
			return error;
		fi->handles[write_kind(f)].users++;
	}
	fi->files++;
	return 0;
}

/* The last writer's close reaches the server now, so that others see the file closed. */
static void release_writer(struct inode *inode, enum fuse_handle_kind kind)
{
	struct fuse_handle *h = &fuse_of(inode)->handles[kind];
	struct fuse_release_in in = {.fh = h->fh};
	struct fuse_args a = {
		.opcode = FUSE_RELEASE, .nodeid = node(inode), .arg = &in, .arg_size = sizeof(in)};

	if (--h->users || !h->open)
		return;
	h->open = false;
	fuse_call(&a);
}

static void fuse_file_release(struct file *f)
{
	struct fuse_inode *fi = fuse_of(f->inode);

	if (f->can_write) {
		if (f->inode->cache.dirty)
			pagecache_writeback(f->inode, 0, ~0ULL);
		release_writer(f->inode, write_kind(f));
	}
	if (--fi->files == 0)
		fuse_drop_handles(fi);
}

static int fuse_fill_pages(struct inode *inode, struct file *file __unused, u64 first, struct page **pages,
			   u32 count)
{
	struct fuse_read_in in = {.offset = first << PAGE_SHIFT, .size = count << PAGE_SHIFT};
	struct virtq_seg segs[PAGECACHE_RUN_MAX];
	struct fuse_args a = {.opcode = FUSE_READ,
			      .nodeid = node(inode),
			      .arg = &in,
			      .arg_size = sizeof(in),
			      .data = segs,
			      .data_count = count};
	long got = read_handle(inode, &in.fh);

	if (got)
		return (int)got;
	for (u32 i = 0; i < count; i++)
		segs[i] = (struct virtq_seg){page_to_virt(pages[i]), PAGE_SIZE, true};
	got = fuse_call(&a);
	if (got < 0)
		return (int)got;
	for (u32 i = (u32)(got >> PAGE_SHIFT); i < count; i++) {
		u64 have = (u64)got > (u64)i << PAGE_SHIFT ? (u64)got - ((u64)i << PAGE_SHIFT) : 0;

		memset((char *)page_to_virt(pages[i]) + have, 0, PAGE_SIZE - have);
	}
	return 0;
}

/* Sends [pos, pos + len) which starts at byte `offset` of the first page: bytes taken, or -errno. */
static long send(struct inode *inode, u64 fh, u64 pos, u64 len, struct page **pages, u32 count)
{
	struct fuse_write_in in = {.fh = fh, .offset = pos, .size = (u32)len};
	struct fuse_write_out out;
	struct virtq_seg segs[PAGECACHE_RUN_MAX];
	struct fuse_args a = {.opcode = FUSE_WRITE,
			      .nodeid = node(inode),
			      .arg = &in,
			      .arg_size = sizeof(in),
			      .out = &out,
			      .out_size = sizeof(out),
			      .data = segs,
			      .data_count = count};
	u64 offset = pos & (PAGE_SIZE - 1), left = len;
	long ret;

	for (u32 i = 0; i < count; i++) {
		u32 part = (u32)MIN(left, PAGE_SIZE - offset);

		segs[i] = (struct virtq_seg){(char *)page_to_virt(pages[i]) + offset, part, false};
		left -= part;
		offset = 0;
	}
	ret = fuse_call(&a);
	if (ret < 0)
		return ret;
	return out.size <= len ? (long)out.size : -EIO;
}

static int fuse_write_pages(struct inode *inode, u64 first, struct page **pages, u32 count)
{
	u64 start = first << PAGE_SHIFT, fh;
	long ret = fuse_get_handle(inode, HANDLE_WRITE, &fh);
	u64 len;

	if (ret || start >= inode->size)
		return (int)ret;
	len = MIN((u64)count << PAGE_SHIFT, inode->size - start);
	count = (u32)((len + PAGE_SIZE - 1) >> PAGE_SHIFT);
	ret = send(inode, fh, start, len, pages, count);
	fuse_changed(inode);
	if (!fuse_of(inode)->handles[HANDLE_WRITE].users)
		close_handle(fuse_of(inode), HANDLE_WRITE);
	if (ret < 0)
		return (int)ret;
	return (u64)ret == len ? 0 : -EIO;
}

/* A page to gather bytes for one write in: the cached one, or a new one that may become it. */
static struct page *page_for(struct inode *inode, u64 index)
{
	struct page *p = pagecache_peek(inode, index);

	return p ? p : page_alloc(0, ALLOC_USER | ALLOC_ZERO);
}

/* After the server took the bytes: a new page that holds all there is of its part of the file stays. */
static void adopt(struct inode *inode, struct page *p, u64 pos, u64 end)
{
	u64 index = pos >> PAGE_SHIFT;
	bool whole = !(pos & (PAGE_SIZE - 1)) && (!(end & (PAGE_SIZE - 1)) || end >= inode->size);

	if (p->owner || !whole || pagecache_find(inode, index))
		return;
	page_get(p);
	if (pagecache_add(inode, index, p))
		page_put(p);
	else
		p->flags |= PG_UPTODATE;
}

/* Pages whose bytes the server did not take must not show them. */
static void disown(struct inode *inode, struct page *p, u64 pos)
{
	u64 index = pos >> PAGE_SHIFT;

	if (p->owner == inode && pagecache_find(inode, index) == p)
		pagecache_drop(inode, index, index);
}

struct chunk {
	struct page *pages[PAGECACHE_RUN_MAX];
	u32 count;
	u64 len;
};

/* Copies the caller's bytes for [pos, …) into pages. */
static int gather(struct inode *inode, struct iov_iter *from, u64 pos, struct chunk *c)
{
	u32 limit = fuse_max_pages();

	c->count = 0;
	c->len = 0;
	while (from->left && c->count < limit) {
		u64 offset = (pos + c->len) & (PAGE_SIZE - 1);
		u64 want = MIN(from->left, PAGE_SIZE - offset);
		struct page *p = page_for(inode, (pos + c->len) >> PAGE_SHIFT);
		size_t moved;

		if (!p)
			return c->len ? 0 : -ENOMEM;
		moved = iter_copy_from(from, (char *)page_to_virt(p) + offset, want);
		if (!moved) {
			page_put(p);
			return c->len ? 0 : -EFAULT;
		}
		c->pages[c->count++] = p;
		c->len += moved;
		if (moved < want)
			break;
	}
	return 0;
}

static void settle(struct inode *inode, struct chunk *c, u64 pos, u64 taken)
{
	u64 at = pos, end = pos + c->len;

	for (u32 i = 0; i < c->count; i++) {
		u64 next = MIN(PAGE_DOWN(at) + PAGE_SIZE, end);

		if (next <= pos + taken)
			adopt(inode, c->pages[i], at, next);
		else
			disown(inode, c->pages[i], at);
		page_put(c->pages[i]);
		at = next;
	}
}

static long write_chunk(struct file *f, struct iov_iter *from, u64 pos)
{
	struct inode *inode = f->inode;
	enum fuse_handle_kind kind = f->flags & O_APPEND ? HANDLE_APPEND : HANDLE_WRITE;
	struct chunk c;
	u64 fh;
	long ret = fuse_get_handle(inode, kind, &fh);

	if (!ret)
		ret = gather(inode, from, pos, &c);
	if (ret)
		return ret;
	ret = send(inode, fh, pos, c.len, c.pages, c.count);
	if (ret > 0 && pos + (u64)ret > inode->size)
		inode->size = pos + (u64)ret;
	settle(inode, &c, pos, ret > 0 ? (u64)ret : 0);
	return ret < 0 ? ret : (u64)ret < c.len ? (ret ? ret : -EIO) : ret;
}

static int sync_file(struct inode *inode, bool data_only)
{
	struct fuse_fsync_in in = {.fsync_flags = data_only ? FUSE_FSYNC_DATA : 0};
	struct fuse_args a = {
		.opcode = FUSE_FSYNC, .nodeid = node(inode), .arg = &in, .arg_size = sizeof(in)};
	long ret = pagecache_writeback(inode, 0, ~0ULL);

	if (!ret)
		ret = read_handle(inode, &in.fh);
	if (!ret)
		ret = fuse_call(&a);
	return ret < 0 ? (int)ret : 0;
}

static int fuse_fsync(struct file *f, bool data_only)
{
	return sync_file(f->inode, data_only);
}

static long write_all(struct file *f, struct iov_iter *from, u64 *pos)
{
	long done = 0, n = 0;

	while (from->left) {
		u64 before = from->left;

		n = write_chunk(f, from, *pos);
		if (n <= 0)
			break;
		*pos += (u64)n;
		done += n;
		if ((u64)n < before - from->left) /* the server took less: tell the caller */
			break;
	}
	return done ? done : n;
}

static long fuse_write(struct file *f, struct iov_iter *from, u64 *pos)
{
	struct inode *inode = f->inode;
	long done;

	mutex_lock(&inode->lock);
	done = f->flags & O_APPEND ? fuse_getattr(inode) : 0;
	if (!done)
		done = write_begin(f, from, pos);
	if (!done && from->left)
		done = write_all(f, from, pos);
	if (done > 0) {
		inode_touch(inode);
		fuse_changed(inode);
		if (f->flags & O_DSYNC) {
			int error = sync_file(inode, (f->flags & O_SYNC) != O_SYNC);

			if (error)
				done = error;
		}
	}
	mutex_unlock(&inode->lock);
	return done;
}

/* Others may have changed the file: what we know of it must not be too old. */
static long fuse_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	int error = fuse_of(f->inode)->own_change && *pos < f->inode->size ? 0 : fuse_getattr(f->inode);

	return error ? error : page_read(f, to, pos);
}

static int fuse_fallocate(struct inode *inode, int mode, u64 offset, u64 len)
{
	struct fuse_fallocate_in in = {.offset = offset, .length = len, .mode = (u32)mode};
	struct fuse_args a = {
		.opcode = FUSE_FALLOCATE, .nodeid = node(inode), .arg = &in, .arg_size = sizeof(in)};
	long ret = pagecache_writeback(inode, 0, ~0ULL);

	if (!ret)
		ret = fuse_get_handle(inode, HANDLE_WRITE, &in.fh);
	if (!ret)
		ret = fuse_call(&a);
	if (ret < 0)
		return (int)ret;
	/* Anything but plain allocation may have changed bytes. */
	if (mode & ~1)
		pagecache_drop(inode, offset >> PAGE_SHIFT, ~0ULL);
	fuse_changed(inode);
	return fuse_getattr(inode);
}

const struct inode_ops fuse_file_iops = {
	.getattr = fuse_getattr,
	.setattr = fuse_setattr,
	.fill_pages = fuse_fill_pages,
	.write_pages = fuse_write_pages,
	.fallocate = fuse_fallocate,
	.getxattr = fuse_getxattr,
	.setxattr = fuse_setxattr,
	.listxattr = fuse_listxattr,
	.evict = fuse_evict,
};

const struct file_ops fuse_file_fops = {
	.open = fuse_open,
	.release = fuse_file_release,
	.read = fuse_read,
	.write = fuse_write,
	.seek = generic_seek,
	.fsync = fuse_fsync,
	.can_mmap = true,
};
