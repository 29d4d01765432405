/* SPDX-License-Identifier: MIT */
/*
 * Spin locks. hv runs with interrupts held back, so a lock is never taken twice by accident of an
 * interrupt; waiting for other processors while holding one is only done for things that a processor
 * finishes without locks (smp.h).
 *
 * Order, outermost first: partitions table, partition, vp, root tables, frame words (atomic), log.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

struct spinlock {
	u32 held;
};

static inline void lock(struct spinlock *l)
{
	while (__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE)) {
		while (__atomic_load_n(&l->held, __ATOMIC_RELAXED))
			__builtin_ia32_pause();
	}
}

static inline void unlock(struct spinlock *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}
