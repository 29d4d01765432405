/* SPDX-License-Identifier: MIT */
/* rt_sigprocmask(2), rt_sigpending, rt_sigsuspend, rt_sigtimedwait, pause. */
#include "check.h"

#include <time.h>

TEST(block_unblock_set)
{
	unsigned long set = SIGBIT(SIGUSR1) | SIGBIT(SIGKILL) | SIGBIT(SIGSTOP), old = 0;

	IS(sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 8), 0);
	IS(old, 0);
	IS(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8), 0);
	IS(old, SIGBIT(SIGUSR1)); /* KILL and STOP cannot be blocked */
	set = SIGBIT(SIGUSR2);
	IS(sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8), 0);
	set = SIGBIT(SIGUSR1);
	IS(sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, &old, 8), 0);
	IS(old, SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2));
	set = SIGBIT(64);
	IS(sys(SYS_rt_sigprocmask, SIG_SETMASK, &set, &old, 8), 0);
	IS(old, SIGBIT(SIGUSR2));
	IS(sys(SYS_rt_sigprocmask, 99, NULL, &old, 8), 0); /* how does not matter without a set */
	IS(old, SIGBIT(64));
	IS(sys(SYS_rt_sigprocmask, 99, &set, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 16), -EINVAL);
	IS(sys(SYS_rt_sigprocmask, SIG_SETMASK, BAD_KERNEL, NULL, 8), -EFAULT);
	IS(sys(SYS_rt_sigprocmask, SIG_SETMASK, NULL, BAD_KERNEL, 8), -EFAULT);
}

TEST(delivery_at_unblock)
{
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	for (int i = 0; i < 3; i++)
		MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 0);
	MUST(unblock_signals(SIGBIT(SIGUSR1)));
	IS(caught, 1); /* ordinary signals are not counted, and are there before the call returns */
}

/* Real-time signals queue, with their values, lowest number first. */
static volatile int order[8], values[8];

static void keep_order(int sig, siginfo_t *info, void *context)
{
	(void)context;
	order[caught] = sig;
	values[caught++] = info->si_value.sival_int;
}

TEST(realtime_signals_queue)
{
	siginfo_t info;
	static const int signals[] = {40, 38, 38, 39};

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	for (int sig = 38; sig <= 40; sig++)
		MUST(on_signal(sig, keep_order, SA_SIGINFO));
	MUST(block_signals(SIGBIT(38) | SIGBIT(39) | SIGBIT(40)));
	for (int i = 0; i < 4; i++) {
		info.si_value.sival_int = 100 + i;
		IS(sys(SYS_rt_sigqueueinfo, sys(SYS_getpid), signals[i], &info), 0);
	}
	/* handlers of lower numbers run first: the frames are stacked, 38 on top, unless masked */
	unblock_signals(SIGBIT(38));
	unblock_signals(SIGBIT(39));
	unblock_signals(SIGBIT(40));
	IS(caught, 4);
	IS(order[0], 38);
	IS(values[0], 101);
	IS(order[1], 38);
	IS(values[1], 102);
	IS(order[2], 39);
	IS(order[3], 40);
	IS(values[3], 100);
}

TEST(suspend)
{
	unsigned long empty = 0, all = ~0ul, now = 0;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(sys(SYS_rt_sigsuspend, &empty, 8), -EINTR);
	IS(caught, 1);
	MUST(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &now, 8));
	IS(now, SIGBIT(SIGUSR1));
	IS(sys(SYS_rt_sigsuspend, &all, 4), -EINVAL);
	IS(sys(SYS_rt_sigsuspend, BAD_KERNEL, 8), -EFAULT);
}

static void kill_parent_later(void *arg)
{
	sleep_ms(20);
	MUST(sys(SYS_kill, sys(SYS_getppid), arg));
}

/* The loop of every shell: block, look, suspend. No wake-up gets lost, however often. */
TEST(suspend_never_misses)
{
	unsigned long empty = 0;

	MUST(on_signal(SIGCHLD, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGCHLD)));
	for (int i = 0; i < 50; i++) {
		int before = caught, status;
		long pid = MUST(sys(SYS_fork));

		if (pid == 0)
			sys(SYS_exit_group, 0);
		while (caught == before)
			IS(sys(SYS_rt_sigsuspend, &empty, 8), -EINTR);
		IS(sys(SYS_wait4, pid, &status, WNOHANG, 0), pid);
	}
}

TEST(pause)
{
	long pid;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	pid = child(kill_parent_later, (void *)SIGUSR1);
	IS(sys(SYS_pause), -EINTR);
	IS(caught, 1);
	IS(reap(pid), 0);
}

TEST_FLAGS(timedwait, OPTIONAL)
{
	unsigned long set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2);
	struct timespec zero = {0, 0}, little = {0, 20000000}, bad = {0, -1};
	siginfo_t info;
	long start, pid;

	NEEDS(SYS_rt_sigtimedwait, NULL, NULL, NULL, 8);
	MUST(block_signals(set));
	IS(sys(SYS_rt_sigtimedwait, &set, &info, &zero, 8), -EAGAIN);
	start = now_ns();
	IS(sys(SYS_rt_sigtimedwait, &set, &info, &little, 8), -EAGAIN);
	TRUE(now_ns() - start >= 20000000);
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR2));
	IS(sys(SYS_rt_sigtimedwait, &set, &info, &zero, 8), SIGUSR2);
	IS(info.si_signo, SIGUSR2);
	IS(info.si_code, SI_USER);
	IS(info.si_pid, sys(SYS_getpid));
	pid = child(kill_parent_later, (void *)SIGUSR1);
	IS(sys(SYS_rt_sigtimedwait, &set, NULL, NULL, 8), SIGUSR1);
	IS(reap(pid), 0);
	IS(sys(SYS_rt_sigtimedwait, &set, NULL, &bad, 8), -EINVAL);
	IS(sys(SYS_rt_sigtimedwait, BAD_KERNEL, NULL, &zero, 8), -EFAULT);
	IS(sys(SYS_rt_sigtimedwait, &set, NULL, &zero, 7), -EINVAL);
}
