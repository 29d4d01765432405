/* SPDX-License-Identifier: MIT */
/* Process groups and sessions: setpgid(2), getpgrp, getpgid, setsid, getsid; stops without a terminal. */
#include "check.h"

TEST(own_group)
{
	long pid = sys(SYS_getpid);

	IS(sys(SYS_getpgrp), pid); /* the driver made us a leader */
	IS(sys(SYS_getpgid, 0), pid);
	IS(sys(SYS_getpgid, pid), pid);
	IS(sys(SYS_setpgid, 0, 0), 0);
	IS(sys(SYS_setpgid, pid, pid), 0);
	IS(sys(SYS_getpgid, 0x3ffffff), -ESRCH);
	IS(sys(SYS_setpgid, 0x3ffffff, 0), -ESRCH);
	IS(sys(SYS_setpgid, 0, -1), -EINVAL);
	IS(sys(SYS_setpgid, 0, 0x3ffffff), -EPERM);
	IS(sys(SYS_setpgid, sys(SYS_getppid), 0), -ESRCH); /* not a child */
}

static void wait_byte(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_close, p[1]);
	sys(SYS_read, p[0], &c, 1);
}

TEST(child_moves)
{
	int p[2];
	long a, b;

	make_pipe(p);
	a = child(wait_byte, p);
	b = child(wait_byte, p);
	IS(sys(SYS_getpgid, a), sys(SYS_getpid));
	IS(sys(SYS_setpgid, a, a), 0);
	IS(sys(SYS_setpgid, b, a), 0);
	IS(sys(SYS_getpgid, b), a);
	IS(sys(SYS_setpgid, b, 0), 0);
	IS(sys(SYS_getpgid, b), b);
	IS(sys(SYS_close, p[1]), 0);
	IS(reap(a), 0);
	IS(reap(b), 0);
}

static void new_session(void *arg)
{
	long pid = sys(SYS_getpid);

	(void)arg;
	IS(sys(SYS_setsid), pid);
	IS(sys(SYS_getsid, 0), pid);
	IS(sys(SYS_getpgrp), pid);
	IS(sys(SYS_setsid), -EPERM);
	IS(sys(SYS_setpgid, 0, 0), -EPERM); /* a session leader stays where it is */
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
}

TEST(sessions)
{
	IS(sys(SYS_setsid), -EPERM); /* we lead a group */
	IS(in_child(new_session, NULL), 0);
	IS(sys(SYS_getsid, sys(SYS_getppid)), sys(SYS_getsid, 0));
	IS(sys(SYS_getsid, 0x3ffffff), -ESRCH);
}

static void other_session(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_setsid);
	sys(SYS_write, p[1], "x", 1);
	sys(SYS_read, p[2], &c, 1);
}

TEST(no_move_across_sessions)
{
	int p[3], q[2];
	char c;
	long pid;

	make_pipe(p);
	make_pipe(q);
	p[2] = q[0];
	pid = child(other_session, p);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(sys(SYS_setpgid, pid, sys(SYS_getpid)), -EPERM);
	IS(sys(SYS_setpgid, pid, 0), -EPERM);
	IS(sys(SYS_write, q[1], "x", 1), 1);
	IS(reap(pid), 0);
}

static void wait_signal(void *arg)
{
	unsigned long none = 0;
	int *p = arg;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	IS(sys(SYS_write, p[1], "x", 1), 1);
	sys(SYS_rt_sigsuspend, &none, 8);
	IS(caught, 1);
}

TEST(kill_a_group)
{
	long pids[3];
	int p[2];
	char c;

	make_pipe(p);
	for (int i = 0; i < 3; i++) {
		pids[i] = child(wait_signal, p);
		IS(sys(SYS_setpgid, pids[i], pids[0]), 0);
	}
	for (int i = 0; i < 3; i++)
		IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(sys(SYS_kill, -pids[0], 0), 0);
	IS(sys(SYS_kill, -pids[0], SIGUSR1), 0);
	for (int i = 0; i < 3; i++)
		IS(reap(pids[i]), 0);
	IS(sys(SYS_kill, -pids[0], SIGUSR1), -ESRCH);
}

static void stop_then_exit(void *arg)
{
	(void)arg;
	sys(SYS_kill, 0, SIGTTIN); /* the whole group, that is us */
}

/* SIGTSTP, SIGTTIN and SIGTTOU do nothing to a group that nobody could continue; SIGSTOP always stops. */
static void orphaned_group(void *arg)
{
	(void)arg;
	MUST(sys(SYS_setsid)); /* a session of its own: the group is orphaned */
	IS(sys(SYS_kill, sys(SYS_getpid), SIGTSTP), 0);
	IS(sys(SYS_kill, sys(SYS_getpid), SIGTTOU), 0);
	stop_then_exit(NULL);
}

TEST(orphaned_groups_do_not_stop)
{
	int status;
	long pid = child(orphaned_group, NULL);

	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(status, 0);
}
