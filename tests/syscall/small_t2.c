/* SPDX-License-Identifier: MIT */
/* What runtimes and servers use of calls that other files leave out: policies, CPU clocks in timers, prctl.
 */
#include "check.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

struct spec {
	long isec, insec, sec, nsec;
};

static void burn(long ns)
{
	struct timespec t;

	do
		MUST(sys(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &t));
	while (t.tv_sec * 1000000000 + t.tv_nsec < ns && !caught);
}

/* A timer of a CPU clock counts what is used, not what passes. */
static void fires_when_used(int clock)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct spec set = {0, 0, 0, 300000000}, left;
	int id = -1;

	caught = 0;
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(sys(SYS_timer_create, clock, &event, &id));
	IS(sys(SYS_timer_settime, id, 0, &set, NULL), 0);
	sleep_ms(400);
	IS(sys(SYS_timer_gettime, id, &left), 0);
	TRUE(left.sec == 0 && left.nsec > 0 && left.nsec <= 300000000);
	IS(caught, 0);
	while (!caught)
		burn(1l << 60);
	IS(caught_info.si_code, SI_TIMER);
	IS(sys(SYS_timer_gettime, id, &left), 0);
	IS(left.nsec, 0);
	IS(sys(SYS_timer_delete, id), 0);
}

TEST_FLAGS(cpu_timers, SLOW)
{
	fires_when_used(CLOCK_PROCESS_CPUTIME_ID);
	fires_when_used(CLOCK_THREAD_CPUTIME_ID);
	fires_when_used((int)(~sys(SYS_gettid) << 3 | 6)); /* the thread's, by its number */
}

TEST(cpu_timer_refusals)
{
	int id;

	IS(sys(SYS_timer_create, (int)(~0x3fffffful << 3 | 6), NULL, &id), -EINVAL);
	IS(sys(SYS_timer_create, -1, NULL, &id), -EINVAL);
	IS(sys(SYS_timer_create, 4 /* MONOTONIC_RAW */, NULL, &id) < 0, 1);
}

/* Numbers of timers are found again and again, long after each other's end. */
TEST(timers_come_and_go)
{
	int id, keep;

	MUST(sys(SYS_timer_create, CLOCK_MONOTONIC, NULL, &keep));
	for (int i = 0; i < 3000; i++) {
		MUST(sys(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
		TRUE(id != keep);
		MUST(sys(SYS_timer_delete, id));
	}
}

static void policy_is(void *arg)
{
	IS(sys(SYS_sched_getscheduler, 0), (long)arg);
}

TEST(scheduling_policy)
{
	struct {
		unsigned size, policy;
		unsigned long flags;
		int nice;
		unsigned priority;
		unsigned long more[3];
	} attr = {0};
	int zero[1] = {0}, one[1] = {1}, out = 9;

	IS(sys(SYS_sched_setscheduler, 0, 3 /* BATCH */, zero), 0);
	IS(sys(SYS_sched_getscheduler, 0), 3);
	IS(sys(SYS_sched_setparam, 0, zero), 0);
	IS(sys(SYS_sched_getscheduler, 0), 3);
	IS(in_child(policy_is, (void *)3), 0);
	IS(sys(SYS_sched_getattr, 0, &attr, sizeof(attr), 0), 0);
	IS(attr.policy, 3);
	IS(sys(SYS_sched_setscheduler, 0, 0 | 0x40000000 /* RESET_ON_FORK */, zero), 0);
	IS(sys(SYS_sched_getscheduler, 0), 0x40000000);
	IS(in_child(policy_is, (void *)0), 0);
	IS(sys(SYS_sched_setscheduler, 0, 3, one), -EINVAL);
	IS(sys(SYS_sched_setscheduler, 0, 1 /* FIFO */, zero), -EINVAL);
	IS(sys(SYS_sched_setscheduler, 0, 77, zero), -EINVAL);
	IS(sys(SYS_sched_setscheduler, 0, 0, NULL), -EINVAL);
	IS(sys(SYS_sched_setscheduler, 0, 0, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_sched_setscheduler, 0x3ffffff, 0, zero), -ESRCH);
	IS(sys(SYS_sched_getparam, 0, NULL), -EINVAL);
	IS(sys(SYS_sched_getparam, 0, &out), 0);
	IS(out, 0);
	IS(sys(SYS_sched_rr_get_interval, -1, &attr), -EINVAL);
}

TEST(prctl_unused_arguments)
{
	IS(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), -EINVAL);
	IS(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 1, 0), -EINVAL);
	IS(sys(SYS_prctl, PR_GET_THP_DISABLE, 1, 0, 0, 0), -EINVAL);
	IS(sys(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
	IS(sys(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_SET_TIMERSLACK, 1000, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0), 1000);
	IS(sys(SYS_prctl, PR_SET_TIMERSLACK, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0), 50000);
}

TEST(epoll_with_timespec)
{
	struct timespec ts = {0, 1000000}, bad = {0, -1};
	struct epoll_event e = {EPOLLIN, {.u64 = 7}}, out[2];
	long ep = MUST(sys(SYS_epoll_create1, 0));
	int p[2];

	make_pipe(p);
	MUST(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[0], &e));
	IS(sys(SYS_epoll_pwait2, ep, out, 2, &ts, NULL, 0), 0);
	IS(sys(SYS_epoll_pwait2, ep, out, 2, &bad, NULL, 0), -EINVAL);
	IS(sys(SYS_epoll_pwait2, ep, out, 2, BAD_KERNEL, NULL, 0), -EFAULT);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_pwait2, ep, out, 2, NULL, NULL, 0), 1);
	IS(out[0].data.u64, 7);
}

TEST_FLAGS(capset, ROOT)
{
	struct {
		unsigned version;
		int pid;
	} head = {0x20080522, 0}, other = {0x20080522, 1}, old = {0x1234, 0};
	struct {
		unsigned effective, permitted, inheritable;
	} have[2], want[2];

	MUST(sys(SYS_capget, &head, have));
	memcpy(want, have, sizeof(want));
	want[0].effective = 0;
	IS(sys(SYS_capset, &head, want), 0);
	MUST(sys(SYS_capget, &head, want));
	IS(want[0].effective, 0);
	IS(want[0].permitted, have[0].permitted);
	IS(sys(SYS_capset, &head, have), 0); /* what is permitted comes back */
	memcpy(want, have, sizeof(want));
	want[0].permitted &= want[0].permitted - 1;
	want[0].effective &= want[0].permitted;
	want[0].inheritable &= want[0].permitted;
	IS(sys(SYS_capset, &head, want), 0);
	IS(sys(SYS_capset, &head, have), -EPERM); /* what was given up does not */
	if (sys(SYS_getpid) != 1)
		IS(sys(SYS_capset, &other, want), -EPERM);
	IS(sys(SYS_capset, &old, want), -EINVAL);
	IS(old.version, 0x20080522);
	IS(sys(SYS_capset, BAD_KERNEL, want), -EFAULT);
}

TEST_FLAGS(fchmodat2, FILES | OPTIONAL)
{
	struct stat st;

	NEEDS(452, -1, NULL, 0, 0);
	make_file("f", "x", 1, 0644);
	MUST(sys(SYS_symlink, "f", "l"));
	IS(sys(452, AT_FDCWD, "f", 0600, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 07777, 0600);
	IS(sys(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW), -EOPNOTSUPP);
	IS(sys(452, AT_FDCWD, "f", 0600, 0x8000), -EINVAL);
}
