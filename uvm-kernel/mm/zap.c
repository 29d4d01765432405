/* SPDX-License-Identifier: MIT */
/*
 * Taking pages out of page tables: for munmap, for files that shrink, for write protection. Pages may be back
 * in the allocator before the TLBs are flushed, so nothing is allocated in between.
 */
#include <uvm/kernel.h>

void zap_entry(struct mm *mm, u64 *pte)
{
	struct page *p = gpa_to_page(*pte & PTE_ADDR);

	*pte = 0;
	mm->rss[page_kind(p)]--;
	page_put(p);
}

void zap_range(struct vma *v, u64 start, u64 end, bool keep_anon)
{
	struct mm *mm = v->mm;
	u64 low = 0, high = 0, a = start;

	for_each_used(pte, mm->pgd, a, end)
	{
		if (keep_anon && gpa_to_page(*pte & PTE_ADDR)->flags & PG_ANON)
			continue;
		zap_entry(mm, pte);
		low = high ? low : a;
		high = a + PAGE_SIZE;
	}
	if (high)
		tlb_flush(mm, low, high);
}

/* The part of a mapping that shows pages [first, last]. */
static bool vma_part(const struct vma *v, u64 first, u64 last, u64 *start, u64 *end)
{
	u64 pages = (v->end - v->start) >> PAGE_SHIFT;

	if (last < v->pgoff || first >= v->pgoff + pages)
		return false;
	*start = first <= v->pgoff ? v->start : v->start + ((first - v->pgoff) << PAGE_SHIFT);
	*end = last - v->pgoff >= pages - 1 ? v->end : v->start + ((last - v->pgoff + 1) << PAGE_SHIFT);
	return true;
}

void mapping_zap(struct mapping *m, u64 first, u64 last, bool even_private)
{
	struct vma *v;
	u64 start, end;

	list_for_each(v, &m->vmas, map_link) if (vma_part(v, first, last, &start, &end))
		zap_range(v, start, end, !even_private);
}

void mapping_write_protect(struct mapping *m, u64 index)
{
	struct vma *v;
	u64 start, end;

	list_for_each(v, &m->vmas, map_link)
	{
		u64 *pte;

		if (!(v->flags & VMA_SHARED) || !vma_part(v, index, index, &start, &end))
			continue;
		pte = table_walk(v->mm->pgd, start, NULL);
		if (pte && (*pte & PTE_W)) {
			*pte &= ~PTE_W;
			tlb_flush(v->mm, start, end);
		}
	}
}
