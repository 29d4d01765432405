/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: code that reads clocks in user mode, and the page that it reads them from, the same for all
 * processes.
 */
#pragma once

#include <uvm/types.h>

/* [vvar]. ns since a base = (TSC - tsc_base) * mult >> 32. The sequence is odd while the rest changes. */
struct vdso_data {
	u32 sequence;
	u32 reserved;
	u64 tsc_base;
	u64 mult;
	u64 monotonic; /* ns at tsc_base */
	u64 realtime;
};

#define SELECTOR_VP 0x53 /* a segment whose limit is the VP's index, for getcpu */

struct mm;

/* Maps both pages into a new address space: the address of the code's ELF header, or -errno. May sleep. */
long vdso_map(struct mm *mm);
/* The time has been set: brings the page up to date. */
void vdso_update(void);
/* hv/clock.c: what the page says. */
void clock_describe(struct vdso_data *d);
