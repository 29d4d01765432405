/* SPDX-License-Identifier: MIT */
/* The MSRs of a child: identification, time, the virtual x2APIC and timer 0. Those that VMLOAD switches
 * never come here; for unknown ones the partition's property decides. */
#include <abi/registers.h>
#include <hv/dispatch.h>
#include <hv/partition.h>
#include <hv/stimer.h>
#include <hv/vendor.h>
#include <x86/defs.h>

#define SVR_ENABLE 0x100u
#define X2APIC_VERSION 0x803u
#define X2APIC_LDR 0x80du
#define X2APIC_ESR 0x828u
#define VERSION_VALUE 0x00050015u /* 6 LVT entries, version 0x15 */
#define ICR_RESERVED 0xfff32000u

static u64 read_known(const struct vp *vp, u32 index, bool *known)
{
	*known = true;
	switch (index) {
	case HV_MSR_VP_INDEX:
	case MSR_X2APIC_ID:
		return vp->index;
	case HV_MSR_TIME_REF_COUNT:
		return partition_reference_time(vp->partition);
	case HV_MSR_TSC_FREQUENCY:
		return tsc_frequency;
	case HV_MSR_STIMER0_CONFIG:
		return vp->stimer_config;
	case HV_MSR_STIMER0_COUNT:
		return vp->stimer_count;
	case MSR_APIC_BASE:
		return vp->apic_base;
	case X2APIC_VERSION:
		return VERSION_VALUE;
	case X2APIC_LDR:
		return (vp->index >> 4) << 16 | 1u << (vp->index & 15);
	case MSR_X2APIC_TPR:
		return vp->vapic.tpr;
	case MSR_X2APIC_SVR:
		return vp->vapic.spurious | (vp->vapic.enabled ? SVR_ENABLE : 0);
	case X2APIC_ESR:
		return 0;
	default:
		*known = false;
		return 0;
	}
}

/* Fixed interrupts and NMIs. All VPs start together, so INIT and SIPI have nothing to do. */
static enum msr_result write_icr(struct vp *vp, u64 value)
{
	u32 command = (u32)value, mode = command >> ICR_MODE_SHIFT & 7;
	struct partition *p = vp->partition;
	u8 vector = mode == ICR_MODE_NMI ? EXC_NMI : (u8)command;

	if (command & ICR_RESERVED)
		return MSR_FAULT;
	if ((mode != ICR_MODE_FIXED && mode != ICR_MODE_NMI) || (mode == ICR_MODE_FIXED && vector < 16))
		return MSR_DONE;
	lock(&p->lock);
	for (u32 i = 0; i < HV_MAX_VPS; i++) {
		struct vp *target = p->page->vps[i];

		if (target && icr_targets(command, (u32)(value >> 32), i, target == vp) &&
		    dispatch_interrupt(target, vector))
			dispatch_signal_root(p, i);
	}
	unlock(&p->lock);
	return MSR_DONE;
}

static enum msr_result done_if(bool good)
{
	return good ? MSR_DONE : MSR_FAULT;
}

static enum msr_result write_svr(struct vp *vp, u64 value)
{
	if (value & ~0x1ffULL)
		return MSR_FAULT;
	vp->vapic.enabled = value & SVR_ENABLE;
	vp->vapic.spurious = (u8)value;
	return MSR_DONE;
}

static enum msr_result write_known(struct vp *vp, u32 index, u64 value)
{
	bool known;

	switch (index) {
	case HV_MSR_EOI:
	case MSR_X2APIC_EOI:
		vapic_end(&vp->vapic);
		return MSR_DONE;
	case HV_MSR_ICR:
	case MSR_X2APIC_ICR:
		return write_icr(vp, value);
	case MSR_X2APIC_SELF_IPI:
		if (value >> 8 || value < 16)
			return MSR_FAULT;
		vapic_request(&vp->vapic, (u8)value);
		return MSR_DONE;
	case HV_MSR_STIMER0_CONFIG:
		return done_if(stimer_set_config(vp, value));
	case HV_MSR_STIMER0_COUNT:
		stimer_set_count(vp, value);
		return MSR_DONE;
	case MSR_X2APIC_TPR:
		if (value >> 8)
			return MSR_FAULT;
		vp->vapic.tpr = (u8)value;
		return MSR_DONE;
	case MSR_X2APIC_SVR:
		return write_svr(vp, value);
	case X2APIC_ESR:
		return done_if(value == 0);
	case MSR_APIC_BASE:
		return done_if(value == vp->apic_base);
	default: /* read-only, or unknown */
		read_known(vp, index, &known);
		return known ? MSR_FAULT : MSR_INTERCEPT;
	}
}

static enum msr_result unknown(struct vp *vp, bool write)
{
	const struct partition *p = vp->partition;

	if (p->msr_intercepts & (write ? ACCESS_WRITE : ACCESS_READ))
		return MSR_INTERCEPT;
	if (p->msr_action == 0)
		return MSR_FAULT;
	if (!write)
		vp->gpr[RAX] = vp->gpr[RDX] = 0;
	return MSR_DONE;
}

enum msr_result msr_child(struct vp *vp, bool write)
{
	u32 index = (u32)vp->gpr[RCX];
	enum msr_result result;
	bool known;
	u64 value;

	if (write) {
		result = write_known(vp, index, (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32);
		return result == MSR_INTERCEPT ? unknown(vp, true) : result;
	}
	value = read_known(vp, index, &known);
	if (!known)
		return unknown(vp, false);
	vp->gpr[RAX] = (u32)value;
	vp->gpr[RDX] = value >> 32;
	return MSR_DONE;
}

/* A child's others exit: the maps begin with all bits set there, and none for the root. */
void msr_set_maps(u8 *root, u8 *child, void (*set_msr)(u8 *map, u32 index, u32 exits))
{
	static const u32 switched[] = {MSR_STAR,	 MSR_LSTAR,	  MSR_CSTAR,	      MSR_SFMASK,
				       MSR_FS_BASE,	 MSR_GS_BASE,	  MSR_KERNEL_GS_BASE, MSR_SYSENTER_CS,
				       MSR_SYSENTER_ESP, MSR_SYSENTER_EIP};

	set_msr(root, MSR_APIC_BASE, ACCESS_WRITE);
	set_msr(root, MSR_X2APIC_ICR, ACCESS_WRITE);
	for (unsigned i = 0; i < sizeof(switched) / sizeof(switched[0]); i++)
		set_msr(child, switched[i], 0);
	set_msr(child, MSR_TSC, ACCESS_WRITE);
}
