/* SPDX-License-Identifier: MIT */
/* signalfd(2), signalfd4(2). */
#include "check.h"

#include <poll.h>
#include <sys/signalfd.h>

static unsigned long mask_of(int sig)
{
	return SIGBIT(sig);
}

static long make(unsigned long mask, int flags)
{
	return MUST(sys(SYS_signalfd4, -1, &mask, 8, flags));
}

TEST(refusals)
{
	unsigned long mask = mask_of(SIGUSR1);
	long fd, null = MUST(sys(SYS_open, "/dev/null", O_RDWR));
	struct signalfd_siginfo s;

	IS(sys(SYS_signalfd4, -1, &mask, 4, 0), -EINVAL);
	IS(sys(SYS_signalfd4, -1, &mask, 8, 1), -EINVAL);
	IS(sys(SYS_signalfd4, -1, BAD_KERNEL, 8, 0), -EFAULT);
	IS(sys(SYS_signalfd4, null, &mask, 8, 0), -EINVAL);
	IS(sys(SYS_signalfd4, 99, &mask, 8, 0), -EBADF);
	fd = make(mask, O_NONBLOCK | O_CLOEXEC);
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_read, fd, &s, sizeof(s)), -EAGAIN);
	IS(sys(SYS_read, fd, &s, sizeof(s) - 1), -EINVAL);
	IS(sys(SYS_write, fd, &s, sizeof(s)), -EINVAL);
}

TEST(kill_and_queue)
{
	struct signalfd_siginfo s[3];
	siginfo_t info = {.si_signo = 0};
	long fd, pid = sys(SYS_getpid);
	struct pollfd p;

	block_signals(mask_of(SIGUSR1) | mask_of(SIGRTMIN + 2));
	fd = make(mask_of(SIGUSR1) | mask_of(SIGRTMIN + 2), O_NONBLOCK);
	p = (struct pollfd){(int)fd, POLLIN, 0};
	IS(sys(SYS_poll, &p, 1, 0), 0);
	IS(sys(SYS_kill, pid, SIGUSR1), 0);
	IS(sys(SYS_kill, pid, SIGUSR1), 0); /* ordinary signals do not add up */
	info.si_code = SI_QUEUE;
	info.si_pid = 4711;
	info.si_uid = 12;
	info.si_value.sival_ptr = (void *)0x1122334455667788;
	IS(sys(SYS_rt_sigqueueinfo, pid, SIGRTMIN + 2, &info), 0);
	info.si_value.sival_int = 5;
	IS(sys(SYS_rt_sigqueueinfo, pid, SIGRTMIN + 2, &info), 0);
	IS(sys(SYS_poll, &p, 1, 0), 1);
	IS(p.revents, POLLIN);
	IS(sys(SYS_read, fd, s, 2 * sizeof(*s) + 100), 2 * sizeof(*s)); /* whole ones only */
	IS(s[0].ssi_signo, SIGUSR1);
	IS(s[0].ssi_code, SI_USER);
	IS(s[0].ssi_pid, pid);
	IS(s[0].ssi_uid, sys(SYS_getuid));
	IS(s[1].ssi_signo, SIGRTMIN + 2);
	IS(s[1].ssi_code, SI_QUEUE);
	IS(s[1].ssi_pid, 4711);
	IS(s[1].ssi_uid, 12);
	TRUE(s[1].ssi_ptr == 0x1122334455667788);
	IS(s[1].ssi_int, 0x55667788);
	IS(sys(SYS_read, fd, s, sizeof(s)), sizeof(*s));
	IS(s[0].ssi_int, 5);
	IS(sys(SYS_poll, &p, 1, 0), 0);
	IS(sys(SYS_read, fd, s, sizeof(s)), -EAGAIN);
}

TEST(children)
{
	struct signalfd_siginfo s;
	long fd, pid;

	block_signals(mask_of(SIGCHLD));
	fd = make(mask_of(SIGCHLD), 0);
	pid = MUST(sys(SYS_fork));
	if (!pid)
		sys(SYS_exit_group, 9);
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_signo, SIGCHLD);
	IS(s.ssi_code, CLD_EXITED);
	IS(s.ssi_pid, pid);
	IS(s.ssi_status, 9);
	IS(reap(pid), EXITED(9));
}

