/* SPDX-License-Identifier: MIT */
/* Hypercalls on virtual processors: create, delete, registers, state pages, dispatch. */
#include <abi/registers.h>
#include <hv/dispatch.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/port.h>
#include <hv/smp.h>
#include <hv/state.h>
#include <hv/vp.h>

/* A child's VP, owned by the caller until put_vp; NULL and a status otherwise. */
static struct vp *get_vp(struct call *c, u64 partition_id, u32 index, u32 *status)
{
	struct partition *p = call_child(c, partition_id, status);
	struct vp *vp = NULL;

	if (!p)
		return NULL;
	lock(&p->lock);
	if (p->state != PARTITION_INITIALIZED && p->state != PARTITION_ACTIVE)
		*status = HV_STATUS_INVALID_PARTITION_STATE;
	else if (index >= HV_MAX_VPS || !p->page->vps[index])
		*status = HV_STATUS_INVALID_VP_INDEX;
	else if (!vp_acquire(p->page->vps[index]))
		*status = HV_STATUS_INVALID_VP_STATE;
	else
		vp = p->page->vps[index];
	unlock(&p->lock);
	if (!vp)
		partition_put(p);
	return vp;
}

static void put_vp(struct vp *vp)
{
	struct partition *p = vp->partition;

	vp_release(vp);
	partition_put(p);
}

