/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: one process pays.
 */
#pragma once

#include <uvm/types.h>

/* Kills the process that uses most and lets it die. True: memory may be there now, try again. False: the
 * current task is the one that dies, its access must fail. May sleep. */
bool oom_kill(void);
