/* SPDX-License-Identifier: MIT */
/* Virtual processors: creation and end, ownership, registers by name, and the register page shared with
 * the VMM. What a register is worth on this vendor's processor is the vendor's subject. */
#include <hv/assert.h>
#include <hv/dispatch.h>
#include <hv/fpu.h>
#include <hv/frame.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/stimer.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/apic.h>
#include <x86/defs.h>

/* ---- Life ---------------------------------------------------------------------------------------- */

u32 vp_create(struct partition *p, u32 index)
{
	struct vp *vp;

	if (p->pool.free < 2)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	vp = frame_ptr(pool_get(&p->pool));
	vp->control = frame_ptr(pool_get(&p->pool));
	vp->partition = p;
	vp->index = index;
	vp->suspend = SUSPEND_EXPLICIT;
	vp->changed = true;
	vp->apic_base = APIC_PAGE | APIC_BASE_ENABLE | APIC_BASE_X2APIC | (index == 0 ? APIC_BASE_BSP : 0);
	vapic_reset(&vp->vapic);
	fpu_reset(vp);
	vendor->vp_init(vp);
	p->page->vps[index] = vp;
	p->vp_count++;
	return HV_STATUS_SUCCESS;
}

void vp_delete(struct vp *vp)
{
	struct partition *p = vp->partition;

	assert(vp->busy);
	if (vp->message_pfn)
		frame_release_state_page(vp->message_pfn, p->owner);
	if (vp->register_pfn)
		frame_release_state_page(vp->register_pfn, p->owner);
	for (unsigned i = 0; i < HV_EXIT_KINDS; i++)
		p->exits[i] += vp->exits[i];
	p->dispatches += vp->dispatches;
	p->page->vps[vp->index] = NULL;
	p->vp_count--;
	pool_put(&p->pool, ptr_frame(vp->control));
	pool_put(&p->pool, ptr_frame(vp));
}

bool vp_acquire(struct vp *vp)
{
	return __atomic_exchange_n(&vp->busy, 1, __ATOMIC_ACQUIRE) == 0;
}

void vp_release(struct vp *vp)
{
	__atomic_store_n(&vp->busy, 0, __ATOMIC_RELEASE);
}

void vp_skip(struct vp *vp, u8 length)
{
	vp->rip += length;
	vendor->end_shadow(vp);
}

/* ---- Registers by name ---------------------------------------------------------------------------- */

static u32 suspend_bit(u32 name)
{
	return name == HV_REGISTER_EXPLICIT_SUSPEND    ? SUSPEND_EXPLICIT
	       : name == HV_REGISTER_INTERCEPT_SUSPEND ? SUSPEND_INTERCEPT
						       : SUSPEND_DISPATCH;
}

static bool debug_register(u32 name)
{
	return name >= HV_X64_REGISTER_DR0 && name <= HV_X64_REGISTER_DR3;
}

static bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

u32 vp_get_register(struct vp *vp, u32 name, union hv_register_value *value)
{
	*value = (union hv_register_value){0};
	if (name >= HV_X64_REGISTER_RAX && name <= HV_X64_REGISTER_R15) {
		value->reg64 = vp->gpr[name - HV_X64_REGISTER_RAX];
		return HV_STATUS_SUCCESS;
	}
	if (debug_register(name)) {
		value->reg64 = vp->debug[name - HV_X64_REGISTER_DR0];
		return HV_STATUS_SUCCESS;
	}
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
	case HV_REGISTER_INTERCEPT_SUSPEND:
	case HV_REGISTER_DISPATCH_SUSPEND:
		value->reg64 = (__atomic_load_n(&vp->suspend, __ATOMIC_SEQ_CST) & suspend_bit(name)) != 0;
		break;
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		value->reg64 = vp->halted ? 2 : 0;
		break;
	case HV_X64_REGISTER_RIP:
		value->reg64 = vp->rip;
		break;
	case HV_X64_REGISTER_RFLAGS:
		value->reg64 = vp->rflags;
		break;
	case HV_X64_REGISTER_CR8:
		value->reg64 = vp->vapic.tpr >> 4;
		break;
	case HV_X64_REGISTER_XFEM:
		value->reg64 = vp->xcr0;
		break;
	case HV_X64_REGISTER_APIC_BASE:
		value->reg64 = vp->apic_base;
		break;
	case HV_REGISTER_STIMER0_CONFIG:
		value->reg64 = vp->stimer_config;
		break;
	case HV_REGISTER_STIMER0_COUNT:
		value->reg64 = vp->stimer_count;
		break;
	default:
		return vendor->get_register(vp, name, value);
	}
	return HV_STATUS_SUCCESS;
}

static u32 set_suspend(struct vp *vp, u32 bit, u64 value)
{
	if (value > 1)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (value)
		__atomic_fetch_or(&vp->suspend, bit, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&vp->suspend, ~bit, __ATOMIC_SEQ_CST);
	return HV_STATUS_SUCCESS;
}

static u32 store_if(bool valid, u64 *to, u64 value)
{
	if (!valid)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	*to = value;
	return HV_STATUS_SUCCESS;
}

