/* SPDX-License-Identifier: MIT */
/*
 * radix.h: a map from 64-bit index to pointer, for dense indices that start near zero: 64-way tree that grows
 * with the largest index.
 */
#pragma once

#include <uvm/types.h>

#define RADIX_BITS 6
#define RADIX_SLOTS (1u << RADIX_BITS)

struct radix_node {
	u32 used;
	u32 shift; /* index >> shift selects the slot */
	void *slots[RADIX_SLOTS];
};

void *radix_get(struct radix_node *root, u64 index);
int radix_set(struct radix_node **root, u64 index, void *value); /* 0 or -ENOMEM; nothing may be there */
void *radix_remove(struct radix_node **root, u64 index);
/* The first present index >= *index (updated), or NULL. */
void *radix_next(struct radix_node *root, u64 *index);
