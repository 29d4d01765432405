/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks: in a region of their own with unmapped pages below each, so that an overflow faults.
 */
#pragma once

#include <uvm/types.h>

#define KSTACK_SIZE 16384UL

void kstack_init(void);
u64 kstack_alloc(void); /* lowest address, or 0 */
void kstack_free(u64 stack);
bool kstack_contains(u64 addr);
u64 kstack_gpa(u64 addr);
