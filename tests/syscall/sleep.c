/* SPDX-License-Identifier: MIT */
/* nanosleep(2), clock_nanosleep: never too short. Nothing is said about how long. */
#include "check.h"

#include <time.h>

TEST(relative)
{
	struct timespec ts = {0, 30000000};
	long start = now_ns();

	IS(sys(SYS_nanosleep, &ts, NULL), 0);
	TRUE(now_ns() - start >= 30000000);
	start = now_ns();
	IS(sys(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &ts, NULL), 0);
	TRUE(now_ns() - start >= 29000000); /* another clock measures: a little slack */
	ts.tv_nsec = 0;
	IS(sys(SYS_nanosleep, &ts, NULL), 0);
}

TEST(absolute)
{
	struct timespec ts;
	long target = now_ns() + 25000000;

	ts.tv_sec = target / 1000000000;
	ts.tv_nsec = target % 1000000000;
	IS(sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	TRUE(now_ns() >= target);
	IS(sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0); /* in the past */
}

TEST(refusals)
{
	struct timespec bad = {0, 1000000000}, negative = {-1, 0}, good = {0, 1};

	IS(sys(SYS_nanosleep, &bad, NULL), -EINVAL);
	IS(sys(SYS_nanosleep, &negative, NULL), -EINVAL);
	IS(sys(SYS_nanosleep, BAD_KERNEL, NULL), -EFAULT);
	IS(sys(SYS_nanosleep, NULL, NULL), -EFAULT);
	IS(sys(SYS_clock_nanosleep, 99, 0, &good, NULL), -EINVAL);
	IS(sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad, NULL), -EINVAL);
	IS(sys(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &good, NULL), -EOPNOTSUPP);
}
