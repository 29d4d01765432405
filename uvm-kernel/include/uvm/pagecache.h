/* SPDX-License-Identifier: MIT */
/*
 * pagecache.h: the pages of a file, shared by read(), write() and mappings, so all three see the same
 * bytes. For tmpfs the cache is the storage. A cached page carries inode, index and the CACHE_ flags.
 */
#pragma once

#include <uvm/list.h>
#include <uvm/page.h>

struct file;
struct inode;
struct radix_node;

/* page->flags that belong to the cache, beside PG_CACHE and PG_DIRTY; page->owner is the inode. */
#define PG_UPTODATE PG_FS1
#define PG_LOCKED PG_FS2     /* being filled: others sleep */
#define PG_REFERENCED PG_FS3 /* used since the last reclaim pass */

struct page_cache {
	struct radix_node *root;
	u64 pages;    /* present */
	u64 windowed; /* of these, those in the window */
	bool copied;  /* the server cannot show it in the window */
	u64 dirty;
	u32 sent;		/* requests with pages that are not answered yet */
	struct list dirty_link; /* while there are dirty ones */
	int error;		/* the last one of sending pages, … */
	u32 error_seq;		/* … and how many there were */
};

/* A reference to the page holding file offset index << 12, filled and up to date; reads ahead where that
 * pays (file may be NULL). May sleep. 0, -EIO, -ENOMEM, or -EFAULT beyond the end of the file. Who writes
 * into the page marks it dirty afterwards. */
int pagecache_get(struct inode *inode, struct file *file, u64 index, struct page **out);
void pagecache_set_dirty(struct page *page);
/* Queues dirty pages [first, last] for the file server, ahead of every later call: 0 or -ENOMEM. No sleep. */
int pagecache_writeback(struct inode *inode, u64 first, u64 last);
/* An error of sending pages that this open file has not heard of yet, or 0. */
int pagecache_error(struct file *f);
/* The same for all files, and rings. False: nothing could be sent. Does not sleep. */
bool writeback_start(void);
void writeback_throttle(struct inode *inode); /* a page became dirty: enough to send? */
u64 pagecache_total_pages(void);	      /* file pages, for meminfo: Cached */

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
void pagecache_remove(struct page *page);

/* window.c: brings the page at index and those around it in: false if they must be copied. */
bool window_fill(struct inode *inode, u64 index);
/* Slots that nobody uses any more; at most `most`, by their place in the window. */
u32 window_take_dead(u64 *places, u32 most);
void pagecache_clear_dirty(struct page *page);
/* The server has taken the pages, or why not: drops write_pages' references. */
void pagecache_written(struct inode *inode, struct page **pages, u32 count, int error);