TEST(mask_can_change)
{
	unsigned long mask = mask_of(SIGUSR2);
	struct signalfd_siginfo s;
	long fd, pid = sys(SYS_getpid);

	block_signals(mask_of(SIGUSR1) | mask_of(SIGUSR2));
	fd = make(mask_of(SIGUSR1), O_NONBLOCK);
	IS(sys(SYS_kill, pid, SIGUSR2), 0);
	IS(sys(SYS_read, fd, &s, sizeof(s)), -EAGAIN);
	IS(sys(SYS_signalfd, fd, &mask, 8), fd);
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_signo, SIGUSR2);
	mask = ~0ul; /* KILL and STOP are left out silently */
	IS(sys(SYS_signalfd4, fd, &mask, 8, 0), fd);
}

TEST(taken_signals_are_gone)
{
	struct signalfd_siginfo s;
	unsigned long pending = 0;
	long fd;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	block_signals(mask_of(SIGUSR1));
	fd = make(mask_of(SIGUSR1), 0);
	IS(sys(SYS_tgkill, sys(SYS_getpid), sys(SYS_gettid), SIGUSR1), 0);
	IS(sys(SYS_rt_sigpending, &pending, 8), 0);
	IS(pending, mask_of(SIGUSR1));
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_code, SI_TKILL);
	unblock_signals(mask_of(SIGUSR1));
	IS(caught, 0);
}

static void send_later(void *pid)
{
	sleep_ms(10);
	IS(sys(SYS_kill, pid, SIGUSR1), 0);
}

TEST(blocking_read)
{
	struct signalfd_siginfo s;
	long fd, pid;

	block_signals(mask_of(SIGUSR1));
	fd = make(mask_of(SIGUSR1), 0);
	pid = child(send_later, (void *)sys(SYS_getpid));
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_signo, SIGUSR1);
	IS(s.ssi_pid, pid);
	IS(reap(pid), 0);
}

/* Whoever reads gets his own signals, not those of the process that made the descriptor. */
static void read_mine(void *fd)
{
	struct signalfd_siginfo s;

	IS(sys(SYS_read, fd, &s, sizeof(s)), -EAGAIN);
	IS(sys(SYS_kill, sys(SYS_getpid), SIGUSR1), 0);
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_pid, sys(SYS_getpid));
}

TEST(signals_of_the_reader)
{
	struct signalfd_siginfo s;
	long fd;

	block_signals(mask_of(SIGUSR1));
	fd = make(mask_of(SIGUSR1), O_NONBLOCK);
	IS(sys(SYS_kill, sys(SYS_getpid), SIGUSR1), 0);
	IS(in_child(read_mine, (void *)fd), 0);
	IS(sys(SYS_read, fd, &s, sizeof(s)), sizeof(s));
	IS(s.ssi_pid, sys(SYS_getpid));
}

/* The process that added the descriptor to an epoll set ends before the set. */
static void add_and_end(void *arg)
{
	struct {
		uint32_t events;
		uint64_t data;
	} __attribute__((packed)) e = {1, 1};
	long *fds = arg;

	IS(sys(SYS_epoll_ctl, fds[0], 1, fds[1], &e), 0);
}

TEST(adder_ends_before_the_epoll_set)
{
	char events[12];
	long fds[2];

	block_signals(mask_of(SIGUSR1));
	fds[0] = MUST(sys(SYS_epoll_create1, 0));
	fds[1] = make(mask_of(SIGUSR1), O_NONBLOCK);
	IS(in_child(add_and_end, fds), 0);
	for (int i = 0; i < 50; i++)
		IS(in_child(read_mine, (void *)fds[1]), 0);
	OK(sys(SYS_epoll_wait, fds[0], events, 1, 0));
	IS(sys(SYS_close, fds[1]), 0);
	IS(sys(SYS_epoll_wait, fds[0], events, 1, 0), 0);
}
