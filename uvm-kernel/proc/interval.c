/* SPDX-License-Identifier: MIT */
/*
 * Interval timers: what alarm, setitimer, POSIX timers and timerfds have in common. What happens when one is
 * due is their owners' business.
 */
#include <uvm/kernel.h>

#define GAP_MAX_NS NSEC_PER_MSEC

static struct list on_wall = LIST_INIT(on_wall);

static void expire(struct timer *timer)
{
	struct interval_timer *t = container_of(timer, struct interval_timer, timer);
	u64 late = time_monotonic() - timer->deadline;

	/* However short an interval is, the machine does something else between two interrupts. */
	t->gap = MIN(4 * late, GAP_MAX_NS);
	t->expired(t);
}

u64 interval_timer_forward(struct interval_timer *t)
{
	u64 now = time_monotonic(), times = 1;

	if (!t->interval)
		return times;
	times += now > t->due ? (now - t->due) / t->interval : 0;
	if (__builtin_add_overflow(t->due, times * t->interval, &t->due))
		t->due = NO_DEADLINE - 1;
	timer_set(&t->timer, MAX(t->due, now + t->gap));
	return times;
}

void interval_timer_init(struct interval_timer *t, int clock, void (*expired)(struct interval_timer *t))
{
	timer_init(&t->timer, expire);
	list_init(&t->wall);
	t->clock = clock;
	t->expired = expired;
}

void interval_timer_cancel(struct interval_timer *t)
{
	timer_cancel(&t->timer);
	list_del(&t->wall);
}

void interval_timer_set(struct interval_timer *t, u64 value, u64 interval, bool absolute)
{
	u64 ahead = time_realtime() - time_monotonic();

	interval_timer_cancel(t);
	t->interval = interval;
	t->due = absolute ? value : time_deadline(value);
	if (absolute && t->clock == CLOCK_REALTIME) {
		t->due = value > ahead ? value - ahead : 0;
		list_add(&t->wall, &on_wall);
	}
	if (value)
		timer_set(&t->timer, t->due);
}

u64 interval_timer_left(const struct interval_timer *t)
{
	u64 now = time_monotonic();

	if (!timer_active(&t->timer))
		return 0;
	return t->due > now ? t->due - now : 1;
}

struct itimerspec interval_timer_state(const struct interval_timer *t)
{
	return (struct itimerspec){ns_to_timespec(t->interval), ns_to_timespec(interval_timer_left(t))};
}

int itimerspec_from_user(struct itimerspec *spec, u64 addr)
{
	if (copy_from_user(spec, (void *)addr, sizeof(*spec)))
		return -EFAULT;
	return timespec_valid(&spec->interval) && timespec_valid(&spec->value) ? 0 : -EINVAL;
}

void interval_timers_clock_set(s64 delta)
{
	struct interval_timer *t;

	list_for_each(t, &on_wall, wall)
	{
		t->due = delta > 0 && t->due < (u64)delta ? 0 : t->due - (u64)delta;
		if (timer_active(&t->timer))
			timer_set(&t->timer, t->due);
		if (t->clock_set)
			t->clock_set(t);
	}
}
