/* SPDX-License-Identifier: MIT */
/*
 * Kernel timers: a list sorted by deadline. Few are pending at any time, and most are set near its end.
 */
#include <uvm/kernel.h>

static struct list timers = LIST_INIT(timers);

void timer_init(struct timer *t, void (*func)(struct timer *t))
{
	list_init(&t->link);
	t->func = func;
	t->deadline = 0;
}

bool timer_active(const struct timer *t)
{
	return !list_empty(&t->link);
}

void timer_set(struct timer *t, u64 deadline)
{
	struct list *after;

	list_del(&t->link);
	after = timers.prev;
	while (after != &timers && list_entry(after, struct timer, link)->deadline > deadline)
		after = after->prev;
	t->deadline = deadline;
	list_add(&t->link, after);
	if (timers.next == &t->link)
		timer_hw_arm(deadline);
}

void timer_cancel(struct timer *t)
{
	list_del(&t->link);
}

u64 timers_run(u64 now)
{
	while (!list_empty(&timers)) {
		struct timer *t = list_first(&timers, struct timer, link);

		if (t->deadline > now)
			return t->deadline;
		list_del(&t->link);
		t->func(t);
	}
	return NO_DEADLINE;
}

u64 timespec_to_ns(const struct timespec *ts)
{
	if ((u64)ts->tv_sec >= NO_DEADLINE / NSEC_PER_SEC - 1)
		return NO_DEADLINE - 1;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}

u64 time_deadline(u64 relative_ns)
{
	u64 now = time_monotonic();

	return relative_ns >= NO_DEADLINE - 1 - now ? NO_DEADLINE - 1 : now + relative_ns;
}

u64 time_left(u64 deadline)
{
	u64 now = time_monotonic();

	return deadline > now ? deadline - now : 0;
}

int timespec_from_user(u64 addr, u64 *ns)
{
	struct timespec ts;

	if (copy_from_user(&ts, (void *)addr, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*ns = timespec_to_ns(&ts);
	return 0;
}
