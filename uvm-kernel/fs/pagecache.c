/* SPDX-License-Identifier: MIT */
/*
 * The page cache: pages of files by index, filled by the file system, sent to it when dirty (writeback.c),
 * reclaimed when clean and unused. tmpfs keeps its data here, so its pages are never reclaimed.
 */
#include "fs.h"
#include "radix.h"

#define FAULT_CLUSTER 16u
#define READ_AHEAD_MIN 4u
#define UNMAP_PAGES 256u

static struct waitq page_wait = WAITQ_INIT(page_wait); /* for pages that are PG_LOCKED */
static struct page_list clean;			       /* reclaimable, oldest first */
static u64 total;

static bool reclaimable(const struct inode *inode)
{
	return inode->ops->write_pages != NULL;
}

struct page *pagecache_find(struct inode *inode, u64 index)
{
	return radix_get(inode->cache.root, index);
}

int pagecache_add(struct inode *inode, u64 index, struct page *page)
{
	int error = radix_set(&inode->cache.root, index, page);

	if (error)
		return error;
	page->owner = inode;
	page->index = index;
	page->flags |= PG_CACHE;
	inode->cache.pages++;
	if (page->flags & PG_WINDOW) {
		inode->cache.windowed++;
		return 0;
	}
	total++;
	if (reclaimable(inode))
		page_list_add_tail(&clean, page);
	return 0;
}

/* Takes the page out and drops the cache's reference; mappings that still hold it keep their bytes. */
void pagecache_remove(struct page *p)
{
	struct inode *inode = p->owner;

	pagecache_clear_dirty(p);
	radix_remove(&inode->cache.root, p->index);
	inode->cache.pages--;
	if (p->flags & PG_WINDOW) {
		inode->cache.windowed--;
	} else {
		total--;
		if (reclaimable(inode))
			page_list_del(&clean, p);
	}
	p->flags &= (u16) ~(PG_CACHE | PG_UPTODATE | PG_LOCKED | PG_REFERENCED);
	p->owner = NULL;
	page_put(p);
}

