/* SPDX-License-Identifier: MIT */
/* The synthetic timer (TLFS "Synthetic Timers"), as far as it is offered. Time comes from the TSC. */
#include <abi/registers.h>
#include <hv/partition.h>
#include <hv/stimer.h>
#include <x86/asm.h>

#define VECTOR(config) ((u8)((config) >> HV_STIMER_VECTOR_SHIFT))
#define CONFIG_KNOWN \
	(HV_STIMER_ENABLE | HV_STIMER_AUTO_ENABLE | 0xffULL << HV_STIMER_VECTOR_SHIFT | HV_STIMER_DIRECT)

static void arm(struct vp *vp)
{
	vp->stimer_tsc = vp->stimer_config & HV_STIMER_ENABLE && vp->stimer_count
				 ? partition_tsc_at(vp->partition, vp->stimer_count)
				 : 0;
}

bool stimer_set_config(struct vp *vp, u64 config)
{
	if (config & ~CONFIG_KNOWN)
		return false;
	if (config & (HV_STIMER_ENABLE | HV_STIMER_AUTO_ENABLE) &&
	    (!(config & HV_STIMER_DIRECT) || VECTOR(config) < 16))
		return false;
	vp->stimer_config = config;
	arm(vp);
	return true;
}

void stimer_set_count(struct vp *vp, u64 count)
{
	vp->stimer_count = count;
	if (count == 0)
		vp->stimer_config &= ~HV_STIMER_ENABLE;
	else if (vp->stimer_config & HV_STIMER_AUTO_ENABLE)
		vp->stimer_config |= HV_STIMER_ENABLE;
	arm(vp);
}

void stimer_expire(struct vp *vp)
{
	if (!vp->stimer_tsc || rdtsc() < vp->stimer_tsc)
		return;
	vp->stimer_tsc = 0;
	vp->stimer_config &= ~HV_STIMER_ENABLE;
	vapic_request(&vp->vapic, VECTOR(vp->stimer_config));
}
