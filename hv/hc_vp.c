/* SPDX-License-Identifier: MIT */
/* Hypercalls on virtual processors: create, delete, registers, interrupts, state pages, dispatch. */
#include <abi/registers.h>
#include <hv/dispatch.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/smp.h>
#include <hv/state.h>
#include <hv/vp.h>
#include <x86/defs.h>

#define INTERRUPT_FIXED 0u
#define INTERRUPT_NMI 4u

u32 hc_create_vp(struct call *c)
{
	const struct hv_input_create_vp *in = c->in;

	if (in->vp_index >= HV_MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->flags || in->subnode_type)
		return HV_STATUS_INVALID_PARAMETER;
	if (c->partition->page->vps[in->vp_index])
		return HV_STATUS_OBJECT_IN_USE;
	return vp_create(c->partition, in->vp_index);
}

u32 hc_delete_vp(struct call *c)
{
	lock(&c->partition->lock);
	vp_delete(c->target);
	c->target = NULL;
	unlock(&c->partition->lock);
	return HV_STATUS_SUCCESS;
}

/* ---- Registers ------------------------------------------------------------------------------------- */

/* The root has two of its own: the pages where hv tells it things. */
static u64 *root_slot(struct vp *vp, u32 name)
{
	return name == HV_REGISTER_SIMP ? &vp->simp : name == HV_REGISTER_SIEFP ? &vp->siefp : NULL;
}

static u32 root_get(struct vp *vp, u32 name, union hv_register_value *value)
{
	u64 *slot = root_slot(vp, name);

	*value = (union hv_register_value){.reg64 = slot ? *slot : 0};
	return slot ? HV_STATUS_SUCCESS : HV_STATUS_UNKNOWN_REGISTER_NAME;
}

static u32 root_set(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 *slot = root_slot(vp, name);
	u64 new = value->reg64;

	if (!slot)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	if (new & 0xffe || (new && !(new & 1)))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (new == *slot)
		return HV_STATUS_SUCCESS;
	if (new && !frame_take(new >> PAGE_SHIFT, FRAME_STATE, HV_PARTITION_ID_ROOT))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (*slot)
		frame_give_back(*slot >> PAGE_SHIFT, FRAME_STATE, HV_PARTITION_ID_ROOT);
	*slot = new;
	return HV_STATUS_SUCCESS;
}

/* Own registers of the root: only of the VP that asks. */
static bool own(const struct call *c, u64 partition_id, u32 index)
{
	return (partition_id == HV_PARTITION_ID_SELF || partition_id == HV_PARTITION_ID_ROOT) &&
	       (index == HV_VP_INDEX_SELF || index == c->vp->index);
}

u32 hc_get_vp_registers(struct call *c)
{
	const struct hv_input_get_vp_registers *in = c->in;
	union hv_register_value *out = c->out;
	bool mine = own(c, in->partition_id, in->vp_index);
	u32 status = mine ? HV_STATUS_SUCCESS : call_take(c, in->partition_id, CALL_SPACE);

	if (!status && !mine)
		status = call_take_vp(c, in->vp_index);
	if (!status && in->input_vtl)
		status = HV_STATUS_INVALID_PARAMETER;
	while (!status && c->done < c->reps) {
		status = mine ? root_get(c->vp, in->names[c->done], &out[c->done])
			      : state_get_register(c->target, in->names[c->done], &out[c->done]);
		c->done += !status;
	}
	return status;
}

static u32 set_one(struct call *c, const struct hv_register_assoc *e)
{
	if (e->reserved1 || e->reserved2)
		return HV_STATUS_INVALID_PARAMETER;
	return c->target ? state_set_register(c->target, e->name, &e->value)
			 : root_set(c->vp, e->name, &e->value);
}

/* Suspension works on a running VP, too: that is what it is for. */
static bool suspend_running(struct call *c, const struct hv_input_set_vp_registers *in)
{
	const struct hv_register_assoc *e = &in->elements[0];
	u32 bit = e->name == HV_REGISTER_EXPLICIT_SUSPEND   ? SUSPEND_EXPLICIT
		  : e->name == HV_REGISTER_DISPATCH_SUSPEND ? SUSPEND_DISPATCH
							    : 0;
	struct vp *vp = in->vp_index < HV_MAX_VPS ? c->partition->page->vps[in->vp_index] : NULL;

	if (!vp || !bit || in->input_vtl || c->reps != 1 || e->reserved1 || e->reserved2 ||
	    e->value.reg64 != 1)
		return false;
	__atomic_fetch_or(&vp->suspend, bit, __ATOMIC_SEQ_CST);
	dispatch_kick(vp);
	c->done = 1;
	return true;
}

