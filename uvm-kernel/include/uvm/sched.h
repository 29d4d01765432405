/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: one run queue per VP, round robin, no tick while a VP has a single runnable task. Sleeping goes
 * through wait.h; few others call schedule themselves.
 */
#ifndef UVM_SCHED_H
#define UVM_SCHED_H

#include <uvm/types.h>

struct task;

void sched_init(void);
void schedule(void);		   /* give up the CPU; returns when chosen again */
void sched_wake(struct task *t);   /* make it runnable; harmless when it is */
void sched_start(struct task *t);  /* first time */
void sched_resched(void);	   /* from the way back to user mode: the slice is over */
__noreturn void sched_idle(void);  /* a VP's own loop */
void sched_yield(void);
u64 sched_load(int which); /* 1, 5, 15 minutes, 16.16 fixed point as in sysinfo */

#endif
