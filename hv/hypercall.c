/* SPDX-License-Identifier: MIT */
/*
 * The dispatcher: look up, check in the TLFS's order, copy the input once, call the handler, copy the
 * output. Handlers (hc_*.c) see only private copies and never a guest's memory. A child's calls are fast
 * ones: no memory of its own is read or written for them.
 */
#include <hv/assert.h>
#include <hv/cpu.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/log.h>
#include <hv/partition.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/defs.h>

#define EXTENDED_PAGE 0x8100u

struct request {
	const struct call_info *info;
	u64 value;
	u32 in_size, out_size; /* with lists */
	u64 in, out;	       /* physical: lists are the root's alone */
	bool fast;
};

/* Where a code stands in the table: 0x00-0xff, then 0x8100-0x81ff. 0 = unknown, else the place plus 1. */
static u8 places[2][256];

void hypercall_init(void)
{
	for (u32 i = 0; i < hypercall_table_size; i++) {
		u16 code = hypercall_table[i].code;

		assert((code & 0xff00) == 0 || (code & 0xff00) == EXTENDED_PAGE);
		places[code >> 15][code & 0xff] = (u8)(i + 1);
	}
}

static const struct call_info *lookup(u16 code)
{
	u32 page = code & 0xff00;
	u8 place = page && page != EXTENDED_PAGE ? 0 : places[code >> 15][code & 0xff];

	return place ? &hypercall_table[place - 1] : NULL;
}

static bool crosses_page(u64 at, u32 size)
{
	return size && (at & (PAGE_SIZE - 1)) + size > PAGE_SIZE;
}

static u32 check_lists(const struct request *r)
{
	if (r->fast && !r->out_size)
		return HV_STATUS_SUCCESS;
	if (r->in_size && !r->fast && (r->in & 7 || crosses_page(r->in, r->in_size)))
		return HV_STATUS_INVALID_ALIGNMENT;
	if (r->out_size && (r->out & 7 || crosses_page(r->out, r->out_size)))
		return HV_STATUS_INVALID_ALIGNMENT;
	if (!r->fast && r->in < r->out + r->out_size && r->out < r->in + r->in_size)
		return HV_STATUS_INVALID_ALIGNMENT;
	return HV_STATUS_SUCCESS;
}

/* Lists lie in frames that are the root's alone. */
static u32 copy_in(struct call *c, struct request *r, void *to)
{
	if (r->fast || !r->in_size) {
		((u64 *)to)[0] = c->vp->gpr[RDX];
		((u64 *)to)[1] = c->vp->gpr[R8];
		return HV_STATUS_SUCCESS;
	}
	if (!frame_pin(r->in >> PAGE_SHIFT))
		return HV_STATUS_INVALID_PARAMETER;
	memcpy(to, phys_ptr(r->in), r->in_size);
	frame_unpin(r->in >> PAGE_SHIFT);
	return HV_STATUS_SUCCESS;
}

static void copy_out(struct call *c, struct request *r, u32 status)
{
	u32 first = (u32)((r->value & HV_CALL_REP_START_MASK) >> HV_CALL_REP_START_SHIFT);
	u32 skip = first ? r->info->out + first * r->info->out_rep : 0;
	u32 end = r->info->out + c->done * r->info->out_rep;

	if (!(r->info->flags & CALL_REP))
		end = status == HV_STATUS_SUCCESS ? r->info->out : 0;
	if (end > skip)
		memcpy((u8 *)phys_ptr(r->out) + skip, (const u8 *)c->out + skip, end - skip);
	frame_unpin(r->out >> PAGE_SHIFT);
}

static u32 check_call(struct call *c, struct request *r)
{
	bool root = partition_is_root(c->caller);
	u32 status;

	if (!root && !(r->info->flags & CALL_CHILD))
		return HV_STATUS_ACCESS_DENIED;
	status = hypercall_check_value(r->info, r->value);
	if (status)
		return status;
	r->fast = r->value & HV_CALL_FAST;
	if (!root && !r->fast)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	c->reps = (u32)((r->value & HV_CALL_REP_COUNT_MASK) >> HV_CALL_REP_COUNT_SHIFT);
	c->done = (u32)((r->value & HV_CALL_REP_START_MASK) >> HV_CALL_REP_START_SHIFT);
	r->in = c->vp->gpr[RDX];
	r->out = c->vp->gpr[R8];
	r->in_size = r->info->in + c->reps * r->info->in_rep;
	r->out_size = r->info->out + c->reps * r->info->out_rep;
	return check_lists(r);
}

