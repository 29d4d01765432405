/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls: one table says for every code its name, shape, privilege and handler; the dispatcher does
 * all checks that follow from the table, in the order of the TLFS, and moves input and output.
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <abi/hypercall.h>
#include <hv/phys.h>
#include <stdbool.h>

struct vp;
struct partition;

/* A call in progress. */
struct call {
	struct partition *caller;
	struct vp *vp;
	const void *in; /* the input, copied: the fixed part, then the list */
	void *out;	/* zeroed; copied to the caller when it succeeds, lists by completed elements */
	u32 reps;	/* elements asked for */
	u32 done;	/* elements finished, counted from element 0 */
};

/* HV_STATUS_*, or CALL_CONTINUE from a rep call that wants to give interrupts a chance. */
#define CALL_CONTINUE 0x10000u
typedef u32 call_fn(struct call *c);

/* Elements of a rep call between two chances for interrupts. */
#define CALL_SLICE 64

enum { CALL_REP = 1, CALL_FAST = 2, CALL_CHILD = 4 };

struct call_info {
	u16 code;
	u8 flags;
	u16 in;	     /* bytes, fixed part */
	u16 in_rep;  /* bytes per element */
	u16 out;
	u16 out_rep;
	u16 max_reps;
	u64 privilege; /* HV_PRIV_*, 0 = none */
	call_fn *handler;
	const char *name;
};

/* hypercall_value.c: the input value against the table entry; HV_STATUS_*. Pure. */
u32 hypercall_check_value(const struct call_info *info, u64 value);

/* VMMCALL or VMCALL of the root. */
void hypercall_root(struct vp *vp, u8 length);
/* The same of a child. False: its input or output page is not there; *fault says which. */
bool hypercall_child(struct vp *vp, u8 length, gpa_t *fault, bool *write);

extern const struct call_info hypercall_table[];
extern const u32 hypercall_table_size;

call_fn hc_notify_long_spin_wait, hc_get_partition_id, hc_read_log, hc_get_stats, hc_get_ledger, hc_disable;

#endif
