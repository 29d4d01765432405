/* SPDX-License-Identifier: MIT */
/*
 * The few hypercalls a child may make.
 */
#pragma once

#include <uvm/types.h>

/* Another VP holds what this one spins for. */
void hypercall_long_spin(u32 spins);
