/* SPDX-License-Identifier: MIT */
/* clock_gettime(2), clock_getres, gettimeofday, time, times, getrusage: the calls, not the vDSO. */
#include "check.h"

#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

TEST(monotonic_never_goes_back)
{
	long last = now_ns(), now;

	for (int i = 0; i < 1000; i++) {
		now = now_ns();
		if (now < last)
			IS(now, last);
		last = now;
	}
	sleep_ms(2);
	TRUE(now_ns() - last >= 2000000);
}

TEST(all_clocks)
{
	static const int clocks[] = {CLOCK_REALTIME,	      CLOCK_MONOTONIC,	   CLOCK_PROCESS_CPUTIME_ID,
				     CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
				     CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME};
	struct timespec ts;

	for (size_t i = 0; i < 8; i++) {
		ts.tv_nsec = -1;
		if (!IS(sys(SYS_clock_gettime, clocks[i], &ts), 0))
			note("clock %d", clocks[i]);
		TRUE(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
		if (!IS(sys(SYS_clock_getres, clocks[i], &ts), 0))
			note("clock %d", clocks[i]);
		TRUE(ts.tv_sec == 0 && ts.tv_nsec > 0 && ts.tv_nsec <= 10000000);
	}
	IS(sys(SYS_clock_gettime, 99, &ts), -EINVAL);
	IS(sys(SYS_clock_gettime, CLOCK_REALTIME, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_clock_getres, CLOCK_REALTIME, NULL), 0);
	IS(sys(SYS_clock_getres, 99, &ts), -EINVAL);
}

TEST(wall_clocks_agree)
{
	struct timespec ts, after;
	struct {
		long sec, usec;
	} tv;
	long seconds, stored = 0;

	IS(sys(SYS_clock_gettime, CLOCK_REALTIME, &ts), 0);
	IS(sys(SYS_gettimeofday, &tv, NULL), 0);
	seconds = MUST(sys(SYS_time, &stored));
	IS(sys(SYS_clock_gettime, CLOCK_REALTIME, &after), 0);
	IS(stored, seconds);
	TRUE(ts.tv_sec > 1600000000);
	TRUE(tv.sec >= ts.tv_sec && tv.sec <= after.tv_sec);
	TRUE(seconds >= ts.tv_sec - 1 && seconds <= after.tv_sec);
	IS(sys(SYS_gettimeofday, BAD_KERNEL, NULL), -EFAULT);
	IS(sys(SYS_time, BAD_KERNEL), -EFAULT);
}

/* Computing costs processor time, sleeping does not. */
TEST(processor_time)
{
	struct timespec a, b;
	volatile unsigned long x = 0;

	IS(sys(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &a), 0);
	do {
		for (int i = 0; i < 10000; i++)
			x += i;
		IS(sys(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &b), 0);
	} while ((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec < 1000000);
}

TEST_FLAGS(usage, OPTIONAL)
{
	struct rusage usage;
	struct tms tms;

	NEEDS(SYS_getrusage, RUSAGE_SELF, &usage);
	IS(sys(SYS_getrusage, RUSAGE_SELF, &usage), 0);
	TRUE(usage.ru_maxrss > 0);
	IS(sys(SYS_getrusage, RUSAGE_CHILDREN, &usage), 0);
	IS(sys(SYS_getrusage, 1, &usage), 0); /* RUSAGE_THREAD */
	IS(sys(SYS_getrusage, 99, &usage), -EINVAL);
	IS(sys(SYS_getrusage, RUSAGE_SELF, BAD_KERNEL), -EFAULT);
	OK(sys(SYS_times, &tms));
	OK(sys(SYS_times, NULL));
	IS(sys(SYS_times, BAD_KERNEL), -EFAULT);
}
