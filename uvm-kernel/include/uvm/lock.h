/* SPDX-License-Identifier: MIT */
/*
 * The one kernel lock. Rule: all kernel code runs with interrupts off and holds the lock; entry from user
 * mode (system call, fault, interrupt) takes it, return to user mode and idle release it. So kernel data
 * needs no further lock, interrupt handlers never interrupt kernel code, and state changes hands only where a
 * task sleeps: wait_*(), schedule(), and everything that may call them. Functions that may sleep say so;
 * copying from or to user memory may sleep (a file page can be read in), and so may any FUSE request.
 */
#pragma once

#include <uvm/wait.h>

void kernel_lock(void);
void kernel_unlock(void);

/* A sleeping lock for what must stay consistent across sleeps. Not recursive. */
struct mutex {
	struct task *owner;
	struct waitq queue;
};

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m); /* sleeps; not interruptible */
void mutex_unlock(struct mutex *m);

/* Between two looks at what another VP holds: from time to time the root lets that one run. */
void spin_wait(u32 *spins);
