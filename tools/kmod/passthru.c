// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * passthru.c: ROOT_HVCALL, a hypercall on the caller's own partition. Only calls whose input begins with
 * the partition id are allowed, and the id is always ours; every other check is the hypervisor's.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

/* The allowed calls with the sizes that their inputs must have: a short one would let the hypervisor read
 * what another call left on the page. */
static const struct passthru {
	u16 code;
	bool rep;
	u16 in_head;
	u16 in_element;
	u16 out_element; /* of a simple call: its whole output */
} passthrus[] = {
	{HVCALL_GET_PARTITION_PROPERTY, false, sizeof(struct hv_input_get_partition_property), 0, 8},
	{HVCALL_SET_PARTITION_PROPERTY, false, sizeof(struct hv_input_set_partition_property), 0, 0},
	{HVCALL_INSTALL_INTERCEPT, false, sizeof(struct hv_input_install_intercept), 0, 0},
	{HVCALL_GET_VP_REGISTERS, true, sizeof(struct hv_input_get_vp_registers), 4, 16},
	{HVCALL_SET_VP_REGISTERS, true, sizeof(struct hv_input_set_vp_registers), 32, 0},
	{HVCALL_ASSERT_VIRTUAL_INTERRUPT, false, sizeof(struct hv_input_assert_virtual_interrupt), 0, 0},
	{HVCALL_GET_GPA_PAGES_ACCESS_STATES, true, sizeof(struct hv_input_get_gpa_pages_access_state), 0, 1},
};

static bool fits(const struct passthru *p, const struct mshv_root_hvcall *args)
{
	u32 elements = p->rep ? args->reps : 1;

	return p->rep == !!args->reps && args->in_sz >= p->in_head + p->in_element * args->reps &&
	       args->out_sz >= p->out_element * elements;
}

/* What may have made a VP runnable wakes its thread; a needless wake costs one dispatch. */
static void kick_after(struct mshv_partition *pt, u16 code, const void *in)
{
	const struct hv_input_assert_virtual_interrupt *interrupt = in;
	const struct hv_input_set_vp_registers *registers = in;

	switch (code) {
	case HVCALL_SET_PARTITION_PROPERTY:
		mshv_kick_all(pt);
		break;
	case HVCALL_SET_VP_REGISTERS:
		mshv_kick_index(pt, registers->vp_index);
		break;
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
		mshv_kick_index(pt, min_t(u64, interrupt->dest_addr, HV_MAX_VPS));
		break;
	}
}

static bool args_are_valid(const struct mshv_root_hvcall *args)
{
	unsigned int i;

	if (args->status || !args->in_ptr || memchr_inv(args->rsvd, 0, sizeof(args->rsvd)))
		return false;
	if (args->in_sz > PAGE_SIZE || args->out_sz > PAGE_SIZE || !args->out_ptr != !args->out_sz)
		return false;
	for (i = 0; i < ARRAY_SIZE(passthrus); i++)
		if (args->code == passthrus[i].code)
			return fits(&passthrus[i], args);
	return false;
}

static u64 call(struct mshv_partition *pt, const struct mshv_root_hvcall *args, void *in, void *out, int *err)
{
	u16 done = 0;
	u64 result;

	for (;;) {
		result = mshv_hvcall_rep(args->code, args->reps, done, in, args->in_sz, out, args->out_sz);
		*err = mshv_status_to_errno(hv_status(result));
		if (hv_status(result) != HV_STATUS_INSUFFICIENT_MEMORY || fatal_signal_pending(current))
			return result;
		done = args->reps ? hv_reps_done(result) : 0;
		*err = mshv_deposit(pt, 1);
		if (*err)
			return result;
	}
}

long mshv_root_hvcall(struct mshv_partition *pt, struct mshv_root_hvcall __user *uarg)
{
	struct mshv_root_hvcall args;
	u64 result;
	void *in, *out;
	int ret = -EFAULT;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if (!args_are_valid(&args))
		return -EINVAL;
	in = kzalloc(args.in_sz + args.out_sz, GFP_KERNEL_ACCOUNT);
	if (!in)
		return -ENOMEM;
	out = in + args.in_sz;
	if (copy_from_user(in, u64_to_user_ptr(args.in_ptr), args.in_sz))
		goto free;
	*(u64 *)in = pt->id;
	result = call(pt, &args, in, out, &ret);
	kick_after(pt, args.code, in);

	args.status = hv_status(result);
	args.reps = args.reps ? hv_reps_done(result) : 0;
	if (copy_to_user(uarg, &args, sizeof(args)) ||
	    copy_to_user(u64_to_user_ptr(args.out_ptr), out, args.out_sz))
		ret = -EFAULT;
free:
	kfree(in);
	return ret;
}
