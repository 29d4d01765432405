/* SPDX-License-Identifier: MIT */
/*
 * Sleeping and waking: wait queues.
 */
#include <uvm/kernel.h>

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

static bool wake_default(struct waiter *w)
{
	w->woken = true;
	sched_wake(w->task);
	return true;
}

void waiter_init(struct waiter *w)
{
	*w = (struct waiter){.func = wake_default, .task = current};
	list_init(&w->link);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	list_add_tail(&w->link, &q->waiters);
}

void waitq_del(struct waiter *w)
{
	list_del(&w->link);
}

static void wake(struct waitq *q, bool all)
{
	struct waiter *w, *n;

	list_for_each_safe(w, n, &q->waiters, link)
	{
		bool exclusive = w->exclusive;

		if (w->func(w) && exclusive && !all)
			break;
	}
}

void wake_up(struct waitq *q)
{
	wake(q, false);
}

void wake_all(struct waitq *q)
{
	wake(q, true);
}

struct sleeper {
	struct timer timer;
	struct task *task;
};

static void sleeper_expired(struct timer *t)
{
	sched_wake(container_of(t, struct sleeper, timer)->task);
}

int wait_step(int how, u64 deadline)
{
	struct task *t = current;
	struct sleeper s = {.task = t};

	if (how & WAIT_INTERRUPTIBLE ? signal_pending() : how & WAIT_KILLABLE && signal_pending_fatal())
		return -ERESTARTSYS;
	if (deadline != NO_DEADLINE) {
		if (time_monotonic() >= deadline)
			return -ETIMEDOUT;
		timer_init(&s.timer, sleeper_expired);
		timer_set(&s.timer, deadline);
	}
	t->interruptible = how & WAIT_INTERRUPTIBLE;
	t->killable = how & (WAIT_INTERRUPTIBLE | WAIT_KILLABLE);
	t->state = TASK_SLEEPING;
	t->voluntary++;
	schedule();
	if (deadline != NO_DEADLINE)
		timer_cancel(&s.timer);
	return 0;
}
