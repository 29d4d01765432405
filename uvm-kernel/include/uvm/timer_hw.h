/* SPDX-License-Identifier: MIT */
/*
 * The VP's synthetic timer, one-shot and in direct mode.
 */
#pragma once

#include <uvm/types.h>

void clock_init(void);		    /* VP 0, early */
void timer_hw_init(void);	    /* each VP */
void timer_hw_arm(u64 deadline_ns); /* an interrupt at or soon after; an earlier one that is armed stays */
