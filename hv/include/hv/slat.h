/* SPDX-License-Identifier: MIT */
/*
 * Second-level address translation: four-level tables from GPA to host frames, in the vendor's entry
 * format. Table pages come from a pool of the owner (the reservation for the root, deposited pages for a
 * child). Callers hold the owner's lock; flushing other processors is their business too.
 */
#pragma once

#include <abi/types.h>
#include <hv/phys.h>
#include <hv/pool.h>
#include <stdbool.h>

#define SLAT_4K 0u
#define SLAT_2M 1u
#define SLAT_1G 2u
#define SLAT_PAGES(level) (1ULL << (9 * (level))) /* 4 KiB frames under an entry of this level */

#define SLAT_READ 1u
#define SLAT_WRITE 2u
#define SLAT_EXECUTE 4u
#define SLAT_ALL 7u

/* Bits of an entry that are the same for both vendors: present and readable; writable; a leaf above the
 * lowest level. */
#define SLAT_PRESENT (1ULL << 0)
#define SLAT_WRITABLE (1ULL << 1)
#define SLAT_LARGE (1ULL << 7)

/* The others. */
struct slat_format {
	u64 table;	/* all rights, points to a table */
	u64 leaf;	/* always set in a leaf */
	u64 execute;	/* set = may execute */
	u64 no_execute; /* set = may not */
	u64 accessed;
	u64 dirty;
	/* More bits of a leaf that depend on where it points (memory type), or SLAT_MIXED: there is no one
	 * leaf of this level for all that memory. NULL: none. */
	u64 (*type)(u64 pfn, u32 level);
};

#define SLAT_MIXED (~0ULL)

struct slat {
	const struct slat_format *format;
	u64 top; /* physical address of the top table */
	struct pool *pool;
};

struct slat_leaf {
	u64 *entry; /* where it stands; NULL: nothing mapped */
	u64 pfn;    /* of the 4 KiB frame asked for */
	u32 level;
	u32 rights; /* SLAT_* */
};

/* Can one leaf of this level map that block? If not, none may. */
bool slat_uniform(const struct slat_format *f, u64 pfn, u32 level);
/* False when the pool is empty. */
bool slat_init(struct slat *s, const struct slat_format *format, struct pool *pool);
struct slat_leaf slat_find(const struct slat *s, gpa_t gpa);
/* Table pages that slat_map of this 4 KiB page would still need (0 to 3). */
u32 slat_missing(const struct slat *s, gpa_t gpa);
/* Makes or replaces one entry of that level; no table may stand in its place. False: pool empty. */
bool slat_map(struct slat *s, gpa_t gpa, u64 pfn, u32 level, u32 rights);
/* Clears the entry that maps gpa at exactly this level. */
void slat_unmap(struct slat *s, gpa_t gpa, u32 level);
/* Breaks the leaf that maps gpa into 512 of the next lower level. False: pool empty. */
bool slat_split(struct slat *s, gpa_t gpa);
/* If the table of level-1 entries below gpa is full again and contiguous, replace it by one leaf and
 * give its page back. The caller must flush all processors before that page can be used again. */
bool slat_merge(struct slat *s, gpa_t gpa, u32 level);
/* Accessed and dirty bits of a leaf: bit 0 and 1; clear removes them (same numbering). */
u32 slat_access(const struct slat *s, u64 *entry, u32 clear);
/* Gives every table page back. Leaves are dropped unseen. */
void slat_destroy(struct slat *s);
