/* SPDX-License-Identifier: MIT */
/* Interrupt requests and priorities of a child's VP (APM2 16.6.4). Pure. */
#include <hv/vapic.h>
#include <x86/defs.h>

void vapic_reset(struct vapic *a)
{
	*a = (struct vapic){.enabled = true, .spurious = 0xff};
}

bool vapic_request(struct vapic *a, u8 vector)
{
	u64 bit = 1ULL << vector % 64;

	return !(__atomic_fetch_or(&a->request[vector / 64], bit, __ATOMIC_SEQ_CST) & bit);
}

/* The highest set bit, or 0: vectors below 16 are never set. */
static u8 highest(const volatile u64 *bits)
{
	if (!(bits[0] | bits[1] | bits[2] | bits[3]))
		return 0;
	for (int i = 3; i >= 0; i--) {
		u64 word = __atomic_load_n(&bits[i], __ATOMIC_SEQ_CST);

		if (word)
			return (u8)(64 * i + 63 - __builtin_clzll(word));
	}
	return 0;
}

u8 vapic_deliverable(const struct vapic *a)
{
	u8 vector = highest(a->request), serving, threshold;

	if (!vector) /* nearly always */
		return 0;
	serving = highest(a->in_service);
	threshold = a->tpr > serving ? a->tpr : serving;
	return a->enabled && vector >> 4 > threshold >> 4 ? vector : 0;
}

void vapic_accept(struct vapic *a, u8 vector)
{
	__atomic_fetch_and(&a->request[vector / 64], ~(1ULL << vector % 64), __ATOMIC_SEQ_CST);
	a->in_service[vector / 64] |= 1ULL << vector % 64;
}

void vapic_end(struct vapic *a)
{
	u8 vector = highest(a->in_service);

	if (vector)
		a->in_service[vector / 64] &= ~(1ULL << vector % 64);
}

bool vapic_set_cr8(struct vapic *a, u64 value)
{
	if (value > 15)
		return false;
	a->tpr = (u8)(value << 4);
	return true;
}

bool icr_targets(u32 command, u32 destination, u32 id, bool self)
{
	switch (command >> ICR_SHORTHAND_SHIFT & 3) {
	case 1:
		return self;
	case 2:
		return true;
	case 3:
		return !self;
	default:
		if (destination == ICR_BROADCAST || !(command & ICR_LOGICAL))
			return destination == ICR_BROADCAST || destination == id;
		return destination >> 16 == id >> 4 && destination & 1u << (id & 15);
	}
}
