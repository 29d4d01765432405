/* SPDX-License-Identifier: MIT */
/*
 * Futexes, for those outside sys/futex.c that wake or clean up.
 */
#pragma once

#include <uvm/types.h>

struct task;

/* Wakes up to count waiters on a word of the current address space, shared or private. */
int futex_wake_user(u64 addr, int count);
/* The dying task's robust list: held locks are marked and a waiter is woken. Its memory is still there. */
void futex_exit_robust(struct task *t);
