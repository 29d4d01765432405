// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * access.c: GET_GPAP_ACCESS_BITMAP, which guest pages were accessed or written. The hypervisor answers a
 * byte per page; user space wants a bit.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

#define CHUNK 2048 /* pages per call, a multiple of 8 */

struct chunk {
	u8 states[CHUNK]; /* bit 0 accessed, 1 dirty */
	u8 bits[CHUNK / 8];
};

/* A page that was not accessed is not dirty either. */
static u64 flags_of(const struct mshv_gpap_access_bitmap *args)
{
	if (args->access_op != MSHV_GPAP_ACCESS_OP_CLEAR)
		return 0;
	if (args->access_type == MSHV_GPAP_ACCESS_TYPE_DIRTY)
		return HV_GPA_ACCESS_CLEAR_DIRTY;
	return HV_GPA_ACCESS_CLEAR_ACCESSED | HV_GPA_ACCESS_CLEAR_DIRTY;
}

static int read_chunk(struct mshv_partition *pt, const struct mshv_gpap_access_bitmap *args, u64 first,
		      unsigned int count, struct chunk *chunk)
{
	const struct hv_input_get_gpa_pages_access_state in = {
		.partition_id = pt->id,
		.flags = flags_of(args),
		.gpa_pfn = args->gpap_base + first,
	};
	u8 mask = 1 << args->access_type;
	unsigned int i;
	u64 result;

	result = mshv_hvcall_rep(HVCALL_GET_GPA_PAGES_ACCESS_STATES, count, 0, &in, sizeof(in), chunk->states,
				 count);
	if (hv_status(result))
		return mshv_status_to_errno(hv_status(result));
	memset(chunk->bits, 0, sizeof(chunk->bits));
	for (i = 0; i < count; i++)
		if (chunk->states[i] & mask)
			chunk->bits[i / 8] |= 1 << i % 8;
	return 0;
}

static int read_all(struct mshv_partition *pt, const struct mshv_gpap_access_bitmap *args,
		    struct chunk *chunk)
{
	u8 __user *bitmap = u64_to_user_ptr(args->bitmap_ptr);
	u64 first;

	for (first = 0; first < args->page_count; first += CHUNK) {
		unsigned int count = min_t(u64, args->page_count - first, CHUNK);
		int ret = read_chunk(pt, args, first, count, chunk);

		if (ret)
			return ret;
		if (copy_to_user(bitmap + first / 8, chunk->bits, DIV_ROUND_UP(count, 8)))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int mshv_mem_access_bitmap(struct mshv_partition *pt, struct mshv_gpap_access_bitmap __user *uarg)
{
	struct mshv_gpap_access_bitmap args;
	struct chunk *chunk;
	int ret;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if (args.access_type >= MSHV_GPAP_ACCESS_TYPE_COUNT || args.access_op >= MSHV_GPAP_ACCESS_OP_COUNT ||
	    memchr_inv(args.rsvd, 0, sizeof(args.rsvd)) || !args.page_count || !args.bitmap_ptr)
		return -EINVAL;
	if (args.page_count > 1ULL << (HV_CHILD_GPA_BITS - PAGE_SHIFT))
		return -E2BIG;
	if (args.access_op == MSHV_GPAP_ACCESS_OP_SET)
		return -EOPNOTSUPP;
	chunk = kmalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	ret = read_all(pt, &args, chunk);
	kfree(chunk);
	return ret;
}
