/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: tasks sleep on them until a condition holds, pollers hang callbacks on them. Under the kernel
 * lock a condition tested and a sleep begun without a sleep in between cannot miss a wake-up.
 */
#pragma once

#include <uvm/errno.h>
#include <uvm/list.h>

struct task;
struct waiter;

/* Called under the kernel lock by the waker; must not sleep. Returns true when it "took" the wake-up, which
 * counts towards wake_up's limit. It may remove its own waiter from the queue. */
typedef bool (*wake_fn)(struct waiter *w);

struct waiter {
	struct list link;
	wake_fn func;
	struct task *task; /* whom the default func wakes */
	u32 mask;	   /* free for the users: poll events, futex bits … */
	bool exclusive;
	bool woken;
};

struct waitq {
	struct list waiters;
};

#define WAITQ_INIT(name)                             \
	{                                            \
		.waiters = LIST_INIT((name).waiters) \
	}

void waitq_init(struct waitq *q);
void waiter_init(struct waiter *w); /* default func: wake the current task */
void waitq_add(struct waitq *q, struct waiter *w);
void waitq_del(struct waiter *w); /* harmless when it is on no queue */

/* Wakes all waiters, but at most one exclusive one. */
void wake_up(struct waitq *q);
void wake_all(struct waitq *q);
static inline bool waitq_active(const struct waitq *q)
{
	return !list_empty(&q->waiters);
}

#define NO_DEADLINE (~0ULL)

/*
 * wait_step: one sleep of the current task, which stands on some queues. Returns 0 after a wake-up (any; test
 * the condition again), -ERESTARTSYS when interruptible and a signal is pending, -ETIMEDOUT when the
 * deadline (CLOCK_MONOTONIC, ns) has passed. waiter->woken tells whether that queue woke it.
 */
enum { WAIT_KILLABLE = 1, WAIT_INTERRUPTIBLE = 2 };
int wait_step(int how, u64 deadline);

#define wait_event_how_(q, cond, how, deadline)                           \
	({                                                                \
		int wait_ret_ = 0;                                        \
		if (!(cond)) {                                            \
			struct waiter wait_w_;                            \
			waiter_init(&wait_w_);                            \
			waitq_add((q), &wait_w_);                         \
			while (!(cond)) {                                 \
				wait_ret_ = wait_step((how), (deadline)); \
				if (wait_ret_)                            \
					break;                            \
			}                                                 \
			if (wait_ret_ == -ETIMEDOUT && (cond))            \
				wait_ret_ = 0;                            \
			waitq_del(&wait_w_);                              \
		}                                                         \
		wait_ret_;                                                \
	})

/* Sleeps till cond; signals do not end it. */
#define wait_event(q, cond) ((void)wait_event_how_(q, cond, 0, NO_DEADLINE))
/* 0 or -ERESTARTSYS. */
#define wait_event_interruptible(q, cond) wait_event_how_(q, cond, WAIT_INTERRUPTIBLE, NO_DEADLINE)
/* 0 or -ERESTARTSYS, the latter only for a fatal signal. */
#define wait_event_killable(q, cond) wait_event_how_(q, cond, WAIT_KILLABLE, NO_DEADLINE)
/* 0, -ERESTARTSYS or -ETIMEDOUT; deadline in CLOCK_MONOTONIC ns. */
#define wait_event_interruptible_until(q, cond, deadline) \
	wait_event_how_(q, cond, WAIT_INTERRUPTIBLE, deadline)
