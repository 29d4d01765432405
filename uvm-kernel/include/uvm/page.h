/* SPDX-License-Identifier: MIT */
/*
 * Physical pages: one struct page per frame, reference counts, allocation by powers of two, and kmalloc on
 * top. Memory that was never used is neither listed nor cleared: it comes from a frontier that only rises.
 */
#pragma once

#include <uvm/types.h>

enum page_flag {
	PG_BUDDY = 1 << 0, /* free, first page of a block of 1 << order */
	PG_SLAB = 1 << 1,  /* owned by kmalloc; order = size class */
	PG_LARGE = 1 << 2, /* owned by kmalloc as a block of 1 << order */
	PG_ANON = 1 << 3,  /* private memory of processes: refs = number of mappings */
	PG_CACHE = 1 << 4, /* page cache or tmpfs: owner, index, next and prev are the file system's */
	PG_DIRTY = 1 << 5, /* for the file system */
	PG_FS1 = 1 << 6,   /* free for the file system */
	PG_FS2 = 1 << 7,
	PG_FS3 = 1 << 8,
	PG_WINDOW = 1 << 9, /* of the window: read-only, shared with other containers, never free memory */
};

/* All-zero means: never used. next/prev are frame numbers (page_list below); 0 = none. */
struct page {
	u32 refs;
	u16 flags;
	u8 order;
	u8 reserved;
	u32 next;
	u32 prev;
	void *owner;
	u64 index;
};
_Static_assert(sizeof(struct page) == 32, "struct page has grown");

extern struct page *page_array; /* indexed by frame number (GPA >> 12) - page_first */
extern u64 page_first;
extern struct page *page_window; /* those of the window, behind those of RAM */

enum alloc_flag {
	ALLOC_KERNEL = 0,    /* may use the emergency reserve */
	ALLOC_USER = 1 << 0, /* for processes' memory and caches: fails while the reserve is needed */
	ALLOC_ZERO = 1 << 1,
};

/* A block of 1 << order pages with refs = 1, or NULL. Never sleeps; may drop clean cache pages first. */
struct page *page_alloc(unsigned order, unsigned flags);
static inline void page_get(struct page *p)
{
	p->refs++;
}
/* Drops a reference; the last one frees the block. */
void page_put(struct page *p);

struct page *gpa_to_page(u64 gpa);
u64 page_to_gpa(const struct page *p);
void *page_to_virt(const struct page *p);
struct page *virt_to_page(const void *v); /* of any address inside the direct map */
void *gpa_to_virt(u64 gpa);
u64 virt_to_gpa(const void *v); /* direct map or kernel image */

/* A list of pages through next/prev: oldest at head, newest at tail. */
struct page_list {
	u32 head;
	u32 tail;
	u64 count;
};
void page_list_add_tail(struct page_list *l, struct page *p);
void page_list_del(struct page_list *l, struct page *p);
struct page *page_list_first(const struct page_list *l); /* NULL when empty */

void page_init(void);

/* Numbers for sysinfo and /proc/meminfo, in pages. */
struct page_stats {
	u64 total;    /* all memory of the machine */
	u64 managed;  /* total without image, tables and page_array */
	u64 free;     /* never used or given back */
	u64 slab;     /* owned by kmalloc */
	u64 anon;     /* mapped private memory */
	u64 frontier; /* pages ever touched */
};
void page_get_stats(struct page_stats *s);

/* Kernel objects. 16-byte aligned, powers of two up to a page naturally aligned. NULL when out of memory. */
u64 kmalloc_pages(void); /* pages that kmalloc holds */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void *krealloc(void *p, size_t size);
void kfree(const void *p); /* NULL is fine */
/* Of a local variable: what it points to is freed at the end of its scope. */
#define __drop_memory __attribute__((cleanup(kfree_local)))
static inline void kfree_local(void *pointer)
{
	kfree(*(void **)pointer);
}
char *kstrdup(const char *s);
void *kmemdup(const void *src, size_t size);

/* A whole page by its direct-map address. */
void *page_alloc_virt(unsigned flags);
void page_free_virt(void *v);

/* Kernel stacks: in a region of their own with unmapped pages below each, so that an overflow faults. */
#define KSTACK_SIZE 16384UL

void kstack_init(void);
u64 kstack_alloc(void); /* lowest address, or 0 */
void kstack_free(u64 stack);
bool kstack_contains(u64 addr);
u64 kstack_gpa(u64 addr);
