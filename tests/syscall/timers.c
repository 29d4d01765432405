/* SPDX-License-Identifier: MIT */
/* alarm(2), setitimer, getitimer, timer_create: that they fire, not when. */
#include "check.h"

#include <time.h>

struct itimer {
	long interval_sec, interval_usec, sec, usec;
};

static void wait_for(int count)
{
	unsigned long empty = 0;

	while (caught < count)
		sys(SYS_rt_sigsuspend, &empty, 8);
}

TEST(alarm)
{
	MUST(on_signal(SIGALRM, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGALRM)));
	IS(sys(SYS_alarm, 0), 0);
	IS(sys(SYS_alarm, 100), 0);
	TRUE(sys(SYS_alarm, 1) >= 99); /* what was left, rounded */
	wait_for(1);
	IS(caught_info.si_signo, SIGALRM);
	IS(sys(SYS_alarm, 0), 0);
}

TEST(interval)
{
	struct itimer set = {0, 5000, 0, 5000}, old;

	MUST(on_signal(SIGALRM, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGALRM)));
	IS(sys(SYS_setitimer, 0, &set, NULL), 0);
	wait_for(3);
	IS(sys(SYS_getitimer, 0, &old), 0);
	IS(old.interval_usec, 5000);
	memset(&set, 0, sizeof(set));
	IS(sys(SYS_setitimer, 0, &set, &old), 0);
	IS(old.interval_usec, 5000);
	IS(sys(SYS_getitimer, 0, &old), 0);
	IS(old.sec | old.usec | old.interval_usec, 0);
}

TEST(refusals)
{
	struct itimer bad = {0, 0, 0, 1000000}, negative = {0, 0, -1, 0};

	IS(sys(SYS_setitimer, 0, &bad, NULL), -EINVAL);
	IS(sys(SYS_setitimer, 0, &negative, NULL), -EINVAL);
	IS(sys(SYS_setitimer, 9, &bad, NULL), -EINVAL);
	IS(sys(SYS_setitimer, 0, BAD_KERNEL, NULL), -EFAULT);
	IS(sys(SYS_getitimer, 9, &bad), -EINVAL);
	IS(sys(SYS_getitimer, 0, BAD_KERNEL), -EFAULT);
}

/* Processor time timers count only what we use. */
TEST_FLAGS(processor_time, OPTIONAL)
{
	struct itimer set = {0, 0, 0, 10000};

	MUST(on_signal(SIGPROF, catch_signal, SA_SIGINFO));
	if (sys(SYS_setitimer, 2, &set, NULL) == -EOPNOTSUPP)
		skip("no ITIMER_PROF");
	while (!caught)
		;
	IS(caught_signal, SIGPROF);
}

TEST_FLAGS(posix, OPTIONAL)
{
	struct sigevent event;
	struct {
		long isec, insec, sec, nsec;
	} set = {0, 0, 0, 5000000}, old;
	int id = -1;

	NEEDS(SYS_timer_create, 99, NULL, NULL);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	event.sigev_value.sival_int = 4242;
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	IS(sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), 0);
	IS(sys(SYS_timer_settime, id, 0, &set, &old), 0);
	IS(old.sec | old.nsec, 0);
	wait_for(1);
	IS(caught_info.si_code, SI_TIMER);
	IS(caught_info.si_value.sival_int, 4242);
	IS(sys(SYS_timer_delete, id), 0);
	IS(sys(SYS_timer_delete, id), -EINVAL);
	IS(sys(SYS_timer_settime, id, 0, &set, NULL), -EINVAL);
	IS(sys(SYS_timer_create, 99, &event, &id), -EINVAL);
	IS(sys(SYS_timer_create, CLOCK_MONOTONIC, BAD_KERNEL, &id), -EFAULT);
}
