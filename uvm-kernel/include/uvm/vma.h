/* SPDX-License-Identifier: MIT */
/*
 * The memory code's own view of mappings: the sorted array of an address space, splitting, taking out,
 * zapping.
 */
#pragma once

#include <uvm/mm.h>
#include <uvm/pte.h>

#define VMA_MAX 65530
#define STACK_GAP (256 * PAGE_SIZE)
#define MMAP_MIN_ADDR 0x10000UL

static inline int page_kind(const struct page *p)
{
	return p->flags & PG_ANON ? RSS_ANON : RSS_FILE;
}

struct mm *mm_create(void);
struct mm *mm_copy(struct mm *from); /* fork; NULL when out of memory */
void mm_switch(struct mm *mm);	     /* this VP's CR3; NULL: the kernel's own tables */
/* Unmaps everything and lets the files go; may sleep. Nobody runs on it any more. */

/* Index of the first mapping with end > addr (mm->count: none). */
u32 vma_index(const struct mm *mm, u64 addr);
static inline struct vma *vma_at(const struct mm *mm, u32 i)
{
	return i < mm->count ? mm->vmas[i] : NULL;
}

/* Adds a mapping over free space, joining neighbours that continue each other. Takes a reference of its own
 * to t->file. 0 or -ENOMEM. */
int vma_insert(struct mm *mm, const struct vma *t);
/* Splits the mapping that addr is inside of (not at its start). 0 or -ENOMEM. */
int vma_split_at(struct mm *mm, u64 addr);
/* Joins mapping i with its successor when they continue each other; true if so. */
bool vma_join(struct mm *mm, u32 i);

/* Takes [start, end) out and unmaps the pages; what held files waits in *gone for vma_release, which may
 * sleep. 0 or -ENOMEM. */
struct vma_list {
	struct vma *first; /* chained through ->next_gone */
};
int vma_extract(struct mm *mm, u64 start, u64 end, struct vma_list *gone);
void vma_release(struct vma_list *gone);

/* Entry bits for a mapping's protection; writable only if asked. */
u64 vma_pte_bits(const struct vma *v, bool write);

/* Drops the pages of [start, end) of one mapping; keep_anon leaves private copies. */
void zap_range(struct vma *v, u64 start, u64 end, bool keep_anon);
/* Puts the frame of one entry back and accounts for it; the entry is cleared. */
void zap_entry(struct mm *mm, u64 *pte);

extern struct page *zero_page;
extern u64 page_anon_count;

u64 vma_find_gap(struct mm *mm, u64 len, u64 low, u64 high); /* highest free place, or 0 */
bool mm_covered(struct mm *mm, u64 start, u64 end);	     /* by mappings, without a gap */
u64 mm_count_pages(const struct mm *mm, bool (*is)(const struct vma *v));
/* Would so many pages more of v's kind be too many for RLIMIT_AS or RLIMIT_DATA? */
bool mm_over_limit(struct mm *mm, u64 pages, const struct vma *v);
int do_munmap(struct mm *mm, u64 start, u64 len);
/* The heart of mmap; file's reference stays the caller's. Address or -errno. May sleep. */
long do_mmap(struct mm *mm, u64 addr, u64 len, int prot, int flags, struct file *file, u64 pgoff,
	     u16 vma_flags);
int mm_populate(struct mm *mm, u64 start, u64 end, bool write);
/* The kernel writes into an address space that is not loaded (exec): 0 or -ENOMEM, -EFAULT. */
int mm_write(struct mm *mm, u64 addr, const void *buf, size_t len);
