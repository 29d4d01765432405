/* SPDX-License-Identifier: MIT */
/* The guest physical memory of a child. Every entry of its tables stands for a mapping counted in the
 * frames' words: first the word, then the entry; first the entry and the flush, then the word. */
#include <hv/assert.h>
#include <hv/frame.h>
#include <hv/gpa.h>
#include <hv/smp.h>
#include <hv/string.h>
#include <hv/vendor.h>

#define TEARDOWN_STEPS 512

/* ---- Access by hv -------------------------------------------------------------------------------- */

/* Held under the lock, a mapping keeps its frame from changing hands. */
static void *locate(struct partition *p, gpa_t at, u32 size, u32 rights)
{
	struct slat_leaf leaf;

	if (at.v >= GPA_LIMIT || (at.v & (PAGE_SIZE - 1)) + size > PAGE_SIZE || !p->slat.top)
		return NULL;
	leaf = slat_find(&p->slat, at);
	if (!leaf.entry || (leaf.rights & rights) != rights)
		return NULL;
	assert_debug(frame_state_of(leaf.pfn) == FRAME_CHILD_RW ||
		     frame_state_of(leaf.pfn) == FRAME_CHILD_RO);
	return (u8 *)frame_ptr(leaf.pfn) + (at.v & (PAGE_SIZE - 1));
}

static bool copy(struct partition *p, gpa_t at, u32 size, void *to, const void *from)
{
	void *place;

	lock(&p->lock);
	place = locate(p, at, size, to ? SLAT_READ : SLAT_READ | SLAT_WRITE);
	if (place)
		memcpy(to ? to : place, to ? place : from, size);
	unlock(&p->lock);
	return place;
}

bool gpa_read(struct partition *p, gpa_t at, void *to, u32 size)
{
	return copy(p, at, size, to, NULL);
}

bool gpa_write(struct partition *p, gpa_t at, const void *from, u32 size)
{
	return copy(p, at, size, NULL, from);
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

/* ---- Frames of an entry -------------------------------------------------------------------------- */

static void unmap_frames(struct partition *p, u64 pfn, u32 level)
{
	for (u64 i = 0; i < SLAT_PAGES(level); i++)
		frame_unmap(pfn + i, p->owner);
	p->pages_mapped -= SLAT_PAGES(level);
}

/* All frames of the entry or none. */
static bool map_frames(struct partition *p, u64 pfn, u32 level, bool write)
{
	for (u64 i = 0; i < SLAT_PAGES(level); i++) {
		if (frame_map(pfn + i, p->owner, write))
			continue;
		while (i-- > 0)
			frame_unmap(pfn + i, p->owner);
		return false;
	}
	p->pages_mapped += SLAT_PAGES(level);
	return true;
}

/* ---- Map ------------------------------------------------------------------------------------------ */

/* Makes the place free for an entry of that level. HV_STATUS_*. */
static u32 vacate(struct partition *p, gpa_t at, u32 level)
{
	struct slat_leaf leaf;
	u64 pruned = 0;

	if (level == SLAT_2M && !slat_prune(&p->slat, at, &pruned))
		return HV_STATUS_OBJECT_IN_USE;
	if (pruned) {
		smp_flush_partition(p);
		pool_put(&p->pool, pruned);
	}
	leaf = slat_find(&p->slat, at);
	if (!leaf.entry)
		return HV_STATUS_SUCCESS;
	if (leaf.level > level && !slat_split(&p->slat, at))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	slat_unmap(&p->slat, at, level);
	smp_flush_partition(p);
	unmap_frames(p, leaf.pfn, level);
	return HV_STATUS_SUCCESS;
}

u32 gpa_map(struct partition *p, gpa_t at, u64 pfn, u32 level, u32 rights)
{
	u32 status;

	if (at.v >= GPA_LIMIT || (at.v >> PAGE_SHIFT | pfn) & (SLAT_PAGES(level) - 1))
		return HV_STATUS_INVALID_PARAMETER;
	if (slat_missing(&p->slat, at, level) > p->pool.free)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	status = vacate(p, at, level);
	if (status)
		return status;
	if (!map_frames(p, pfn, level, rights & SLAT_WRITE))
		return HV_STATUS_INVALID_PARAMETER;
	assert(slat_map(&p->slat, at, pfn, level, rights));
	return HV_STATUS_SUCCESS;
}

/* ---- Unmap ---------------------------------------------------------------------------------------- */

/* What one step of a batch found. */
static u64 unmap_step(struct partition *p, struct gpa_batch *b, gpa_t at, u64 pages, u32 *status)
{
	struct slat_leaf leaf = slat_find(&p->slat, at);
	u64 whole = SLAT_PAGES(leaf.level), inside = at.v >> PAGE_SHIFT & (whole - 1);

	if (!leaf.entry)
		return whole - inside;
	if (leaf.level != SLAT_4K && (inside || pages < whole)) {
		if (!slat_split(&p->slat, at)) {
			*status = HV_STATUS_INSUFFICIENT_MEMORY;
			return 0;
		}
		leaf.level--;
		whole = SLAT_PAGES(leaf.level);
	}
	slat_unmap(&p->slat, at, leaf.level);
	b->pfn[b->count] = leaf.pfn;
	b->level[b->count++] = (u8)leaf.level;
	return whole;
}

u32 gpa_unmap(struct partition *p, gpa_t at, u64 pages, u64 *done)
{
	struct gpa_batch batch = {0};
	u32 status = HV_STATUS_SUCCESS;
	u64 n = 0;

	for (u32 steps = 0; n < pages && steps < TEARDOWN_STEPS && batch.count < GPA_BATCH && !status;
	     steps++)
		n += unmap_step(p, &batch, gpa(at.v + (n << PAGE_SHIFT)), pages - n, &status);
	if (batch.count)
		smp_flush_partition(p);
	for (u32 i = 0; i < batch.count; i++)
		unmap_frames(p, batch.pfn[i], batch.level[i]);
	*done = n < pages ? n : pages;
	return status;
}

bool gpa_teardown(struct partition *p)
{
	u64 done, left = (GPA_LIMIT - p->teardown) >> PAGE_SHIFT;

	assert(gpa_unmap(p, gpa(p->teardown), left, &done) == HV_STATUS_SUCCESS);
	p->teardown += done << PAGE_SHIFT;
	if (p->teardown < GPA_LIMIT)
		return false;
	assert(p->pages_mapped == 0);
	return true;
}
