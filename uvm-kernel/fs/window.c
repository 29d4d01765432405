/* SPDX-License-Identifier: MIT */
/*
 * The window: slots behind RAM in which the file server shows pieces of files, read-only, out of the root's
 * page cache (abi/boot_block.h). Their pages enter the page cache like any others, but cost no memory.
 */
#include "fs.h"

#include <uvm/boot.h>

#define SLOT_PAGES ((u32)(BOOT_WINDOW_SLOT >> PAGE_SHIFT))
#define FILE_MIN 0x10000u /* of less a copy is cheaper than a slot */
#define EVICT_TRIES 16

/* A slot is known by its first page, whose `order` counts the slot's pages that somebody has. A slot without
 * any is dead until the server has been told, and unused then. */
static struct page_list used, dead, unused;
static u64 fresh; /* pages in slots that were never used */

static struct page *slot_of(struct page *p)
{
	return p - (p - page_window) % SLOT_PAGES;
}

void window_put(struct page *p)
{
	struct page *slot = slot_of(p);

	if (--slot->order)
		return;
	page_list_del(&used, slot);
	page_list_add_tail(&dead, slot);
}

u32 window_take_dead(u64 *places, u32 most)
{
	u32 n = 0;
	struct page *slot;

	while (n < most && (slot = page_list_first(&dead))) {
		page_list_del(&dead, slot);
		page_list_add_tail(&unused, slot);
		places[n++] = (u64)(slot - page_window) << PAGE_SHIFT;
	}
	return n;
}

/* Nobody but the page cache has its pages, nor used them since this was last asked. */
static bool slot_idle(struct page *slot)
{
	bool idle = true;

	for (struct page *p = slot; p < slot + SLOT_PAGES; p++) {
		if (p->refs && (p->refs > 1 || (p->flags & PG_REFERENCED) || !(p->flags & PG_CACHE)))
			idle = false;
		p->flags &= (u16)~PG_REFERENCED;
	}
	return idle;
}

static void evict_one(void)
{
	for (u32 tries = 0; tries < EVICT_TRIES && used.count; tries++) {
		struct page *slot = page_list_first(&used);

		if (slot_idle(slot)) {
			for (struct page *p = slot; p < slot + SLOT_PAGES; p++)
				if (p->refs)
					pagecache_remove(p);
			return;
		}
		page_list_del(&used, slot);
		page_list_add_tail(&used, slot);
	}
}

/* An empty slot, which its taker has, or NULL. */
static struct page *slot_take(void)
{
	struct page_list *from = unused.count ? &unused : &dead;
	struct page *slot;

	if (!from->count && fresh < boot->window_size >> PAGE_SHIFT) {
		slot = page_window + fresh;
		fresh += SLOT_PAGES;
	} else {
		if (!from->count)
			evict_one();
		slot = page_list_first(from);
		if (!slot)
			return NULL;
		page_list_del(from, slot);
	}
	slot->order = 1;
	page_list_add_tail(&used, slot);
	return slot;
}

/* Nobody writes to the file, or has and the server does not know. */
static bool may_show(const struct inode *inode)
{
	return inode->ops->map_window && !inode->cache.copied && !inode->writers && !inode->cache.dirty &&
	       inode->size >= FILE_MIN;
}

/* The slot's pages go where the cache has none. What changed while the server worked is respected. */
static void insert(struct inode *inode, u64 first, u32 count, struct page *slot)
{
	for (u32 i = 0; i < count && (first + i) << PAGE_SHIFT < inode->size; i++) {
		struct page *p = slot + i;

		if (pagecache_find(inode, first + i))
			continue;
		p->flags = PG_WINDOW;
		p->refs = 1;
		slot->order++;
		if (pagecache_add(inode, first + i, p))
			page_put(p);
		else
			p->flags |= PG_UPTODATE;
	}
}

bool window_fill(struct inode *inode, u64 index)
{
	u64 first = index - index % SLOT_PAGES, offset = first << PAGE_SHIFT;
	u64 len = MIN(BOOT_WINDOW_SLOT, ALIGN_UP(inode->size, PAGE_SIZE) - offset);
	struct page *slot = may_show(inode) ? slot_take() : NULL;
	int error;

	if (!slot)
		return false;
	error = inode->ops->map_window(inode, offset, len, (u64)(slot - page_window) << PAGE_SHIFT);
	if (error)
		inode->cache.copied = true;
	else if (may_show(inode))
		insert(inode, first, (u32)(len >> PAGE_SHIFT), slot);
	window_put(slot);
	return pagecache_find(inode, index);
}
