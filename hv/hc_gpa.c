/* SPDX-License-Identifier: MIT */
/* Hypercalls on a child's address space, in pages of 4 KiB. */
#include <hv/gpa.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/smp.h>

#define MAP_EXECUTE (HV_MAP_GPA_KERNEL_EXECUTABLE | HV_MAP_GPA_USER_EXECUTABLE)
#define MAP_KNOWN (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | MAP_EXECUTE)
#define PFN_LIMIT (GPA_LIMIT >> PAGE_SHIFT)

static u32 rights_of(u32 flags)
{
	return SLAT_READ | (flags & HV_MAP_GPA_WRITABLE ? SLAT_WRITE : 0) |
	       (flags & MAP_EXECUTE ? SLAT_EXECUTE : 0);
}

static bool valid_flags(u32 flags)
{
	u32 execute = flags & MAP_EXECUTE;

	return !(flags & ~MAP_KNOWN) && flags & HV_MAP_GPA_READABLE &&
	       (execute == 0 || execute == MAP_EXECUTE);
}

u32 hc_map_gpa_pages(struct call *c)
{
	const struct hv_input_map_gpa_pages *in = c->in;
	u32 steps = 0;

	if (!valid_flags(in->map_flags) || in->padding || in->gpa_pfn >= PFN_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	for (; c->done < c->reps; c->done++) {
		gpa_t at = gpa((in->gpa_pfn + c->done) << PAGE_SHIFT);
		u32 status;

		if (steps++ == CALL_SLICE)
			return CALL_CONTINUE;
		status = gpa_map(c->partition, at, in->source_pfn[c->done], rights_of(in->map_flags));
		if (status)
			return status;
	}
	return HV_STATUS_SUCCESS;
}

u32 hc_unmap_gpa_pages(struct call *c)
{
	const struct hv_input_unmap_gpa_pages *in = c->in;

	if (in->unmap_flags || in->padding || in->gpa_pfn >= PFN_LIMIT || in->gpa_pfn + c->reps > PFN_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	c->done +=
		(u32)gpa_unmap(c->partition, gpa((in->gpa_pfn + c->done) << PAGE_SHIFT), c->reps - c->done);
	return c->done < c->reps ? CALL_CONTINUE : HV_STATUS_SUCCESS;
}

u32 hc_get_gpa_pages_access_states(struct call *c)
{
	const struct hv_input_get_gpa_pages_access_state *in = c->in;
	u32 clear = (in->flags & HV_GPA_ACCESS_CLEAR_ACCESSED ? 1 : 0) |
		    (in->flags & HV_GPA_ACCESS_CLEAR_DIRTY ? 2 : 0);
	u8 *out = c->out;

	if (in->flags & ~(u64)(HV_GPA_ACCESS_CLEAR_ACCESSED | HV_GPA_ACCESS_CLEAR_DIRTY) ||
	    in->gpa_pfn >= PFN_LIMIT || in->gpa_pfn + c->reps > PFN_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	for (u32 steps = 0; c->done < c->reps && steps < 4 * CALL_SLICE; steps++, c->done++) {
		gpa_t at = gpa((in->gpa_pfn + c->done) << PAGE_SHIFT);
		struct slat_leaf leaf = slat_find(&c->partition->slat, at);

		if (leaf.entry)
			out[c->done] = (u8)slat_access(&c->partition->slat, leaf.entry, clear);
	}
	if (clear)
		smp_flush_partition(c->partition);
	return c->done < c->reps ? CALL_CONTINUE : HV_STATUS_SUCCESS;
}
