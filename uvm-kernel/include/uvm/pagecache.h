/* SPDX-License-Identifier: MIT */
/*
 * pagecache.h: the pages of a file, shared by read(), write() and mappings, so all three see the same
 * bytes. For tmpfs the cache is the storage. A cached page carries inode, index and the CACHE_ flags.
 */
#ifndef UVM_PAGECACHE_H
#define UVM_PAGECACHE_H

#include <uvm/types.h>

struct file;
struct inode;
struct page;
struct radix_node;

/* page->flags that belong to the cache */
#define CACHE_UPTODATE 0x100u
#define CACHE_DIRTY 0x200u
#define CACHE_LOCKED 0x400u	/* being filled: others sleep */
#define CACHE_REFERENCED 0x800u /* used since the last reclaim pass */
#define CACHE_ERROR 0x1000u

struct page_cache {
	struct radix_node *root;
	u32 height;
	u64 pages; /* present */
	u64 dirty;
};

/* For mm. A reference to the page holding file offset index << 12, filled and up to date; reads ahead where
 * that pays. May sleep. 0, -EIO, -ENOMEM, or -ERANGE beyond the end of the file (SIGBUS). for_write
 * allocates holes of tmpfs and marks the page dirty (call it for the first write through a shared mapping;
 * private mappings copy instead). */
int pagecache_get(struct inode *inode, struct file *file, u64 index, bool for_write, struct page **out);
/* Present and up to date, or NULL; never sleeps, takes a reference (fault-around). */
struct page *pagecache_peek(struct inode *inode, u64 index);
/* For mm, when a shared mapping's PTE was found dirty. */
void pagecache_set_dirty(struct page *page);
/* Writes dirty pages to the file server: msync, fsync, last unmap. May sleep. 0 or -errno. */
int pagecache_writeback(struct inode *inode);
/* Frees clean, unmapped pages, about `want` of them; for mm when memory runs short. Never sleeps. */
u64 pagecache_shrink(u64 want);
u64 pagecache_total_pages(void); /* file pages, for meminfo: Cached */
u64 shmem_total_pages(void);	 /* tmpfs pages: Shmem */

/* For the file systems. */
int pagecache_add(struct inode *inode, u64 index, struct page *page);
struct page *pagecache_find(struct inode *inode, u64 index); /* any state, no reference */
void pagecache_truncate(struct inode *inode, u64 new_size);
void pagecache_drop(struct inode *inode, u64 first, u64 last); /* [first, last] */
void pagecache_free(struct inode *inode);

#endif