u32 hc_set_vp_registers(struct call *c)
{
	const struct hv_input_set_vp_registers *in = c->in;
	u32 status = HV_STATUS_SUCCESS;

	if (!own(c, in->partition_id, in->vp_index)) {
		status = call_take(c, in->partition_id, CALL_SPACE);
		if (!status && suspend_running(c, in))
			return HV_STATUS_SUCCESS;
		if (!status)
			status = call_take_vp(c, in->vp_index);
	}
	if (!status && in->input_vtl)
		status = HV_STATUS_INVALID_PARAMETER;
	while (!status && c->done < c->reps) {
		status = set_one(c, &in->elements[c->done]);
		c->done += !status;
	}
	return status;
}

/* ---- Interrupts -------------------------------------------------------------------------------------- */

static u32 check_interrupt(const struct hv_input_assert_virtual_interrupt *in)
{
	if (in->interrupt_type != INTERRUPT_FIXED && in->interrupt_type != INTERRUPT_NMI)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->level_and_dest_mode || in->target_vtl || in->dest_addr >= HV_MAX_VPS)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->interrupt_type == INTERRUPT_FIXED &&
	    (in->requested_vector < 16 || in->requested_vector > 255))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/* The caller wakes a blocked VP's thread itself: it knows whom it interrupts. */
u32 hc_assert_virtual_interrupt(struct call *c)
{
	const struct hv_input_assert_virtual_interrupt *in = c->in;
	u32 status = check_interrupt(in);
	struct vp *vp = !status && c->partition->page ? c->partition->page->vps[in->dest_addr] : NULL;

	if (status)
		return status;
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	dispatch_interrupt(vp, in->interrupt_type == INTERRUPT_NMI ? EXC_NMI : (u8)in->requested_vector);
	return HV_STATUS_SUCCESS;
}

/* ---- State pages ------------------------------------------------------------------------------------ */

static u64 *page_slot(struct vp *vp, u16 type)
{
	switch (type) {
	case HV_VP_STATE_PAGE_REGISTERS:
		return &vp->register_pfn;
	case HV_VP_STATE_PAGE_INTERCEPT_MESSAGE:
		return &vp->message_pfn;
	default:
		return NULL;
	}
}

u32 hc_map_vp_state_page(struct call *c)
{
	const struct hv_input_map_vp_state_page *in = c->in;
	u64 *slot = page_slot(c->target, in->type);

	if (!slot || in->input_vtl || in->flags != HV_VP_STATE_PAGE_LOCATION_GIVEN)
		return HV_STATUS_INVALID_PARAMETER;
	if (*slot)
		return HV_STATUS_OBJECT_IN_USE;
	if (!frame_take(in->requested_pfn, FRAME_STATE, c->partition->owner))
		return HV_STATUS_INVALID_PARAMETER;
	*slot = *(u64 *)c->out = in->requested_pfn;
	return HV_STATUS_SUCCESS;
}

u32 hc_unmap_vp_state_page(struct call *c)
{
	const struct hv_input_unmap_vp_state_page *in = c->in;
	u64 *slot = page_slot(c->target, in->type);

	if (!slot || in->input_vtl || in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	if (!*slot)
		return HV_STATUS_NOT_FOUND;
	frame_give_back(*slot, FRAME_STATE, c->partition->owner);
	*slot = 0;
	return HV_STATUS_SUCCESS;
}

/* ---- Dispatch ----------------------------------------------------------------------------------------- */

/* The first dispatch of any of its VPs makes a partition active. */
static void activate(struct partition *p)
{
	if (__atomic_load_n(&p->state, __ATOMIC_ACQUIRE) != PARTITION_INITIALIZED)
		return;
	lock(&p->lock);
	if (p->state == PARTITION_INITIALIZED)
		partition_set_state(p, PARTITION_ACTIVE);
	unlock(&p->lock);
}

u32 hc_dispatch_vp(struct call *c)
{
	const struct hv_input_dispatch_vp *in = c->in;
	u32 status = HV_STATUS_SUCCESS;

	if (in->flags & ~(HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND | HV_DISPATCH_ENABLE_CALLER_INTERRUPTS) ||
	    in->time_slice || in->spec_ctrl)
		return HV_STATUS_INVALID_PARAMETER;
	activate(c->partition);
	if (in->flags & HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND) {
		status = state_take_page(c->target);
		if (!status)
			__atomic_fetch_and(&c->target->suspend, ~SUSPEND_INTERCEPT, __ATOMIC_SEQ_CST);
	}
	if (!status)
		dispatch_vp(c->target, c->out);
	return status;
}
