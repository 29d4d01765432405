/* SPDX-License-Identifier: MIT */
/*
 * Between the kernel's timers and the hardware's.
 */
#pragma once

#include <uvm/types.h>

/* Runs what is due; returns the next deadline or NO_DEADLINE. */
u64 timers_run(u64 now);
u64 time_ticks_to_ns(u64 ticks);
void time_set_realtime(u64 ns);
