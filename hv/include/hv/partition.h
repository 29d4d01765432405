/* SPDX-License-Identifier: MIT */
/*
 * Partitions: id, life cycle, memory pool, address space, VPs. The root is number 1 and never ends;
 * children live in a table of the reservation, and everything else of theirs in deposited pages.
 *
 * Marks: [l] the partition's lock; [a] atomic; [c] constant while the id is valid.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/lock.h>
#include <hv/pool.h>
#include <hv/slat.h>
#include <stdbool.h>

struct vp;

enum partition_state {
	PARTITION_CREATED,     /* only early properties and memory */
	PARTITION_INITIALIZED, /* VPs and GPA maps */
	PARTITION_ACTIVE,      /* a VP has run */
	PARTITION_FINALIZED,   /* only memory comes back */
	PARTITION_UNUSED,      /* a free entry of the table */
};

/* One page of the pool, from Initialize on. */
struct partition_page {
	struct vp *vps[HV_MAX_VPS];
};
_Static_assert(sizeof(struct partition_page) <= 4096, "one page");

struct partition {
	u64 id;	   /* [c] never used again */
	u32 owner; /* [c] the frames' name for it: entry of the table */
	u32 state; /* [l] enum partition_state */
	u32 users; /* [a] processors that work on it now */
	struct spinlock lock;
	struct pool pool;	     /* [l] */
	struct slat slat;	     /* [l] */
	struct partition_page *page; /* [l] NULL before Initialize */
	u64 privileges;		     /* [c] HV_PRIV_*, for whom it interests */
	u64 created_tsc;	     /* [c] */
	u64 pages_mapped;	     /* [l] */
	u32 msr_action;		     /* [l] HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION */
	u32 msr_intercepts;	     /* [l] access mask: unknown MSRs go to the VMM */
	u32 cpuid_intercept;	     /* [l] CPUID goes to the VMM */
	u32 exceptions;		     /* [l] vectors that go to the VMM */
	u32 suspended;		     /* [a] HV_PROPERTY_SUSPEND */
	u64 teardown;		     /* [l] GPA up to which Finalize has unmapped */
	u32 vp_count;		     /* [l] */
	u64 exits[HV_EXIT_KINDS];    /* [l] of deleted VPs */
	u64 dispatches;		     /* [l] */
};

extern struct partition root_partition;

/* The root, and room for that many children. False: the reservation is too small. */
bool partition_init(u32 max_partitions);
u32 partition_children(void);
/* A child or the root by id, kept from deletion until put. NULL: no such partition. */
struct partition *partition_get(u64 id);
void partition_put(struct partition *p);
/* A new child in state CREATED, or NULL: the table is full. */
struct partition *partition_create(void);
/* Legal transitions only; asserted. */
void partition_set_state(struct partition *p, enum partition_state state);

/* 100 ns units since the partition was created; and the TSC at a time of that clock. */
u64 partition_reference_time(const struct partition *p);
u64 partition_tsc_at(const struct partition *p, u64 reference_time);
/* Hz of the TSC, 0 until the root says it. */
extern u64 tsc_frequency;

/* Between Initialize and Finalize: VPs and memory can come and go. */
static inline bool partition_has_space(const struct partition *p)
{
	return (p->state == PARTITION_INITIALIZED || p->state == PARTITION_ACTIVE) && !p->teardown;
}

static inline bool partition_is_root(const struct partition *p)
{
	return p->id == HV_PARTITION_ID_ROOT;
}
