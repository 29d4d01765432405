/* SPDX-License-Identifier: MIT */
/* The last exits of a processor, kept for panic. Pure bookkeeping: a few stores per exit. */
#pragma once

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
