/* SPDX-License-Identifier: MIT */
/*
 * Clocks and kernel timers, in nanoseconds. The clock is the TSC scaled; the only timer interrupt is
 * one-shot, armed for the earliest deadline that matters.
 */
#pragma once

#include <uvm/list.h>

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
static inline struct timeval ns_to_timeval(u64 ns)
{
	return (struct timeval){(s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC)};
}
/* Valid values only (see timespec_valid); saturates. */
u64 timespec_to_ns(const struct timespec *ts);
static inline bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}
/* A struct timespec of user mode: 0, -EFAULT or -EINVAL. */
int timespec_from_user(u64 addr, u64 *ns);
/* Now (CLOCK_MONOTONIC) + a relative time, saturating below NO_DEADLINE; and back, 0 when it has passed. */
u64 time_deadline(u64 relative_ns);
u64 time_left(u64 deadline);

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

enum { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
enum { CLOCK_MONOTONIC_RAW = 4, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME };
enum { CLOCK_REALTIME_ALARM = 8, CLOCK_BOOTTIME_ALARM, CLOCK_TAI = 11 };

struct itimerspec {
	struct timespec interval, value;
};

/*
 * A timer as user mode sets it (alarm, setitimer, timer_settime, timerfd_settime): once at a time of its
 * clock, then at intervals. One that waits for a time of CLOCK_REALTIME moves when that clock is set.
 */
struct interval_timer {
	struct timer timer;
	u64 due, interval; /* CLOCK_MONOTONIC ns */
	u64 gap;	   /* at least so much until the next interrupt */
	int clock;
	struct list wall;			     /* among those with a time of CLOCK_REALTIME */
	void (*expired)(struct interval_timer *t);   /* called like a timer's func */
	void (*clock_set)(struct interval_timer *t); /* NULL: does not care */
};
void interval_timer_init(struct interval_timer *t, int clock, void (*expired)(struct interval_timer *t));
/* value 0: only stops it. absolute: value is a time of the timer's clock. */
void interval_timer_set(struct interval_timer *t, u64 value, u64 interval, bool absolute);
void interval_timer_cancel(struct interval_timer *t);
/* After it expired: how often it was due until now. Sets it for the next time; without an interval: 1. */
u64 interval_timer_forward(struct interval_timer *t);
u64 interval_timer_left(const struct interval_timer *t);
struct itimerspec interval_timer_state(const struct interval_timer *t);
/* 0, -EFAULT or -EINVAL. */
int itimerspec_from_user(struct itimerspec *spec, u64 addr);
/* CLOCK_REALTIME was set forward by so much. */
void interval_timers_clock_set(s64 delta);

/* Between the kernel's timers and the hardware's. */
/* Runs what is due; returns the next deadline or NO_DEADLINE. */
u64 timers_run(u64 now);
u64 time_ticks_to_ns(u64 ticks);
void time_set_realtime(u64 ns);

/* The VP's synthetic timer, one-shot and in direct mode. */
void clock_init(void);		    /* VP 0, early */
void timer_hw_init(void);	    /* each VP */
void timer_hw_arm(u64 deadline_ns); /* an interrupt at or soon after; an earlier one that is armed stays */
