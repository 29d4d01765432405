/* SPDX-License-Identifier: MIT */
/* wait4(2), waitid: status words, options, who is waited for, orphans. */
#include "check.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void exit_with(void *arg)
{
	sys(SYS_exit_group, arg);
}

static void raise_signal(void *arg)
{
	sys(SYS_kill, sys(SYS_getpid), arg);
	sleep_ms(10000);
}

TEST(exit_codes)
{
	IS(in_child(exit_with, (void *)0), 0);
	IS(in_child(exit_with, (void *)1), 0x100);
	IS(in_child(exit_with, (void *)255), 0xff00);
	IS(in_child(exit_with, (void *)256), 0);
	IS(in_child(exit_with, (void *)-1), 0xff00);
}

TEST(death_by_signal)
{
	struct rlimit none = {0, 0};

	MUST(sys(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL));
	IS(in_child(raise_signal, (void *)SIGTERM), SIGTERM);
	IS(in_child(raise_signal, (void *)SIGKILL), SIGKILL);
	IS(in_child(raise_signal, (void *)SIGUSR1), SIGUSR1);
	IS(in_child(raise_signal, (void *)34L), 34);
	IS(in_child(raise_signal, (void *)SIGSEGV) & 0x7f, SIGSEGV);
	IS(in_child(raise_signal, (void *)SIGABRT) & 0x7f, SIGABRT);
}

TEST(no_hang)
{
	int status = 77, p[2];
	long pid;
	char c;

	make_pipe(p);
	IS(sys(SYS_wait4, -1, &status, WNOHANG, 0), -ECHILD);
	IS(sys(SYS_wait4, -1, &status, 0, 0), -ECHILD);
	pid = MUST(sys(SYS_fork));
	if (pid == 0) {
		sys(SYS_read, p[0], &c, 1);
		sys(SYS_exit_group, 9);
	}
	IS(sys(SYS_wait4, -1, &status, WNOHANG, 0), 0);
	IS(sys(SYS_wait4, pid, &status, WNOHANG, 0), 0);
	IS(status, 77);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_wait4, pid, NULL, 0, 0), pid); /* the status may be unwanted */
	IS(sys(SYS_wait4, pid, &status, 0, 0), -ECHILD);
}

TEST(stop_and_continue)
{
	long pid = child(raise_signal, (void *)SIGSTOP);
	int status;

	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(status, STOPPED(SIGSTOP));
	IS(sys(SYS_wait4, pid, &status, WUNTRACED | WNOHANG, 0), 0); /* told once */
	IS(sys(SYS_kill, pid, SIGCONT), 0);
	IS(sys(SYS_wait4, pid, &status, WCONTINUED, 0), pid);
	IS(status, 0xffff);
	IS(sys(SYS_kill, pid, SIGTSTP), 0);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(status, STOPPED(SIGTSTP));
	IS(sys(SYS_kill, pid, SIGTERM), 0); /* waits for the continuation */
	IS(sys(SYS_wait4, pid, &status, WNOHANG, 0), 0);
	IS(sys(SYS_kill, pid, SIGCONT), 0);
	IS(sys(SYS_wait4, pid, &status, 0, 0), pid);
	IS(status, SIGTERM);
}

TEST(killed_while_stopped)
{
	long pid = child(raise_signal, (void *)SIGSTOP);
	int status;

	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(sys(SYS_wait4, pid, &status, 0, 0), pid);
	IS(status, SIGKILL);
}

static void in_group(void *arg)
{
	IS(sys(SYS_setpgid, 0, 0), 0);
	sys(SYS_exit_group, arg);
}

TEST(by_group)
{
	long a = child(in_group, (void *)1), b = child(exit_with, (void *)2);
	int status;

	sys(SYS_setpgid, a, a);
	IS(sys(SYS_wait4, -a, &status, 0, 0), a);
	IS(status, EXITED(1));
	IS(sys(SYS_wait4, -a, &status, 0, 0), -ECHILD);
	IS(sys(SYS_wait4, 0, &status, 0, 0), b); /* our own group */
	IS(status, EXITED(2));
	IS(sys(SYS_wait4, sys(SYS_getppid), &status, 0, 0), -ECHILD);
}

