/* SPDX-License-Identifier: MIT */
/* SIGCHLD: when it comes and what its siginfo says. */
#include "check.h"

static void exit_3(void *arg)
{
	(void)arg;
	sys(SYS_exit_group, 3);
}

static void stop(void *arg)
{
	(void)arg;
	sys(SYS_kill, sys(SYS_getpid), SIGSTOP);
	sleep_ms(10000);
}

static void wait_caught(int count)
{
	unsigned long empty = 0;

	while (caught < count)
		IS(sys(SYS_rt_sigsuspend, &empty, 8), -EINTR);
}

static void prepare(unsigned long flags)
{
	MUST(on_signal(SIGCHLD, catch_signal, SA_SIGINFO | flags));
	MUST(block_signals(SIGBIT(SIGCHLD)));
}

TEST(exited)
{
	long pid;

	prepare(0);
	pid = child(exit_3, NULL);
	wait_caught(1);
	IS(caught_info.si_signo, SIGCHLD);
	IS(caught_info.si_code, CLD_EXITED);
	IS(caught_info.si_pid, pid);
	IS(caught_info.si_uid, sys(SYS_getuid));
	IS(caught_info.si_status, 3);
	IS(reap(pid), EXITED(3));
}

TEST(stopped_continued_killed)
{
	int status;
	long pid;

	prepare(0);
	pid = child(stop, NULL);
	wait_caught(1);
	IS(caught_info.si_code, CLD_STOPPED);
	IS(caught_info.si_status, SIGSTOP);
	MUST(sys(SYS_kill, pid, SIGCONT));
	wait_caught(2);
	IS(caught_info.si_code, CLD_CONTINUED);
	IS(caught_info.si_status, SIGCONT);
	MUST(sys(SYS_kill, pid, SIGKILL));
	wait_caught(3);
	IS(caught_info.si_code, CLD_KILLED);
	IS(caught_info.si_status, SIGKILL);
	IS(sys(SYS_wait4, pid, &status, 0, 0), pid);
	IS(status, SIGKILL);
}

/* SA_NOCLDSTOP: deaths only. */
TEST(no_stops)
{
	int status;
	long pid;

	prepare(SA_NOCLDSTOP);
	pid = child(stop, NULL);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	MUST(sys(SYS_kill, pid, SIGCONT));
	IS(sys(SYS_wait4, pid, &status, WCONTINUED, 0), pid);
	MUST(sys(SYS_kill, pid, SIGKILL));
	wait_caught(1);
	IS(caught_info.si_code, CLD_KILLED);
	IS(reap(pid), SIGKILL);
	IS(caught, 1);
}

/* A handler that waits in a loop finds every child, though signals were merged. */
static volatile int reaped;

static void reap_all(int sig, siginfo_t *info, void *context)
{
	int status;

	(void)sig, (void)info, (void)context;
	caught++;
	while (sys(SYS_wait4, -1, &status, WNOHANG, 0) > 0)
		reaped++;
}

TEST(merged_signals)
{
	unsigned long empty = 0;

	reaped = 0;
	MUST(on_signal(SIGCHLD, reap_all, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGCHLD)));
	for (int i = 0; i < 10; i++)
		child(exit_3, NULL);
	while (reaped < 10)
		IS(sys(SYS_rt_sigsuspend, &empty, 8), -EINTR);
	IS(reaped, 10);
}