static u32 create(struct partition *p, const struct hv_input_create_vp *in)
{
	if (p->state != PARTITION_INITIALIZED && p->state != PARTITION_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (in->vp_index >= HV_MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->flags || in->subnode_type)
		return HV_STATUS_INVALID_PARAMETER;
	if (p->page->vps[in->vp_index])
		return HV_STATUS_OBJECT_IN_USE;
	return vp_create(p, in->vp_index);
}

u32 hc_create_vp(struct call *c)
{
	const struct hv_input_create_vp *in = c->in;
	u32 status;
	struct partition *p = call_child(c, in->partition_id, &status);

	if (!p)
		return status;
	lock(&p->lock);
	status = create(p, in);
	unlock(&p->lock);
	partition_put(p);
	return status;
}

u32 hc_delete_vp(struct call *c)
{
	const struct hv_input_delete_vp *in = c->in;
	u32 status;
	struct vp *vp = get_vp(c, in->partition_id, in->vp_index, &status);
	struct partition *p;

	if (!vp)
		return status;
	p = vp->partition;
	lock(&p->lock);
	vp_delete(vp);
	unlock(&p->lock);
	partition_put(p);
	return HV_STATUS_SUCCESS;
}

/* ---- Registers ------------------------------------------------------------------------------------- */

/* The root has two of its own: the pages where hv tells it things. */
static u32 root_get(struct vp *vp, u32 name, union hv_register_value *value)
{
	*value = (union hv_register_value){0};
	if (name == HV_REGISTER_SIMP)
		value->reg64 = vp->simp;
	else if (name == HV_REGISTER_SIEFP)
		value->reg64 = vp->siefp;
	else
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	return HV_STATUS_SUCCESS;
}

static u32 root_set(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 *slot = name == HV_REGISTER_SIMP ? &vp->simp : name == HV_REGISTER_SIEFP ? &vp->siefp : NULL;
	u64 old, new = value->reg64;

	if (!slot)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	if (new & 0xffe || (new && !(new & 1)))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (new == *slot)
		return HV_STATUS_SUCCESS;
	if (new && !frame_state_page(new >> PAGE_SHIFT, HV_PARTITION_ID_ROOT))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	old = port_exchange_page(slot, new);
	if (old)
		frame_release_state_page(old >> PAGE_SHIFT, HV_PARTITION_ID_ROOT);
	return HV_STATUS_SUCCESS;
}

/* Own registers of the root: only of the VP that asks. */
static bool own(const struct call *c, u64 partition_id, u32 index)
{
	bool self = partition_id == HV_PARTITION_ID_SELF || partition_id == HV_PARTITION_ID_ROOT;

	return self && (index == HV_VP_INDEX_SELF || index == c->vp->index);
}

u32 hc_get_vp_registers(struct call *c)
{
	const struct hv_input_get_vp_registers *in = c->in;
	union hv_register_value *out = c->out;
	bool mine = own(c, in->partition_id, in->vp_index);
	u32 status = HV_STATUS_SUCCESS;
	struct vp *vp = mine ? c->vp : get_vp(c, in->partition_id, in->vp_index, &status);

	if (!vp)
		return status;
	if (in->input_vtl)
		status = HV_STATUS_INVALID_PARAMETER;
	while (!status && c->done < c->reps) {
		status = (mine ? root_get : state_get_register)(vp, in->names[c->done], &out[c->done]);
		c->done += !status;
	}
	if (!mine)
		put_vp(vp);
	return status;
}

static u32 set_one(struct vp *vp, const struct hv_register_assoc *e, bool mine)
{
	if (e->reserved1 || e->reserved2)
		return HV_STATUS_INVALID_PARAMETER;
	return (mine ? root_set : state_set_register)(vp, e->name, &e->value);
}

/* Suspension works on a running VP, too: that is what it is for. */
static bool suspend_running(struct call *c, const struct hv_input_set_vp_registers *in)
{
	const struct hv_register_assoc *e = &in->elements[0];
	struct partition *p;
	struct vp *vp = NULL;
	u32 status;

	if (c->reps != 1 || e->reserved1 || e->reserved2 || e->value.reg64 != 1 ||
	    in->vp_index >= HV_MAX_VPS ||
	    (e->name != HV_REGISTER_EXPLICIT_SUSPEND && e->name != HV_REGISTER_DISPATCH_SUSPEND))
		return false;
	p = call_child(c, in->partition_id, &status);
	if (!p)
		return false;
	lock(&p->lock);
	if (p->page)
		vp = p->page->vps[in->vp_index];
	if (vp) {
		__atomic_fetch_or(&vp->suspend,
				  e->name == HV_REGISTER_EXPLICIT_SUSPEND ? SUSPEND_EXPLICIT
									  : SUSPEND_DISPATCH,
				  __ATOMIC_SEQ_CST);
		dispatch_kick(vp);
		c->done = 1;
	}
	unlock(&p->lock);
	partition_put(p);
	return vp;
}

u32 hc_set_vp_registers(struct call *c)
{
	const struct hv_input_set_vp_registers *in = c->in;
	bool mine = own(c, in->partition_id, in->vp_index);
	u32 status = HV_STATUS_SUCCESS;
	struct vp *vp;

	if (!in->input_vtl && suspend_running(c, in))
		return HV_STATUS_SUCCESS;
	vp = mine ? c->vp : get_vp(c, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	if (in->input_vtl)
		status = HV_STATUS_INVALID_PARAMETER;
	while (!status && c->done < c->reps) {
		status = set_one(vp, &in->elements[c->done], mine);
		c->done += !status;
	}
	if (!mine)
		put_vp(vp);
	return status;
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
	u32 status;
	struct vp *vp = get_vp(c, in->partition_id, in->vp_index, &status);
	u64 *slot;

	if (!vp)
		return status;
	slot = page_slot(vp, in->type);
	if (!slot || in->input_vtl || in->flags != HV_VP_STATE_PAGE_LOCATION_GIVEN)
		status = HV_STATUS_INVALID_PARAMETER;
	else if (*slot)
		status = HV_STATUS_OBJECT_IN_USE;
	else if (!frame_state_page(in->requested_pfn, vp->partition->owner))
		status = HV_STATUS_INVALID_PARAMETER;
	if (!status) {
		*slot = in->requested_pfn;
		*(u64 *)c->out = in->requested_pfn;
	}
	put_vp(vp);
	return status;
}

u32 hc_unmap_vp_state_page(struct call *c)
{
	const struct hv_input_unmap_vp_state_page *in = c->in;
	u32 status;
	struct vp *vp = get_vp(c, in->partition_id, in->vp_index, &status);
	u64 *slot;

	if (!vp)
		return status;
	slot = page_slot(vp, in->type);
	if (!slot || in->input_vtl || in->reserved) {
		status = HV_STATUS_INVALID_PARAMETER;
	} else if (!*slot) {
		status = HV_STATUS_NOT_FOUND;
	} else {
		frame_release_state_page(*slot, vp->partition->owner);
		*slot = 0;
	}
	put_vp(vp);
	return status;
}

/* ---- Dispatch ----------------------------------------------------------------------------------------- */

static u32 check_dispatch(const struct hv_input_dispatch_vp *in)
{
	if (in->flags & ~(HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND | HV_DISPATCH_ENABLE_CALLER_INTERRUPTS))
		return HV_STATUS_INVALID_PARAMETER;
	return in->time_slice || in->spec_ctrl ? HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
}

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
	u32 status = check_dispatch(in), flags = in->flags;
	struct vp *vp;

	if (status)
		return status;
	vp = get_vp(c, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	activate(vp->partition);
	if (flags & HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND) {
		status = state_take_page(vp);
		if (!status)
			__atomic_fetch_and(&vp->suspend, ~SUSPEND_INTERCEPT, __ATOMIC_SEQ_CST);
	}
	if (!status)
		dispatch_vp(vp, c->out);
	put_vp(vp);
	return status;
}
