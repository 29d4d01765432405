/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: mappings (VMAs), page tables, faults, and what files must do to be mapped.
 */
#pragma once

#include <uvm/list.h>
#include <uvm/page.h>

struct file;

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 0x01, MAP_PRIVATE = 0x02, MAP_SHARED_VALIDATE = 0x03, MAP_DROPPABLE = 0x08 };
enum {
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_32BIT = 0x40,
	MAP_GROWSDOWN = 0x100,
	MAP_DENYWRITE = 0x800
};
enum { MAP_LOCKED = 0x2000, MAP_NORESERVE = 0x4000, MAP_POPULATE = 0x8000, MAP_STACK = 0x20000 };
enum { MAP_HUGETLB = 0x40000, MAP_FIXED_NOREPLACE = 0x100000 };

/* NOWRITE: mprotect must not allow it, for the file does not. */
enum { VMA_SHARED = 1, VMA_GROWSDOWN = 2, VMA_DONTFORK = 4, VMA_WIPEONFORK = 8, VMA_STACK = 16 };
enum { VMA_HEAP = 32, VMA_NOWRITE = 64, VMA_NOEXEC = 128, VMA_VDSO = 256 };

/* What can be mapped embeds one of these (an inode): the mappings to visit when it shrinks. */
struct mapping {
	struct list vmas; /* of struct vma, by map_link */
};
static inline void mapping_init(struct mapping *m)
{
	list_init(&m->vmas);
}

struct vma {
	u64 start;
	u64 end;
	u8 prot;
	u16 flags;
	struct file *file; /* NULL: private anonymous memory */
	u64 pgoff;	   /* page in the file at start */
	struct mm *mm;
	struct list map_link; /* in the file's mapping */
	struct vma *next_gone;
};

enum { RSS_FILE, RSS_ANON, RSS_KINDS };

struct mm {
	u32 refs;  /* tasks */
	u32 count; /* of vmas */
	u32 room;
	struct vma **vmas; /* sorted by address */
	u64 map_seq;	   /* rises with every change of a mapping */
	u64 *pgd;
	u64 cpu_mask; /* VPs whose TLB may hold entries */
	struct mm_layout {
		u64 brk_start, brk;
		u64 arg_start, arg_end, env_start, env_end; /* for /proc/pid/{cmdline,environ} */
		u64 code_start, code_end, data_start, data_end, stack_start;
		u64 mmap_top;
		u64 auxv[48];
		u32 auxv_words;
	} layout; /* as exec made it */
	struct file *exe;
	u64 rss[RSS_KINDS]; /* pages mapped */
	u64 hiwater_rss;
	bool populate;	 /* mlockall: new mappings are brought in at once */
	bool membarrier; /* registered for its expedited kind */
	u64 total_pages; /* sum of the mappings */
	u64 table_pages;
};

/* For file systems. Drops all mappings of pages [first, last] of the object, also private copies when it was
 * truncated (even_private). */
void mapping_zap(struct mapping *m, u64 first, u64 last, bool even_private);
/* Makes the shared mappings of one page read-only again, so that the next write calls file_page_write. */
void mapping_write_protect(struct mapping *m, u64 index);

/* For /proc: bytes read from another address space (no page is brought in that is not there: short count). */
size_t mm_read(struct mm *mm, u64 addr, void *buf, size_t len);
static inline u64 mm_resident(const struct mm *mm)
{
	return mm->rss[RSS_FILE] + mm->rss[RSS_ANON];
}
struct vma *mm_find(struct mm *mm, u64 addr); /* the first with end > addr, or NULL */
void mm_get(struct mm *mm);
void mm_put(struct mm *mm);