/* ---- Whom a call is about ---------------------------------------------------------------------------- */

u32 call_take(struct call *c, u64 id, u32 flags)
{
	struct partition *p = partition_get(id == HV_PARTITION_ID_SELF ? c->caller->id : id);

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (partition_is_root(p) && !(flags & CALL_ANY))
		return HV_STATUS_ACCESS_DENIED;
	c->partition = p;
	c->locked = flags & (CALL_LOCKED | CALL_SPACE);
	if (c->locked)
		lock(&p->lock);
	if (flags & CALL_SPACE && !partition_has_space(p))
		return HV_STATUS_INVALID_PARTITION_STATE;
	return HV_STATUS_SUCCESS;
}

u32 call_take_vp(struct call *c, u32 index)
{
	struct vp *vp = index < HV_MAX_VPS ? c->partition->page->vps[index] : NULL;

	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	if (__atomic_exchange_n(&vp->busy, 1, __ATOMIC_ACQUIRE)) /* it runs, or another caller has it */
		return HV_STATUS_INVALID_VP_STATE;
	c->target = vp;
	unlock(&c->partition->lock);
	c->locked = false;
	return HV_STATUS_SUCCESS;
}

static u32 take(struct call *c, u32 flags)
{
	const struct hv_input_delete_vp *in = c->in; /* what such inputs begin with */
	u32 status = call_take(c, in->partition_id, flags);

	return !status && flags & CALL_VP ? call_take_vp(c, in->vp_index) : status;
}

static void drop(struct call *c)
{
	if (c->target)
		__atomic_store_n(&c->target->busy, 0, __ATOMIC_RELEASE);
	if (c->locked)
		unlock(&c->partition->lock);
	partition_put(c->partition);
}

/* ---- One call ---------------------------------------------------------------------------------------- */

static u32 run(struct call *c, struct request *r)
{
	struct cpu *cpu = this_cpu();
	u32 status = check_call(c, r);

	if (status)
		return status;
	c->in = cpu->page_in;
	c->out = cpu->page_out;
	status = copy_in(c, r, cpu->page_in);
	if (status)
		return status;
	if (r->out_size) { /* before the call acts: an output that cannot be written refuses it */
		if (!frame_pin(r->out >> PAGE_SHIFT))
			return HV_STATUS_INVALID_PARAMETER;
		memset(c->out, 0, r->out_size);
	}
	if (r->info->flags & CALL_TAKE)
		status = take(c, r->info->flags);
	if (!status)
		status = r->info->handler(c);
	if (c->partition)
		drop(c);
	if (r->out_size)
		copy_out(c, r, status);
	return status;
}

/* The result, or for a call that goes on: RIP stays and RCX remembers how far it got. */
static void finish(struct call *c, struct request *r, u32 status, u8 length)
{
	struct vp *vp = c->vp;

	if (status == CALL_CONTINUE) {
		vp->gpr[RCX] = (r->value & ~HV_CALL_REP_START_MASK) | (u64)c->done << HV_CALL_REP_START_SHIFT;
		return;
	}
	if (HV_DEBUG && status)
		log_debug("partition %lu: call 0x%x answers 0x%x after %u", c->caller->id,
			  (u32)(r->value & 0xffff), status, c->done);
	vp->gpr[RAX] = status | (u64)c->done << HV_RESULT_REPS_SHIFT;
	vp_skip(vp, length);
}

void hypercall(struct vp *vp, u8 length)
{
	struct request r; /* its rest, and the call's: check_call(), run() */
	struct call c;

	c.caller = vp->partition;
	c.vp = vp;
	c.done = 0;
	c.partition = NULL;
	c.target = NULL;
	c.locked = false;
	if (!vendor->kernel_code64(vp)) /* from 64-bit code at CPL 0 only */
		return vp_fault(vp, EXC_UD);
	r.value = vp->gpr[RCX];
	r.info = lookup((u16)r.value);
	finish(&c, &r, r.info ? run(&c, &r) : HV_STATUS_INVALID_HYPERCALL_CODE, length);
}
