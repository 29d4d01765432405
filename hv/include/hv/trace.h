/* SPDX-License-Identifier: MIT */
/* The last exits of a processor, kept for panic. Pure bookkeeping: a few stores per exit. */
#ifndef HV_TRACE_H
#define HV_TRACE_H

#include <abi/types.h>

#define TRACE_ENTRIES 32

struct trace_entry {
	u32 code; /* the vendor's exit code */
	u16 partition;
	u16 vp;
	u64 rip;
	u64 info;
};

struct trace {
	u64 count;
	struct trace_entry entries[TRACE_ENTRIES];
};

static inline void trace_exit(struct trace *t, u32 partition, u32 vp, u32 code, u64 rip, u64 info)
{
	t->entries[t->count++ % TRACE_ENTRIES] =
		(struct trace_entry){code, (u16)partition, (u16)vp, rip, info};
}

#endif