TEST(refusals)
{
	long pid = child(exit_with, (void *)2);
	int status;

	IS(sys(SYS_wait4, pid, &status, 0x10000, 0), -EINVAL);
	IS(sys(SYS_wait4, (int)0x80000000, &status, 0, 0), -ESRCH);
	IS(sys(SYS_wait4, pid, &status, 0, 0), pid);
	pid = child(exit_with, (void *)2);
	IS(sys(SYS_wait4, pid, BAD_KERNEL, 0, 0), -EFAULT);
}

TEST(ignored_children_vanish)
{
	int status;

	MUST(on_signal_ignore(SIGCHLD));
	child(exit_with, (void *)2);
	IS(sys(SYS_wait4, -1, &status, 0, 0), -ECHILD); /* waits for the end, finds nothing */
	MUST(on_signal(SIGCHLD, catch_signal, SA_SIGINFO | SA_NOCLDWAIT));
	child(exit_with, (void *)2);
	while (sys(SYS_wait4, -1, &status, 0, 0) == -EINTR)
		;
	IS(sys(SYS_wait4, -1, &status, 0, 0), -ECHILD);
}

TEST(usage)
{
	struct rusage usage;
	int status;
	long pid = child(exit_with, (void *)2);

	memset(&usage, 0xff, sizeof(usage));
	IS(sys(SYS_wait4, pid, &status, 0, &usage), pid);
	TRUE(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 1000);
	TRUE(usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1000000);
}

static void grandchild_parent(void *arg)
{
	int *p = arg;
	long before = sys(SYS_getpid), now;

	if (MUST(sys(SYS_fork)) == 0) {
		while ((now = sys(SYS_getppid)) == before)
			sleep_ms(1);
		sys(SYS_write, p[1], &now, sizeof(now));
		sys(SYS_exit_group, 0);
	}
}

/* An orphan gets a new parent: process 1, or a subreaper if there is one. */
TEST(orphans)
{
	long parent = 0;
	int p[2];

	make_pipe(p);
	IS(in_child(grandchild_parent, p), 0);
	IS(sys(SYS_read, p[0], &parent, sizeof(parent)), sizeof(parent));
	TRUE(parent >= 1 && parent != sys(SYS_getpid));
}

TEST_FLAGS(subreaper, OPTIONAL)
{
	long parent = 0;
	int p[2], status;

	if (sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		skip("no child subreaper");
	make_pipe(p);
	IS(in_child(grandchild_parent, p), 0);
	IS(sys(SYS_read, p[0], &parent, sizeof(parent)), sizeof(parent));
	IS(parent, sys(SYS_getpid));
	OK(sys(SYS_wait4, -1, &status, 0, 0));
}

TEST_FLAGS(waitid, OPTIONAL)
{
	siginfo_t info;
	long pid;

	NEEDS(SYS_waitid, 99, 0, NULL, WEXITED, NULL);
	pid = child(exit_with, (void *)5);
	memset(&info, 0, sizeof(info));
	IS(sys(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, NULL), 0);
	IS(info.si_pid, pid);
	IS(info.si_signo, SIGCHLD);
	IS(info.si_code, CLD_EXITED);
	IS(info.si_status, 5);
	memset(&info, 0, sizeof(info));
	IS(sys(SYS_waitid, P_PID, pid, &info, WEXITED, NULL), 0); /* it was left */
	IS(info.si_pid, pid);
	IS(sys(SYS_waitid, P_PID, pid, &info, WEXITED, NULL), -ECHILD);
	IS(sys(SYS_waitid, P_ALL, 0, &info, 0, NULL), -EINVAL);
	IS(sys(SYS_waitid, 99, 0, &info, WEXITED, NULL), -EINVAL);
	pid = child(raise_signal, (void *)SIGTERM);
	IS(sys(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL), 0);
	IS(info.si_code, CLD_KILLED);
	IS(info.si_status, SIGTERM);
}
