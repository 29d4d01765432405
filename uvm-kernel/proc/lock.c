/* SPDX-License-Identifier: MIT */
/*
 * The kernel lock. Whoever comes first has it: in the order of asking, all would wait while the root runs
 * somebody else in the place of the VP whose turn it is, for a whole slice of its scheduler.
 *
 * Nobody starves for that: a VP that has been waiting longer than most calls take is hungry, and says so.
 * Those who come then let it go first, so it has the lock after the holder and others that are hungry. They
 * do not wait for ever, as the root may have stopped it meanwhile: then they are hungry themselves.
 */
#include <uvm/kernel.h>

#define PATIENCE 64 /* spins: 1 to 3 us */

static u32 held, hungry;

static void wait_a_little(u32 *spins)
{
	cpu_flush_pending(); /* the holder may be waiting for just that */
	spin_wait(spins);
	if (*spins >= PATIENCE)
		__atomic_store_n(&hungry, 1, __ATOMIC_RELAXED);
}

void kernel_lock(void)
{
	u32 spins = 0;

	while (unlikely(READ_ONCE(hungry)) && spins < PATIENCE)
		wait_a_little(&spins);
	while (unlikely(__atomic_exchange_n(&held, 1, __ATOMIC_ACQUIRE)))
		do
			wait_a_little(&spins);
		while (READ_ONCE(held));
	if (unlikely(spins >= PATIENCE))
		__atomic_store_n(&hungry, 0, __ATOMIC_RELAXED);
}

void kernel_unlock(void)
{
	__atomic_store_n(&held, 0, __ATOMIC_RELEASE);
}