static u32 set_activity(struct vp *vp, u64 value)
{
	if (value & ~2ULL)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	vp->halted = value & 2;
	return HV_STATUS_SUCCESS;
}

static u32 set_tpr(struct vp *vp, u64 value)
{
	if (value > 15)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	vp->vapic.tpr = (u8)(value << 4);
	return HV_STATUS_SUCCESS;
}

u32 vp_set_register(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 v = value->reg64;

	vp->changed = true;
	if (name >= HV_X64_REGISTER_RAX && name <= HV_X64_REGISTER_R15)
		return store_if(true, &vp->gpr[name - HV_X64_REGISTER_RAX], v);
	if (debug_register(name))
		return store_if(true, &vp->debug[name - HV_X64_REGISTER_DR0], v);
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
	case HV_REGISTER_INTERCEPT_SUSPEND:
	case HV_REGISTER_DISPATCH_SUSPEND:
		return set_suspend(vp, suspend_bit(name), v);
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		return set_activity(vp, v);
	case HV_X64_REGISTER_RIP:
		return store_if(canonical(v), &vp->rip, v);
	case HV_X64_REGISTER_RFLAGS:
		return store_if(v & RFLAGS_FIXED && !(v & (RFLAGS_RESERVED | RFLAGS_VM)), &vp->rflags, v);
	case HV_X64_REGISTER_CR8:
		return set_tpr(vp, v);
	case HV_X64_REGISTER_XFEM:
		return store_if(fpu_valid_xcr0(v), &vp->xcr0, v);
	case HV_X64_REGISTER_APIC_BASE:
		return v == vp->apic_base ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_REGISTER_VALUE;
	case HV_REGISTER_STIMER0_CONFIG:
		return stimer_set_config(vp, v) ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_REGISTER_VALUE;
	case HV_REGISTER_STIMER0_COUNT:
		stimer_set_count(vp, v);
		return HV_STATUS_SUCCESS;
	default:
		return vendor->set_register(vp, name, value);
	}
}

/* ---- The register page ------------------------------------------------------------------------------ */

static u64 get64(struct vp *vp, u32 name)
{
	union hv_register_value value;

	assert(vp_get_register(vp, name, &value) == HV_STATUS_SUCCESS);
	return value.reg64;
}

void vp_fill_register_page(struct vp *vp)
{
	struct hv_vp_register_page *page;

	if (!vp->register_pfn)
		return;
	page = frame_ptr(vp->register_pfn);
	page->version = HV_VP_REGISTER_PAGE_VERSION;
	page->vtl = 0;
	page->dirty = 0;
	memcpy(page->gpr, vp->gpr, sizeof(page->gpr));
	page->rip = vp->rip;
	page->rflags = vp->rflags;
	for (u32 i = 0; i < 6; i++) {
		union hv_register_value value;

		assert(vendor->get_register(vp, HV_X64_REGISTER_ES + i, &value) == HV_STATUS_SUCCESS);
		memcpy(page->segments[i], &value, sizeof(value));
	}
	page->cr0 = get64(vp, HV_X64_REGISTER_CR0);
	page->cr3 = get64(vp, HV_X64_REGISTER_CR3);
	page->cr4 = get64(vp, HV_X64_REGISTER_CR4);
	page->cr8 = vp->vapic.tpr >> 4;
	page->efer = get64(vp, HV_X64_REGISTER_EFER);
	page->dr7 = get64(vp, HV_X64_REGISTER_DR7);
	page->pending_interruption = 0;
	page->interrupt_state = get64(vp, HV_REGISTER_INTERRUPT_STATE);
	page->valid = 1;
}

/* The page belongs to the root, which may write it at any time: everything is read once. */
u32 vp_take_register_page(struct vp *vp)
{
	volatile struct hv_vp_register_page *page;
	union hv_register_value value = {0};
	u32 dirty, status = HV_STATUS_SUCCESS;

	if (!vp->register_pfn)
		return status;
	page = frame_ptr(vp->register_pfn);
	dirty = page->valid ? page->dirty : 0;
	page->valid = 0;
	page->dirty = 0;
	if (dirty & ~(HV_VP_REGISTER_DIRTY_GPR | HV_VP_REGISTER_DIRTY_RIP | HV_VP_REGISTER_DIRTY_RFLAGS))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (dirty & HV_VP_REGISTER_DIRTY_GPR) {
		for (unsigned i = 0; i < GPRS; i++)
			vp->gpr[i] = page->gpr[i];
	}
	if (dirty & HV_VP_REGISTER_DIRTY_RIP) {
		value.reg64 = page->rip;
		status = vp_set_register(vp, HV_X64_REGISTER_RIP, &value);
		vendor->end_shadow(vp);
	}
	if (!status && dirty & HV_VP_REGISTER_DIRTY_RFLAGS) {
		value.reg64 = page->rflags;
		status = vp_set_register(vp, HV_X64_REGISTER_RFLAGS, &value);
	}
	return status;
}
