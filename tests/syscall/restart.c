/* SPDX-License-Identifier: MIT */
/* What happens to a blocking call when a signal comes: SA_RESTART, EINTR, restart_syscall. */
#include "check.h"

#include <time.h>

static void send_signals(void *arg)
{
	long *what = arg; /* pid, signal, then a descriptor to write to */

	wait_state(what[0], 'S');
	MUST(sys(SYS_kill, what[0], what[1]));
	sleep_ms(20);
	if (what[2] >= 0)
		IS(sys(SYS_write, what[2], "x", 1), 1);
}

/* A child sends SIGUSR1 while we sleep, then a byte. */
static long disturb(int fd)
{
	static long what[3];

	what[0] = sys(SYS_getpid);
	what[1] = SIGUSR1;
	what[2] = fd;
	return child(send_signals, what);
}

TEST(read_without_restart)
{
	int p[2];
	long pid;
	char c;

	make_pipe(p);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	pid = disturb(p[1]);
	IS(sys(SYS_read, p[0], &c, 1), -EINTR);
	IS(caught, 1);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(reap(pid), 0);
}

TEST(read_with_restart)
{
	int p[2];
	long pid;
	char c;

	make_pipe(p);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	pid = disturb(p[1]);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(caught, 1);
	IS(reap(pid), 0);
}

TEST(wait_with_restart)
{
	int status;
	long pid;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	pid = disturb(-1);
	IS(sys(SYS_wait4, pid, &status, 0, 0), pid);
	IS(caught, 1);
	IS(status, 0);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	pid = disturb(-1);
	IS(sys(SYS_wait4, pid, &status, 0, 0), -EINTR);
	IS(reap(pid), 0);
}

/* nanosleep is never restarted after a handler; it tells what was left. */
TEST(nanosleep)
{
	struct timespec ts = {100, 0}, left = {0, 0};
	long pid;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	pid = disturb(-1);
	IS(sys(SYS_nanosleep, &ts, &left), -EINTR);
	IS(caught, 1);
	TRUE(left.tv_sec >= 1 && left.tv_sec <= 100);
	IS(reap(pid), 0);
}

static void sleeper(void *arg)
{
	struct timespec ts = {0, 100000000};
	long start = now_ns();

	(void)arg;
	IS(sys(SYS_nanosleep, &ts, NULL), 0);
	TRUE(now_ns() - start >= 100000000);
}

/* Stopped and continued without a handler: the sleep goes on as if nothing had happened. */
TEST(stop_and_continue)
{
	long pid = child(sleeper, NULL);
	int status;

	wait_state(pid, 'S');
	MUST(sys(SYS_kill, pid, SIGSTOP));
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	MUST(sys(SYS_kill, pid, SIGCONT));
	IS(reap(pid), 0);
}

static void reader(void *arg)
{
	int *p = arg;
	char c;

	IS(sys(SYS_read, p[0], &c, 1), 1);
}

TEST(read_across_a_stop)
{
	int p[2], status;
	long pid;

	make_pipe(p);
	pid = child(reader, p);
	wait_state(pid, 'S');
	MUST(sys(SYS_kill, pid, SIGSTOP));
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	MUST(sys(SYS_kill, pid, SIGCONT));
	wait_state(pid, 'S');
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(reap(pid), 0);
}

/* A write that has moved something returns that, not EINTR. */
TEST(partial_write)
{
	static char block[100000];
	int p[2];
	long pid;

	make_pipe(p);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	pid = disturb(-1);
	IS(sys(SYS_write, p[1], block, sizeof(block)), 65536);
	IS(caught, 1);
	IS(reap(pid), 0);
}

/* An ignored signal disturbs nobody. */
TEST(ignored_signal)
{
	int p[2];
	long pid;
	char c;

	make_pipe(p);
	MUST(on_signal_ignore(SIGUSR1));
	pid = disturb(p[1]);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(reap(pid), 0);
}

TEST(restart_syscall_alone)
{
	IS(sys(SYS_restart_syscall), -EINTR);
}
