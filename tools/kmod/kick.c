// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * kick.c: a VP has become runnable; wake the thread that runs it. Kicks come from the hypervisor's
 * messages, from timers, and from whoever asserts an interrupt. A kick sets a flag that only the running
 * thread clears, before it dispatches: whatever was pending by then the hypervisor sees by itself.
 */
#include <linux/rcupdate.h>

#include "mshv.h"

void mshv_kick(struct mshv_vp *vp)
{
	WRITE_ONCE(vp->kicked, true);
	wake_up(&vp->wait); /* full barrier; pairs with the wait in run.c */
}

void mshv_kick_index(struct mshv_partition *pt, u32 index)
{
	struct mshv_vp *vp;

	if (index >= HV_MAX_VPS)
		return;
	vp = READ_ONCE(pt->vps[index]);
	if (vp)
		mshv_kick(vp);
}

void mshv_kick_all(struct mshv_partition *pt)
{
	u32 i;

	for (i = 0; i < HV_MAX_VPS; i++)
		mshv_kick_index(pt, i);
}

static void kick_set(const struct hv_scheduler_bitset_message *set)
{
	struct mshv_partition *pt = xa_load(&mshv_partitions, set->partition_id);
	unsigned long bits = set->valid_banks & 1 ? set->bank0 : 0;
	unsigned int i;

	if (!pt)
		return;
	for_each_set_bit(i, &bits, HV_MAX_VPS)
		mshv_kick_index(pt, i);
}

static void kick_everything(void)
{
	struct mshv_partition *pt;
	unsigned long id;

	xa_for_each(&mshv_partitions, id, pt)
		mshv_kick_all(pt);
}

void mshv_kick_message(const struct hv_message *message)
{
	const struct hv_scheduler_bitset_message *set = (const void *)message->payload;

	if (message->type != HVMSG_SCHEDULER_VP_SIGNAL_BITSET) {
		pr_warn_ratelimited("message of unknown type %#x\n", message->type);
		return;
	}
	rcu_read_lock();
	if (set->overflow_count)
		kick_everything();
	else
		kick_set(set);
	rcu_read_unlock();
}