static u64 file_pages(const struct inode *inode)
{
	return (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* New, locked pages for [first, first + count), up to the first one that is there already. */
static u32 alloc_run(struct inode *inode, u64 first, u32 count, struct page **pages)
{
	u32 n;

	for (n = 0; n < count && !pagecache_find(inode, first + n); n++) {
		struct page *p = page_alloc(0, ALLOC_USER);

		if (!p)
			break;
		p->flags |= PG_LOCKED;
		if (pagecache_add(inode, first + n, p)) {
			page_put(p);
			break;
		}
		pages[n] = p;
	}
	return n;
}

static int fill_run(struct inode *inode, struct file *file, u64 first, u32 count)
{
	struct page *pages[PAGECACHE_RUN_MAX];
	u32 n = alloc_run(inode, first, count, pages);
	int error;

	if (!n)
		return -ENOMEM;
	error = inode->ops->fill_pages(inode, file, first, pages, n);
	for (u32 i = 0; i < n; i++) {
		pages[i]->flags &= (u16)~PG_LOCKED;
		if (error)
			pagecache_remove(pages[i]);
		else
			pages[i]->flags |= PG_UPTODATE;
	}
	wake_all(&page_wait);
	return error;
}

/* How much to bring in at once: growing windows for streams of reads, small clusters for faults. */
static u32 read_ahead(struct inode *inode, struct file *file, u64 index)
{
	u64 left = file_pages(inode) - index;
	u32 want = FAULT_CLUSTER;

	if (!reclaimable(inode))
		return 1;
	if (file) {
		bool stream = index == file->ra_next;

		want = stream ? MIN(MAX(file->ra_size * 2, READ_AHEAD_MIN), PAGECACHE_RUN_MAX)
			      : READ_AHEAD_MIN;
		file->ra_size = want;
	}
	return (u32)MIN(left, (u64)want);
}

int pagecache_get(struct inode *inode, struct file *file, u64 index, struct page **out)
{
	for (;;) {
		struct page *p = pagecache_find(inode, index);
		u32 count;
		int error;

		if (p && (p->flags & PG_LOCKED)) {
			wait_event(&page_wait, pagecache_find(inode, index) != p || !(p->flags & PG_LOCKED));
			continue;
		}
		if (p) {
			p->flags |= PG_REFERENCED;
			page_get(p);
			*out = p;
			return 0;
		}
		if (index >= file_pages(inode))
			return -EFAULT;
		if (!inode->ops->fill_pages)
			return -EIO;
		if (window_fill(inode, index))
			continue;
		count = read_ahead(inode, file, index);
		error = fill_run(inode, file, index, count);
		if (error == -ENOMEM && pagecache_unmap())
			continue;
		if (error)
			return error;
		if (file)
			file->ra_next = index + count;
	}
}

struct page *pagecache_peek(struct inode *inode, u64 index)
{
	struct page *p = pagecache_find(inode, index);

	if (!p || !(p->flags & PG_UPTODATE))
		return NULL;
	p->flags |= PG_REFERENCED;
	page_get(p);
	return p;
}

void pagecache_drop(struct inode *inode, u64 first, u64 last)
{
	struct page *p;
	u64 index = first;

	mapping_zap(&inode->mapping, first, last, true);
	while ((p = radix_next(inode->cache.root, &index)) && index <= last) {
		if (p->flags & PG_LOCKED) {
			u64 at = index;

			wait_event(&page_wait, pagecache_find(inode, at) != p || !(p->flags & PG_LOCKED));
			continue;
		}
		pagecache_remove(p);
		if (!++index)
			break;
	}
}

static void remove_all(struct inode *inode, u16 but)
{
	struct page *p;
	u64 index = 0;

	while ((p = radix_next(inode->cache.root, &index))) {
		if (!(p->flags & but))
			pagecache_remove(p);
		if (!++index)
			break;
	}
}

void pagecache_invalidate(struct inode *inode)
{
	mapping_zap(&inode->mapping, 0, ~0ULL, false);
	remove_all(inode, PG_LOCKED | PG_DIRTY);
}

void pagecache_free(struct inode *inode)
{
	remove_all(inode, 0);
}

void pagecache_truncate(struct inode *inode, u64 new_size)
{
	u64 first = (new_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 tail = new_size & (PAGE_SIZE - 1);
	struct page *p;

	pagecache_drop(inode, first, ~0ULL);
	p = tail ? pagecache_find(inode, new_size >> PAGE_SHIFT) : NULL;
	/* In the window the zeros are the root's. */
	if (p && (p->flags & (PG_UPTODATE | PG_WINDOW)) == PG_UPTODATE)
		memset((char *)page_to_virt(p) + tail, 0, PAGE_SIZE - tail);
}

/* Two rounds: the first may only take the second chance away from everybody. */
static u64 take_unused(u64 count)
{
	u64 tries = 2 * clean.count, freed = 0;

	while (tries-- && freed < count) {
		struct page *p = page_list_first(&clean);

		if (!p)
			break;
		if (p->refs > 1 || (p->flags & (PG_LOCKED | PG_DIRTY | PG_REFERENCED))) {
			p->flags &= (u16)~PG_REFERENCED;
			page_list_del(&clean, p);
			page_list_add_tail(&clean, p);
			continue;
		}
		pagecache_remove(p);
		freed++;
	}
	return freed;
}

/* Sends dirty pages when there are not enough clean ones: the next round finds them clean. */
u64 pagecache_shrink(u64 count)
{
	u64 freed = take_unused(count);

	if (freed < count && writeback_start())
		freed += take_unused(count - freed);
	return freed;
}

/* Who has them mapped faults them in again. Few are not worth that: they would only go round. */
bool pagecache_unmap(void)
{
	for (u64 n = MIN(clean.count, UNMAP_PAGES); n; n--) {
		struct page *p = page_list_first(&clean);
		struct inode *inode = p->owner;

		mapping_zap(&inode->mapping, p->index, p->index, false);
		page_list_del(&clean, p);
		page_list_add_tail(&clean, p);
	}
	return pagecache_shrink(UNMAP_PAGES) >= UNMAP_PAGES / 4;
}

u64 pagecache_total_pages(void)
{
	return total;
}

/* read() of a file whose data is in the page cache. */
long page_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	struct inode *inode = f->inode;
	long done = 0;

	while (to->left && *pos < inode->size) {
		u64 offset = *pos & (PAGE_SIZE - 1);
		u64 len = MIN(MIN(to->left, PAGE_SIZE - offset), inode->size - *pos);
		struct page *p;
		int error = pagecache_get(inode, f, *pos >> PAGE_SHIFT, &p);
		size_t moved;

		if (error)
			return done ? done : error == -EFAULT ? 0 : error;
		moved = iter_copy_to(to, (char *)page_to_virt(p) + offset, len);
		page_put(p);
		*pos += moved;
		done += (long)moved;
		if (moved < len)
			return done ? done : -EFAULT;
	}
	return done;
}
