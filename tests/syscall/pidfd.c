/* SPDX-License-Identifier: MIT */
/* pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), waitid(P_PIDFD), CLONE_PIDFD. */
#include "check.h"

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define OPEN 434
#define SEND 424
#define GETFD 438
#define CLONE3 435
#define WAIT_PIDFD 3
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

static void sleep_on(void *arg)
{
	(void)arg;
	for (;;)
		sys(SYS_pause);
}

static long info_pid(long fd)
{
	char path[64], text[512], *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%ld", fd);
	OK(slurp(path, text, sizeof(text)));
	line = strstr(text, "\nPid:\t");
	return line ? atol(line + 6) : -99;
}

TEST(refusals)
{
	long null = MUST(sys(SYS_open, "/dev/null", O_RDWR)), self = MUST(sys(OPEN, sys(SYS_getpid), 0));

	IS(sys(OPEN, 0, 0), -EINVAL);
	IS(sys(OPEN, -1, 0), -EINVAL);
	IS(sys(OPEN, 4000000, 0), -ESRCH);
	IS(sys(OPEN, sys(SYS_getpid), 1 << 20), -EINVAL);
	IS(sys(SEND, null, 0, NULL, 0), -EBADF);
	IS(sys(SEND, 99, 0, NULL, 0), -EBADF);
	IS(sys(SEND, self, 0, NULL, 1 << 20), -EINVAL);
	IS(sys(SEND, self, 65, NULL, 0), -EINVAL);
	IS(sys(SEND, self, -1, NULL, 0), -EINVAL);
	IS(sys(GETFD, null, 0, 0), -EBADF);
	IS(sys(GETFD, self, 99, 0), -EBADF);
	IS(sys(GETFD, self, 0, 1), -EINVAL);
	IS(sys(SYS_waitid, WAIT_PIDFD, null, NULL, WEXITED, NULL), -EBADF);
	IS(sys(SYS_waitid, WAIT_PIDFD, -1, NULL, WEXITED, NULL), -EINVAL);
	IS(sys(SYS_waitid, WAIT_PIDFD, self, NULL, WEXITED, NULL), -ECHILD);
	TRUE(sys(SYS_read, self, &null, 8) < 0);
	IS(sys(SYS_fcntl, self, F_GETFD), FD_CLOEXEC);
}

TEST(poll_and_wait)
{
	siginfo_t info = {.si_signo = 0};
	long pid = child(sleep_on, NULL), fd = MUST(sys(OPEN, pid, 0));
	struct pollfd p = {(int)fd, POLLIN, 0};

	IS(info_pid(fd), pid);
	IS(sys(SYS_poll, &p, 1, 0), 0);
	IS(sys(SEND, fd, 0, NULL, 0), 0);
	IS(sys(SEND, fd, SIGTERM, NULL, 0), 0);
	IS(sys(SYS_poll, &p, 1, -1), 1);
	IS(p.revents, POLLIN);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, &info, WEXITED | WNOWAIT, NULL), 0);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, &info, WEXITED, NULL), 0);
	IS(info.si_pid, pid);
	IS(info.si_code, CLD_KILLED);
	IS(info.si_status, SIGTERM);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, &info, WEXITED, NULL), -ECHILD);
	IS(sys(SYS_poll, &p, 1, 0), 1); /* it stays so */
	TRUE(p.revents & POLLIN);
	IS(sys(SEND, fd, 0, NULL, 0), -ESRCH);
	IS(sys(SEND, fd, SIGTERM, NULL, 0), -ESRCH);
	IS(sys(GETFD, fd, 0, 0), -ESRCH);
	IS(info_pid(fd), -1);
	IS(sys(OPEN, pid, 0), -ESRCH);
}

TEST(nonblocking_wait)
{
	long pid = child(sleep_on, NULL), fd = MUST(sys(OPEN, pid, O_NONBLOCK));

	IS(sys(SYS_fcntl, fd, F_GETFL), O_RDWR | O_NONBLOCK);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, NULL, WEXITED, NULL), -EAGAIN);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, NULL, WEXITED | WNOHANG, NULL), 0);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

