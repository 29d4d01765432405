/* SPDX-License-Identifier: MIT */
/*
 * Processors talking to each other: flags in cpu->kicks and, when the target runs a guest, an NMI.
 * Waiting is only ever for "has left its guest", which a processor does without any lock.
 */
#pragma once

#include <hv/cpu.h>

/* Leaves the flags for that processor and gets it out of its guest; does not wait. */
void smp_kick(struct cpu *cpu, u32 kicks);
/* Every processor drops its translations of the root's memory before it runs a guest again. */
void smp_flush_root(void);
/* The same for the VPs of one child. Its lock is held. */
struct partition;
void smp_flush_partition(struct partition *p);
/* For panic: no locks, no waiting. */
void smp_stop_others(void);

/* Marks this processor as running a guest; the flags that must be looked at first, or 0: go. The full
 * barrier pairs with the one in smp.c's signal(). */
static inline u32 smp_enter(struct cpu *cpu)
{
	__atomic_fetch_add(&cpu->entries, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&cpu->kicks, __ATOMIC_SEQ_CST);
}

static inline void smp_exit(struct cpu *cpu)
{
	__atomic_store_n(&cpu->entries, cpu->entries + 1, __ATOMIC_RELEASE);
}
