/* SPDX-License-Identifier: MIT */
/*
 * pagecache.h: the pages of a file, shared by read(), write() and mappings, so all three see the same
 * bytes. For tmpfs the cache is the storage. A cached page carries inode, index and the CACHE_ flags.
 */
#ifndef UVM_PAGECACHE_H
#define UVM_PAGECACHE_H

#include <uvm/page.h>
#include <uvm/types.h>

struct file;
struct inode;
struct radix_node;

/* page->flags that belong to the cache, beside PG_CACHE and PG_DIRTY; page->owner is the inode. */
#define PG_UPTODATE PG_FS1
#define PG_LOCKED PG_FS2     /* being filled: others sleep */
#define PG_REFERENCED PG_FS3 /* used since the last reclaim pass */

struct page_cache {
	struct radix_node *root;
	u64 pages; /* present */
	u64 dirty;
};

/* A reference to the page holding file offset index << 12, filled and up to date; reads ahead where that
 * pays (file may be NULL). May sleep. 0, -EIO, -ENOMEM, -ENOSPC, or -EFAULT beyond the end of the file.
 * for_write allocates holes of tmpfs; the caller marks the page dirty after writing. */
int pagecache_get(struct inode *inode, struct file *file, u64 index, bool for_write, struct page **out);
void pagecache_set_dirty(struct page *page);
/* Writes dirty pages [first, last] to the file server. May sleep. 0 or -errno. */
int pagecache_writeback(struct inode *inode, u64 first, u64 last);
u64 pagecache_total_pages(void); /* file pages, for meminfo: Cached */

/* For the file systems. */
#define PAGECACHE_RUN_MAX 64u					      /* pages that one fill or write moves */
int pagecache_add(struct inode *inode, u64 index, struct page *page); /* takes over the reference */
struct page *pagecache_find(struct inode *inode, u64 index);	      /* any state, no reference */
struct page *pagecache_peek(struct inode *inode, u64 index); /* up to date: with a reference; never sleeps */
/* Removes [first, last]: mappings, then pages; waits for those being filled. */
void pagecache_drop(struct inode *inode, u64 first, u64 last);
/* Forgets clean pages, because the file has changed behind our back; private copies stay. */
void pagecache_invalidate(struct inode *inode);
/* The file has shrunk to new_size: drops what is beyond and zeroes the rest of the last page. */
void pagecache_truncate(struct inode *inode, u64 new_size);
void pagecache_free(struct inode *inode); /* at the inode's end */

#endif