TEST(signal_with_a_story)
{
	siginfo_t info = {.si_signo = SIGUSR1};
	long fd = MUST(sys(OPEN, sys(SYS_getpid), 0)), pid, other;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	info.si_code = SI_QUEUE;
	info.si_value.sival_int = 33;
	IS(sys(SEND, fd, SIGUSR1, &info, 0), 0);
	IS(caught, 1);
	IS(caught_info.si_code, SI_QUEUE);
	IS(caught_info.si_value.sival_int, 33);
	info.si_signo = SIGUSR2;
	IS(sys(SEND, fd, SIGUSR1, &info, 0), -EINVAL);
	IS(sys(SEND, fd, SIGUSR1, BAD_KERNEL, 0), -EFAULT);
	pid = child(sleep_on, NULL);
	other = MUST(sys(OPEN, pid, 0));
	info.si_signo = SIGUSR1;
	info.si_code = SI_USER; /* a lie about where it comes from */
	IS(sys(SEND, other, SIGUSR1, &info, 0), -EPERM);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

static long clone_pidfd(unsigned long flags, int *fd)
{
	return sys(SYS_clone, flags | CLONE_PIDFD, 0, fd, NULL, 0);
}

TEST(clone_gives_one)
{
	struct pollfd p = {.events = POLLIN};
	int fd = -1;
	long pid = MUST(clone_pidfd(SIGCHLD, &fd));

	if (!pid)
		sys(SYS_exit_group,
		    fd == -1 ? 3 : 4); /* the memory is the child's own, the descriptor not there */
	TRUE(fd >= 0);
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(info_pid(fd), pid);
	p.fd = fd;
	IS(sys(SYS_poll, &p, 1, -1), 1);
	IS(reap(pid), EXITED(3));
	IS(clone_pidfd(SIGCHLD | CLONE_PARENT_SETTID, &fd), -EINVAL);
	IS(clone_pidfd(SIGCHLD | 0x400000 /* CLONE_DETACHED */, &fd), -EINVAL);
	IS(clone_pidfd(SIGCHLD, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_wait4, -1, NULL, 0, NULL), -ECHILD);
}

TEST(clone3_gives_one)
{
	int fd = -1;
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)&fd, .exit_signal = SIGCHLD};
	long pid = MUST(sys(CLONE3, &args, sizeof(args)));

	if (!pid)
		sys(SYS_exit_group, 6);
	TRUE(fd >= 0);
	IS(info_pid(fd), pid);
	IS(sys(SYS_waitid, WAIT_PIDFD, fd, NULL, WEXITED, NULL), 0);
	args.pidfd = (uint64_t)BAD_KERNEL;
	IS(sys(CLONE3, &args, sizeof(args)), -EFAULT);
	IS(sys(SYS_wait4, -1, NULL, 0, NULL), -ECHILD);
}

TEST(no_descriptor_left)
{
	struct {
		uint64_t cur, max;
	} limit;
	int fd = -1;

	IS(sys(SYS_prlimit64, 0, 7 /* NOFILE */, NULL, &limit), 0);
	limit.cur = 3;
	for (int i = 0; i < 3; i++)
		sys(SYS_dup2, MUST(sys(SYS_open, "/dev/null", O_RDWR)), i);
	IS(sys(SYS_prlimit64, 0, 7, &limit, NULL), 0);
	IS(clone_pidfd(SIGCHLD, &fd), -EMFILE);
	IS(sys(OPEN, sys(SYS_getpid), 0), -EMFILE);
	IS(sys(SYS_wait4, -1, NULL, 0, NULL), -ECHILD);
}

/* A descriptor of another process: the same open file. */
TEST(getfd)
{
	int p[2];
	long pid, fd, copy;
	char byte = 0;

	make_pipe(p);
	pid = child(sleep_on, NULL);
	fd = MUST(sys(OPEN, pid, 0));
	IS(sys(SYS_close, p[1]), 0);
	copy = MUST(sys(GETFD, fd, p[1], 0));
	IS(sys(SYS_fcntl, copy, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_write, copy, "x", 1), 1);
	IS(sys(SYS_read, p[0], &byte, 1), 1);
	IS(byte, 'x');
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

static void may_not(void *arg)
{
	long fd = (long)arg;

	IS(sys(GETFD, fd, 0, 0), -EPERM);
	IS(sys(SEND, fd, 0, NULL, 0), -EPERM);
}

TEST_FLAGS(not_of_strangers, ROOT)
{
	long pid = child(sleep_on, NULL), fd = MUST(sys(OPEN, pid, 0));

	IS(as_user(may_not, (void *)fd), 0);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}
