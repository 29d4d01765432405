/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls: one table says for every code its name, shape, privilege and handler; the dispatcher does
 * all checks that follow from the table, in the order of the TLFS, and moves input and output.
 */
#pragma once

#include <abi/hypercall.h>
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
	/* Whom it is about, by CALL_TAKE and further flags; dropped again by the dispatcher. */
	struct partition *partition;
	struct vp *target;
	bool locked; /* the partition's lock is held */
};

/* HV_STATUS_*, or CALL_CONTINUE from a rep call that wants to give interrupts a chance. */
#define CALL_CONTINUE 0x10000u
typedef u32 call_fn(struct call *c);

/* Elements of a rep call between two chances for interrupts. */
#define CALL_SLICE 64

enum {
	CALL_REP = 1,
	CALL_FAST = 2,
	CALL_CHILD = 4,	  /* a child may make it, as a fast one */
	CALL_TAKE = 8,	  /* the input begins with the id of a partition, which is kept meanwhile: */
	CALL_LOCKED = 16, /* with its lock held */
	CALL_ANY = 32,	  /* it may be the root */
	CALL_SPACE = 64,  /* between Initialize and Finalize only */
	CALL_VP = 128,	  /* and the index of its VP follows, which is acquired */
};

struct call_info {
	u16 code;
	u8 flags;
	u16 in;	    /* bytes, fixed part */
	u16 in_rep; /* bytes per element */
	u16 out;
	u16 out_rep;
	u16 max_reps;
	call_fn *handler;
};

/* hypercall_value.c: the input value against the table entry; HV_STATUS_*. Pure. */
u32 hypercall_check_value(const struct call_info *info, u64 value);

/* Once, before the first call. */
void hypercall_init(void);
/* VMMCALL or VMCALL. */
void hypercall(struct vp *vp, u8 length);

extern const struct call_info hypercall_table[];
extern const u32 hypercall_table_size;

/* HV_STATUS_*: keeps that partition (SELF is the caller) for the call, as the flags say. */
u32 call_take(struct call *c, u64 id, u32 flags);
/* One of its VPs. */
u32 call_take_vp(struct call *c, u32 index);
call_fn hc_initialize_partition, hc_finalize_partition, hc_delete_partition; /* partition.c */
call_fn hc_create_partition, hc_get_partition_property, hc_set_partition_property,
	hc_install_intercept;						      /* hc_partition.c */
call_fn hc_deposit_memory, hc_withdraw_memory;				      /* hc_memory.c */
call_fn hc_map_gpa_pages, hc_unmap_gpa_pages, hc_get_gpa_pages_access_states; /* hc_gpa.c */
call_fn hc_create_vp, hc_delete_vp, hc_get_vp_registers, hc_set_vp_registers, hc_assert_virtual_interrupt,
	hc_dispatch_vp, hc_map_vp_state_page, hc_unmap_vp_state_page; /* hc_vp.c */
call_fn hc_notify_long_spin_wait, hc_signal_event, hc_read_log, hc_get_stats,
	hc_get_memory_ledger; /* hc_system.c */
