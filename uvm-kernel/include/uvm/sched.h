/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: one run queue per VP, round robin, no tick while a VP has a single runnable task. Sleeping
 * goes through wait.h; few others call schedule themselves.
 */
#pragma once

#include <uvm/types.h>

struct task;

void schedule(void);		       /* give up the CPU; returns when chosen again */
void sched_wake(struct task *t);       /* make it runnable; harmless when it is */
void sched_start(struct task *t);      /* first time */
void sched_resched(void);	       /* from the way back to user mode: the slice is over */
__noreturn void sched_idle(void);      /* a VP's own loop */
void sched_poke(const struct task *t); /* it runs on another VP: make it pass through the kernel */
void sched_yield(void);
/* In loops over what user mode chose the length of: others get the lock, the VP's interrupts and their turn.
 * May sleep. */
void sched_point(void);
void sched_continue(struct task *t);  /* after a stop */
void sched_finish_switch(void);	      /* first thing on a new task's stack */
void sched_save_user(struct task *t); /* the current task's FPU and FS/GS bases into its struct */
void sched_save_bases(struct task *t);
void sched_load_bases(const struct task *t);
u32 sched_policy_of_child(const struct task *parent); /* sys/sched.c */
u64 sched_load(int which);			      /* 1, 5, 15 minutes, 16.16 fixed point as in sysinfo */
