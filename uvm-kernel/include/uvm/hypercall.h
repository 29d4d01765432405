/* SPDX-License-Identifier: MIT */
/*
 * The few hypercalls a child may make.
 */
#ifndef UVM_HYPERCALL_H
#define UVM_HYPERCALL_H

#include <uvm/types.h>

/* Another VP holds what this one spins for. */
void hypercall_long_spin(u32 spins);

#endif
