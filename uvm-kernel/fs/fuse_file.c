/* SPDX-License-Identifier: MIT */
/*
 * Regular files of the file server: handles, opening and closing, reading. All readers of an inode share one
 * handle there, all writers another, so that most opens need no call.
 */
#include "fuse.h"

static const u32 open_flags[HANDLE_KINDS] = {O_RDONLY, O_RDWR, O_WRONLY | O_APPEND};

/* The inode's handle of a kind, opened at the server when it is not yet. */
int fuse_get_handle(struct inode *inode, enum fuse_handle_kind kind, u64 *fh)
{
	struct fuse_handle *h = &fuse_of(inode)->handles[kind];
	struct fuse_open_in in = {.flags = open_flags[kind]};
	struct fuse_open_out out;
	long ret;

	if (!h->open) {
		ret = fuse_ask(FUSE_OPEN, fuse_node(inode), &in, FUSE_OUT(&out));
		if (ret < 0)
			return (int)ret;
		fuse_keep_handle(inode, kind, out.fh);
	}
	*fh = h->fh;
	return 0;
}

/* OPEN or CREATE brought a handle, unless somebody else was faster while we slept. */
void fuse_keep_handle(struct inode *inode, enum fuse_handle_kind kind, u64 fh)
{
	struct fuse_handle *h = &fuse_of(inode)->handles[kind];

	if (h->open)
		fuse_release_later(FUSE_RELEASE, fuse_node(inode), fh);
	else
		h->fh = fh;
	h->open = true;
}

static void close_handle(struct fuse_inode *fi, enum fuse_handle_kind kind)
{
	struct fuse_handle *h = &fi->handles[kind];

	if (!h->open || (kind == HANDLE_WRITE && fi->inode.cache.dirty)) /* no memory to queue them */
		return;
	fuse_release_later(FUSE_RELEASE, fi->nodeid, h->fh);
	h->open = false;
}

void fuse_drop_handles(struct fuse_inode *fi)
{
	for (u32 kind = 0; kind < HANDLE_KINDS; kind++)
		close_handle(fi, kind);
}

int fuse_read_handle(struct inode *inode, u64 *fh)
{
	const struct fuse_handle *w = &fuse_of(inode)->handles[HANDLE_WRITE];

	if (w->open) {
		*fh = w->fh;
		return 0;
	}
	return fuse_get_handle(inode, HANDLE_READ, fh);
}

static int fuse_open(struct inode *inode, struct file *f)
{
	struct fuse_inode *fi = fuse_of(inode);
	u64 fh;
	int error;

	if (f->can_write) {
		/* Nobody can write there; inode->writers keeps new ones out. */
		if (inode->cache.windowed)
			pagecache_invalidate(inode);
		error = fuse_get_handle(inode, f->open_flags & O_APPEND ? HANDLE_APPEND : HANDLE_WRITE, &fh);
		/* What appends writes elsewhere too, when it is mapped. */
		if (!error && f->can_read)
			error = fuse_get_handle(inode, HANDLE_WRITE, &fh);
		if (error)
			return error;
		fi->writers++;
	}
	fi->files++;
	f->error_seq = inode->cache.error_seq;
	return 0;
}

/* The last writer's close reaches the server now, behind its bytes, so that others see the file closed. */
static void end_writing(struct file *f)
{
	struct fuse_inode *fi = fuse_of(f->inode);

	if (!f->can_write || f->private)
		return;
	f->private = fi; /* done */
	pagecache_writeback(f->inode, 0, ~0ULL);
	if (!--fi->writers) {
		close_handle(fi, HANDLE_WRITE);
		close_handle(fi, HANDLE_APPEND);
	}
	fuse_kick();
}

static int fuse_flush(struct file *f)
{
	if (f->refs == 1) {
		end_writing(f);
	} else if (f->inode->cache.dirty) {
		pagecache_writeback(f->inode, 0, ~0ULL);
		fuse_kick();
	}
	return f->can_write ? pagecache_error(f) : 0;
}

static void fuse_file_release(struct file *f)
{
	end_writing(f);
	if (--fuse_of(f->inode)->files == 0)
		fuse_drop_handles(fuse_of(f->inode));
}

static int fuse_fill_pages(struct inode *inode, struct file *file __unused, u64 first, struct page **pages,
			   u32 count)
{
	struct fuse_read_in in = {.offset = first << PAGE_SHIFT, .size = count << PAGE_SHIFT};
	struct virtq_seg segs[PAGECACHE_RUN_MAX];
	u32 segments = fuse_page_segs(segs, pages, count, 0, ~0ULL, true);
	long got = fuse_read_handle(inode, &in.fh);

	if (!got)
		got = fuse_ask(FUSE_READ, fuse_node(inode), &in, .data = segs, .data_count = segments);
	if (got < 0)
		return (int)got;
	for (u32 i = (u32)(got >> PAGE_SHIFT); i < count; i++) {
		u64 have = (u64)got > (u64)i << PAGE_SHIFT ? (u64)got - ((u64)i << PAGE_SHIFT) : 0;

		memset((char *)page_to_virt(pages[i]) + have, 0, PAGE_SIZE - have);
	}
	return 0;
}

static int fuse_map_window(struct inode *inode, u64 offset, u64 len, u64 place)
{
	struct fuse_setupmapping_in in = {~0ULL, offset, len, FUSE_SETUPMAPPING_FLAG_READ, place};

	return (int)fuse_ask(FUSE_SETUPMAPPING, fuse_node(inode), &in);
}

/* Others may have changed the file: what we know of it must not be too old. */
static long fuse_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	bool known = f->inode->cache.dirty || (fuse_of(f->inode)->own_change && *pos < f->inode->size);
	int error = known ? 0 : fuse_getattr(f->inode);

	return error ? error : page_read(f, to, pos);
}

static int fuse_fallocate(struct inode *inode, int mode, u64 offset, u64 len)
{
	struct fuse_fallocate_in in = {.offset = offset, .length = len, .mode = (u32)mode};
	long ret = pagecache_writeback(inode, 0, ~0ULL);

	if (!ret)
		ret = fuse_get_handle(inode, HANDLE_WRITE, &in.fh);
	if (!ret)
		ret = fuse_ask(FUSE_FALLOCATE, fuse_node(inode), &in);
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
	.map_window = fuse_map_window,
	.write_pages = fuse_write_pages,
	.fallocate = fuse_fallocate,
	.getxattr = fuse_getxattr,
	.setxattr = fuse_setxattr,
	.listxattr = fuse_listxattr,
	.evict = fuse_evict,
};

const struct file_ops fuse_file_fops = {
	.open = fuse_open,
	.flush = fuse_flush,
	.release = fuse_file_release,
	.read = fuse_read,
	.write = fuse_write,
	.seek = generic_seek,
	.fsync = fuse_fsync,
	.can_mmap = true,
};
