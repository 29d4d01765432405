/* SPDX-License-Identifier: MIT */
/*
 * Dirty pages of the file server's files: they are sent when somebody asks for it, when their number grows,
 * when a VP has nothing else to do, and a moment after the first one became dirty. Sending queues requests
 * for the ring, which keeps their order; so whatever is asked of the server afterwards sees the bytes.
 */
#include "fs.h"
#include "radix.h"

#define DELAY (10 * NSEC_PER_MSEC)
#define DIRTY_MAX 1024u /* pages of all files; then they are sent at once */

static struct list dirty_files = LIST_INIT(dirty_files);
static u64 dirty_pages;

static void on_timer(struct timer *t)
{
	(void)t;
	writeback_start();
}

static struct timer timer = {.link = LIST_INIT(timer.link), .func = on_timer};

void pagecache_set_dirty(struct page *p)
{
	struct inode *inode = p->owner;

	if (!inode || (p->flags & PG_DIRTY) || !inode->ops->write_pages)
		return;
	p->flags |= PG_DIRTY;
	if (!inode->cache.dirty++)
		list_add_tail(&inode->cache.dirty_link, &dirty_files);
	if (!dirty_pages++)
		timer_set(&timer, time_deadline(DELAY));
}

void pagecache_clear_dirty(struct page *p)
{
	struct inode *inode = p->owner;

	if (!(p->flags & PG_DIRTY))
		return;
	p->flags &= (u16)~PG_DIRTY;
	if (!--inode->cache.dirty)
		list_del(&inode->cache.dirty_link);
	if (!--dirty_pages)
		timer_cancel(&timer);
}

/* The next run of dirty pages from *index on, no longer dirty. */
static u32 dirty_run(struct inode *inode, u64 *index, u64 last, struct page **pages)
{
	struct page *p;
	u32 n = 0;

	while (n < PAGECACHE_RUN_MAX && (p = radix_next(inode->cache.root, index)) && *index <= last) {
		if (n && (p->index != pages[n - 1]->index + 1 || !(p->flags & PG_DIRTY)))
			break;
		if (p->flags & PG_DIRTY) {
			/* Writers must come back to mark it dirty again. */
			mapping_write_protect(&inode->mapping, p->index);
			pagecache_clear_dirty(p);
			pages[n++] = p;
		}
		++*index;
	}
	return n;
}

int pagecache_writeback(struct inode *inode, u64 first, u64 last)
{
	struct page *pages[PAGECACHE_RUN_MAX];
	int error = 0;
	u32 n;

	while (!error && inode->cache.dirty && (n = dirty_run(inode, &first, last, pages))) {
		error = inode->ops->write_pages(inode, pages[0]->index, pages, n);
		for (u32 i = 0; error && i < n; i++)
			pagecache_set_dirty(pages[i]);
	}
	return error;
}

void pagecache_written(struct inode *inode, struct page **pages, u32 count, int error)
{
	if (error) {
		inode->cache.error = error;
		inode->cache.error_seq++;
		pr_err("inode %lu: %u written pages are lost: error %d", inode->ino, count, -error);
	}
	for (u32 i = 0; i < count; i++)
		page_put(pages[i]);
	/* Bytes that the file does not have must not be seen. */
	if (error)
		pagecache_invalidate(inode);
}

int pagecache_error(struct file *f)
{
	struct page_cache *c = &f->inode->cache;

	if (f->error_seq == c->error_seq)
		return 0;
	f->error_seq = c->error_seq;
	return c->error;
}

bool writeback_start(void)
{
	static bool busy; /* finding memory for requests may lead here again */
	u64 before = dirty_pages;

	if (busy || list_empty(&dirty_files))
		return false;
	busy = true;
	for (u64 n = dirty_pages; n && !list_empty(&dirty_files); n--) {
		struct inode *inode = list_first(&dirty_files, struct inode, cache.dirty_link);

		if (pagecache_writeback(inode, 0, ~0ULL))
			list_move_tail(&inode->cache.dirty_link, &dirty_files);
	}
	/* What could not be queued is tried again. */
	if (dirty_pages)
		timer_set(&timer, time_deadline(DELAY));
	fuse_kick();
	busy = false;
	return dirty_pages < before;
}

void writeback_throttle(struct inode *inode)
{
	if (dirty_pages >= DIRTY_MAX)
		writeback_start();
	else if (inode->cache.dirty >= PAGECACHE_RUN_MAX && !pagecache_writeback(inode, 0, ~0ULL))
		fuse_kick();
}

void fs_sync_all(void)
{
	writeback_start();
	fuse_wait_written();
}
