/* SPDX-License-Identifier: MIT */
/*
 * Partitions: id, life cycle, memory pool, address space, VPs. The root is number 1 and never ends;
 * children live in a table of the reservation, and everything else of theirs in deposited pages.
 *
 * Marks: [l] the partition's lock; [a] atomic; [c] constant while the id is valid.
 */
#ifndef HV_PARTITION_H
#define HV_PARTITION_H

#include <abi/hypercall.h>
#include <hv/lock.h>
#include <hv/pool.h>
#include <hv/slat.h>
#include <stdbool.h>

struct vp;

#define PARTITION_CONNECTIONS 32

enum partition_state {
	PARTITION_CREATED,     /* only early properties and memory */
	PARTITION_INITIALIZED, /* VPs and GPA maps */
	PARTITION_ACTIVE,      /* a VP has run */
	PARTITION_FINALIZED,   /* only memory comes back */
	PARTITION_UNUSED,      /* a free entry of the table */
};

/* A connection of a child to an event port of the root. */
struct connection {
	u32 id;
	u32 port_id;
	bool connected, port;
	struct hv_port_info info;
};

/* One page of the pool, from Initialize on. */
struct partition_page {
	struct vp *vps[HV_MAX_VPS];
	struct connection connections[PARTITION_CONNECTIONS];
};
_Static_assert(sizeof(struct partition_page) <= 4096, "one page");

struct partition {
	u64 id;		   /* [c] */
	u32 state;	   /* [l] enum partition_state */
	u32 users;	   /* [a] processors that work on it now */
	struct spinlock lock;
	struct pool pool;  /* [l] */
	struct slat slat;  /* [l] */
	struct partition_page *page; /* [l] NULL before Initialize */
	u64 privileges;	   /* [l] HV_PRIV_* */
	u64 created_tsc;   /* [c] */
	u64 pages_mapped;  /* [l] */
	u32 msr_action;	   /* [l] HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION */
	u32 suspended;	   /* [a] HV_PROPERTY_SUSPEND */
	u32 vp_count;	   /* [l] */
	u64 exits[HV_EXIT_KINDS]; /* [l] of deleted VPs */
	u64 dispatches;		  /* [l] */
};

extern struct partition root_partition;

/* The root, and room for that many children. False: the reservation is too small. */
bool partition_init(u32 max_partitions);
/* A child or the root by id, kept from deletion until put. NULL: no such partition. */
struct partition *partition_get(u64 id);
void partition_put(struct partition *p);

static inline bool partition_is_root(const struct partition *p)
{
	return p->id == HV_PARTITION_ID_ROOT;
}

#endif
