/* SPDX-License-Identifier: MIT */
/*
 * Clocks and kernel timers, in nanoseconds. The clock is the TSC scaled; the only timer interrupt is
 * one-shot, armed for the earliest deadline that matters.
 */
#ifndef UVM_TIME_H
#define UVM_TIME_H

#include <uvm/list.h>
#include <uvm/types.h>

#define NSEC_PER_SEC 1000000000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_USEC 1000UL

/* As user mode sees them. */
struct timespec {
	s64 tv_sec;
	s64 tv_nsec;
};
struct timeval {
	s64 tv_sec;
	s64 tv_usec;
};

u64 time_monotonic(void); /* CLOCK_MONOTONIC and CLOCK_BOOTTIME */
u64 time_realtime(void);  /* CLOCK_REALTIME */

static inline struct timespec ns_to_timespec(u64 ns)
{
	return (struct timespec){(s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC)};
}
/* Valid values only (see timespec_valid); saturates. */
u64 timespec_to_ns(const struct timespec *ts);
static inline bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}
/* Now (CLOCK_MONOTONIC) + a relative time, saturating below NO_DEADLINE. */
u64 time_deadline(u64 relative_ns);

/* func runs under the kernel lock, may re-arm the timer, must not sleep. */
struct timer {
	struct list link;
	u64 deadline;
	void (*func)(struct timer *t);
};
void timer_init(struct timer *t, void (*func)(struct timer *t));
void timer_set(struct timer *t, u64 deadline); /* CLOCK_MONOTONIC ns; moves it when already set */
void timer_cancel(struct timer *t);
bool timer_active(const struct timer *t);

#endif
