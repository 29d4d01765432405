/* SPDX-License-Identifier: MIT */
/* The guest physical memory of a child. Every entry of its tables stands for a mapping counted in the
 * frames' words: first the word, then the entry; first the entry and the flush, then the word. */
#include <hv/assert.h>
#include <hv/frame.h>
#include <hv/gpa.h>
#include <hv/smp.h>

#define TEARDOWN_STEPS 512 /* of one call */
#define BATCH 64	   /* entries cleared with one flush */

/* ---- Access by hv -------------------------------------------------------------------------------- */

/* Held under the lock, a mapping keeps its frame from changing hands. */
bool gpa_read_word(struct partition *p, gpa_t at, u64 *value)
{
	struct slat_leaf leaf = {0};

	lock(&p->lock);
	if (at.v < GPA_LIMIT)
		leaf = slat_find(&p->slat, at);
	if (leaf.entry)
		*value = *(volatile u64 *)((u8 *)frame_ptr(leaf.pfn) + (at.v & (PAGE_SIZE - 8)));
	unlock(&p->lock);
	return leaf.entry;
}

u32 gpa_rights(struct partition *p, gpa_t at)
{
	struct slat_leaf leaf = {0};

	lock(&p->lock);
	if (at.v < GPA_LIMIT)
		leaf = slat_find(&p->slat, at);
	unlock(&p->lock);
	return leaf.rights;
}

/* ---- Map ------------------------------------------------------------------------------------------ */

u32 gpa_map(struct partition *p, gpa_t at, u64 pfn, u32 rights)
{
	u32 status = HV_STATUS_SUCCESS;
	struct slat_leaf old;
	bool again;

	if (at.v >= GPA_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	if (slat_missing(&p->slat, at) > p->pool.free)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	old = slat_find(&p->slat, at);
	again = old.entry && old.pfn == pfn; /* its count goes down before it goes up */
	if (!again && !frame_map(pfn, p->owner, rights & SLAT_WRITE))
		return HV_STATUS_INVALID_PARAMETER;
	if (old.entry) {
		slat_unmap(&p->slat, at, SLAT_4K);
		smp_flush_partition(p);
		frame_unmap(old.pfn, p->owner);
		p->pages_mapped--;
	}
	if (again && !frame_map(pfn, p->owner, rights & SLAT_WRITE)) {
		status = HV_STATUS_INVALID_PARAMETER; /* another child reads it: back to the former rights */
		rights = old.rights;
		if (!frame_map(pfn, p->owner, rights & SLAT_WRITE))
			return status;
	}
	assert(slat_map(&p->slat, at, pfn, SLAT_4K, rights));
	p->pages_mapped++;
	return status;
}

/* ---- Unmap ---------------------------------------------------------------------------------------- */

u64 gpa_unmap(struct partition *p, gpa_t at, u64 pages)
{
	u64 frames[BATCH], n = 0;
	u32 count = 0;

	for (u32 steps = 0; n < pages && steps < TEARDOWN_STEPS && count < BATCH; steps++) {
		gpa_t page = gpa(at.v + (n << PAGE_SHIFT));
		struct slat_leaf leaf = slat_find(&p->slat, page);

		/* Where a whole table is absent, on to the end of what it would map. */
		n += SLAT_PAGES(leaf.level) - (page.v >> PAGE_SHIFT & (SLAT_PAGES(leaf.level) - 1));
		if (!leaf.entry)
			continue;
		slat_unmap(&p->slat, page, SLAT_4K);
		frames[count++] = leaf.pfn;
	}
	if (count)
		smp_flush_partition(p);
	for (u32 i = 0; i < count; i++)
		frame_unmap(frames[i], p->owner);
	p->pages_mapped -= count;
	return n < pages ? n : pages;
}

bool gpa_teardown(struct partition *p)
{
	u64 left = (GPA_LIMIT - p->teardown) >> PAGE_SHIFT;

	p->teardown += gpa_unmap(p, gpa(p->teardown), left) << PAGE_SHIFT;
	if (p->teardown < GPA_LIMIT)
		return false;
	assert(p->pages_mapped == 0);
	return true;
}
