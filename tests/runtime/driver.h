/* SPDX-License-Identifier: MIT */
/*
 * driver.h: what a program needs that drives one of the worker's servers in the guest's place: the guest's
 * memory, the rings' guest side, and TAP.
 */
#ifndef TESTS_RUNTIME_DRIVER_H
#define TESTS_RUNTIME_DRIVER_H

#include <abi/boot_block.h>
#include <stdio.h>

#include "queue.h"

static struct memory memory;
static union {
	struct boot_block block;
	u8 room[0x10000];
} boot;
static int tests, failures;

static inline void check(int good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	failures += !good;
}

static inline void is(long expected, long actual, const char *name)
{
	if (expected != actual)
		printf("# expected %ld, got %ld\n", expected, actual);
	check(expected == actual, name);
}

static inline void ring_put(const struct boot_queue *r, u16 index, u64 addr, u32 len, u16 flags, u16 next)
{
	struct vring_desc *d = memory_at(&memory, r->desc_gpa, 0);

	d[index] = (struct vring_desc){addr, len, flags, next};
}

static inline void ring_offer(const struct boot_queue *r, u16 head)
{
	struct vring_avail *a = memory_at(&memory, r->avail_gpa, 0);

	a->ring[a->idx % r->size] = head;
	a->idx++;
}

#endif
