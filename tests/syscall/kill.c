/* SPDX-License-Identifier: MIT */
/* kill(2), tgkill, tkill: targets, permissions, and what the receiver is told. */
#include "check.h"

TEST(info)
{
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	IS(sys(SYS_kill, sys(SYS_getpid), SIGUSR1), 0);
	IS(caught, 1); /* to oneself: handled before kill returns */
	IS(caught_info.si_signo, SIGUSR1);
	IS(caught_info.si_code, SI_USER);
	IS(caught_info.si_pid, sys(SYS_getpid));
	IS(caught_info.si_uid, sys(SYS_getuid));
	IS(sys(SYS_tgkill, sys(SYS_getpid), sys(SYS_gettid), SIGUSR1), 0);
	IS(caught, 2);
	IS(caught_info.si_code, SI_TKILL);
	IS(sys(SYS_tkill, sys(SYS_gettid), SIGUSR1), 0);
	IS(caught, 3);
}

TEST(targets)
{
	long pid = sys(SYS_getpid);

	IS(sys(SYS_kill, pid, 0), 0);
	IS(sys(SYS_kill, 0x3ffffff, 0), -ESRCH);
	IS(sys(SYS_kill, pid, 65), -EINVAL);
	IS(sys(SYS_kill, pid, -1), -EINVAL);
	IS(sys(SYS_kill, -0x3ffffff, 0), -ESRCH);
	IS(sys(SYS_kill, (int)0x80000000, 0), -ESRCH);
	IS(sys(SYS_kill, 0, 0), 0);
	IS(sys(SYS_kill, -pid, 0), 0); /* our group */
	IS(sys(SYS_tgkill, pid, pid, 0), 0);
	IS(sys(SYS_tgkill, pid, 0x3ffffff, 0), -ESRCH);
	IS(sys(SYS_tgkill, sys(SYS_getppid), pid, 0), -ESRCH);
	IS(sys(SYS_tgkill, pid, 0, 0), -EINVAL);
	IS(sys(SYS_tgkill, -1, pid, 0), -EINVAL);
	IS(sys(SYS_tkill, 0, 0), -EINVAL);
}

static void as_other(void *arg)
{
	long target = (long)arg;

	IS(sys(SYS_kill, target, 0), -EPERM);
	IS(sys(SYS_kill, target, SIGTERM), -EPERM);
	IS(sys(SYS_tgkill, target, target, SIGTERM), -EPERM);
	IS(sys(SYS_kill, 1, 0), -EPERM);
	IS(sys(SYS_kill, sys(SYS_getpid), 0), 0);
}

TEST_FLAGS(permission, ROOT)
{
	IS(as_user(as_other, (void *)sys(SYS_getpid)), 0);
}

static void exit_now(void *arg)
{
	(void)arg;
}

/* A zombie can still be addressed; once waited for it is gone. */
TEST(zombies)
{
	long pid = child(exit_now, NULL);

	wait_state(pid, 'Z');
	IS(sys(SYS_kill, pid, 0), 0);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), 0);
	IS(sys(SYS_kill, pid, 0), -ESRCH);
}

static void spin(void *arg)
{
	(void)arg;
	for (;;)
		;
}

/* A process that makes no system call is reached as well. */
TEST(reaches_a_busy_process)
{
	long pid = child(spin, NULL);
	int status;

	sleep_ms(20);
	IS(sys(SYS_kill, pid, SIGSTOP), 0);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(status, STOPPED(SIGSTOP));
	IS(sys(SYS_kill, pid, SIGCONT), 0);
	IS(sys(SYS_wait4, pid, &status, WCONTINUED, 0), pid);
	IS(sys(SYS_kill, pid, SIGTERM), 0);
	IS(reap(pid), SIGTERM);
}

static void forever(void *arg)
{
	MUST(block_signals(~0ul));
	sys(SYS_write, ((int *)arg)[1], "x", 1);
	for (;;)
		sys(SYS_pause);
}

TEST(sigkill_cannot_be_blocked)
{
	int p[2];
	char c;
	long pid;

	make_pipe(p);
	pid = child(forever, p);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(sys(SYS_kill, pid, SIGTERM), 0);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), SIGKILL);
}
