/* SPDX-License-Identifier: MIT */
/*
 * Page-table entries and walks. Only 4 KiB pages are mapped in the user half.
 */
#pragma once

#include <uvm/types.h>

struct mm;

#define PTE_P (1ULL << 0)
#define PTE_W (1ULL << 1)
#define PTE_U (1ULL << 2)
#define PTE_A (1ULL << 5)
#define PTE_D (1ULL << 6)
#define PTE_G (1ULL << 8)
#define PTE_NX (1ULL << 63)
#define PTE_ADDR 0x000ffffffffff000ULL
/* Mapped memory whose protection is NONE for now: not present, but the frame is still there. */
#define PTE_HIDDEN (1ULL << 9)
#define PTE_USED (PTE_P | PTE_HIDDEN)

static inline u64 pgd_index(u64 addr)
{
	return addr >> 39 & 511;
}

u64 *kernel_pgd(void);

/* The last-level entry for addr. mm NULL: only if all tables exist, else NULL. Otherwise missing tables are
 * made and counted for mm; NULL when out of memory. */
u64 *table_walk(u64 *pgd, u64 addr, struct mm *mm);
u64 *table_walk_kernel(u64 addr);
/* As table_walk without mm; when a table is missing, *skip is the first address beyond its reach. */
u64 *table_next(u64 *pgd, u64 addr, u64 *skip);
/* Entries in use for addresses from a to end, a in step: table_used finds the next at or behind pte. */
#define for_each_used(pte, pgd, a, end)                        \
	for (u64 *pte = table_used(pgd, &(a), end, NULL); pte; \
	     (a) += PAGE_SIZE, pte = table_used(pgd, &(a), end, pte + 1))
static inline u64 *table_used(u64 *pgd, u64 *a, u64 end, u64 *pte)
{
	u64 skip;

	for (; *a < end; *a += PAGE_SIZE, pte++) {
		while (!pte || !(*a & 0x1fffff)) {
			pte = table_next(pgd, *a, &skip);
			if (pte)
				break;
			*a = skip;
			if (skip >= end)
				return NULL;
		}
		if (*pte & PTE_USED)
			return pte;
	}
	return NULL;
}
/* Frees the tables of the user half; all entries must have been zapped. */
void table_free_user(struct mm *mm);

/* After changes of present entries in [start, end): all VPs that may hold them. */
void tlb_flush(struct mm *mm, u64 start, u64 end);
void tlb_flush_local_page(u64 addr);
