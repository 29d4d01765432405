/* SPDX-License-Identifier: MIT */
/* Hypercalls on a partition's pool: pages the root deposits vanish from its view until it withdraws
 * them, then zeroed. */
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/smp.h>

static u32 deposit_one(struct partition *p, u64 pfn)
{
	if (!frame_take(pfn, FRAME_DEPOSITED, p->owner))
		return HV_STATUS_INVALID_PARAMETER;
	if (root_hide(pfn))
		return HV_STATUS_SUCCESS;
	frame_give_back(pfn, FRAME_DEPOSITED, p->owner);
	return HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
}

/* All go out of sight, then every processor forgets them, then they are used. */
u32 hc_deposit_memory(struct call *c)
{
	const struct hv_input_deposit_memory *in = c->in;
	struct partition *p = c->partition;
	u32 first = c->done, status = HV_STATUS_SUCCESS;

	if (p->state == PARTITION_FINALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	for (; c->done < c->reps; c->done++) {
		status = deposit_one(p, in->pfn[c->done]);
		if (status)
			break;
	}
	if (c->done > first)
		smp_flush_root();
	for (u32 i = first; i < c->done; i++) {
		pool_put(&p->pool, in->pfn[i]);
		p->pool.total++;
	}
	return status;
}

u32 hc_withdraw_memory(struct call *c)
{
	struct partition *p = c->partition;
	u64 *out = c->out;
	u32 steps = 0;

	for (; c->done < c->reps; c->done++) {
		u64 pfn;

		if (steps++ == CALL_SLICE)
			return CALL_CONTINUE;
		pfn = pool_get(&p->pool); /* zeroes it */
		if (!pfn)
			return HV_STATUS_NO_RESOURCES;
		/* First: a frame of the root's that is absent would be taken for a device's. */
		root_show(pfn);
		frame_give_back(pfn, FRAME_DEPOSITED, p->owner);
		p->pool.total--;
		out[c->done] = pfn;
	}
	return HV_STATUS_SUCCESS;
}
