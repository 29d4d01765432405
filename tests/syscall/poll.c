/* SPDX-License-Identifier: MIT */
/* poll(2), ppoll, select, pselect6: readiness, hang-up, timeouts, and the mask that is swapped in. */
#include "check.h"

#include <poll.h>
#include <sys/select.h>
#include <time.h>

TEST(pipe_states)
{
	struct pollfd f[2];
	static char block[65536];
	int p[2];

	make_pipe(p);
	f[0] = (struct pollfd){p[0], POLLIN, -1};
	f[1] = (struct pollfd){p[1], POLLOUT, -1};
	IS(sys(SYS_poll, f, 2, 0), 1);
	IS(f[0].revents, 0);
	IS(f[1].revents, POLLOUT);
	IS(sys(SYS_write, p[1], block, 65536), 65536);
	IS(sys(SYS_poll, f, 2, 0), 1);
	IS(f[0].revents, POLLIN);
	IS(f[1].revents, 0);
	IS(sys(SYS_read, p[0], block, 65536), 65536);
	IS(sys(SYS_close, p[1]), 0);
	IS(sys(SYS_poll, f, 1, 0), 1);
	IS(f[0].revents, POLLHUP);
}

TEST(writer_without_reader)
{
	struct pollfd f;
	int p[2];

	make_pipe(p);
	sys(SYS_close, p[0]);
	f = (struct pollfd){p[1], POLLOUT, 0};
	IS(sys(SYS_poll, &f, 1, -1), 1);
	IS(f.revents, POLLOUT | POLLERR);
	f.events = 0;
	IS(sys(SYS_poll, &f, 1, -1), 1);
	IS(f.revents, POLLERR);
}

TEST_FLAGS(files_are_always_ready, FILES)
{
	struct pollfd f = {MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644)), POLLIN | POLLOUT, 0};

	IS(sys(SYS_poll, &f, 1, -1), 1);
	IS(f.revents, POLLIN | POLLOUT);
}

TEST(bad_descriptors)
{
	struct pollfd f[2] = {{99, POLLIN, 0}, {-1, POLLIN, 77}};

	IS(sys(SYS_poll, f, 2, 0), 1);
	IS(f[0].revents, POLLNVAL);
	IS(f[1].revents, 0); /* negative: left out */
	IS(sys(SYS_poll, BAD_KERNEL, 1, 0), -EFAULT);
	IS(sys(SYS_poll, NULL, 1000000, 0), -EINVAL); /* more than RLIMIT_NOFILE */
	IS(sys(SYS_poll, NULL, 0, 0), 0);
}

TEST(timeout)
{
	long start = now_ns();

	IS(sys(SYS_poll, NULL, 0, 30), 0);
	TRUE(now_ns() - start >= 30000000);
}

static void write_later(void *arg)
{
	int *p = arg;

	sleep_ms(20);
	IS(sys(SYS_write, p[1], "x", 1), 1);
}

TEST(wakes_up)
{
	struct pollfd f;
	int p[2];
	long pid;

	make_pipe(p);
	pid = child(write_later, p);
	f = (struct pollfd){p[0], POLLIN, 0};
	IS(sys(SYS_poll, &f, 1, -1), 1);
	IS(f.revents, POLLIN);
	IS(reap(pid), 0);
}

TEST(interrupted)
{
	struct {
		long i_sec, i_usec, sec, usec;
	} timer = {0, 0, 0, 10000};

	MUST(on_signal(SIGALRM, catch_signal, SA_SIGINFO | SA_RESTART));
	MUST(sys(SYS_setitimer, 0, &timer, NULL));
	IS(sys(SYS_poll, NULL, 0, -1), -EINTR); /* never restarted by SA_RESTART */
	IS(caught, 1);
}

TEST(select_sets)
{
	struct {
		long sec, usec;
	} zero = {0, 0};
	fd_set in, out;
	int p[2];

	make_pipe(p);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(p[0], &in);
	FD_SET(p[1], &out);
	IS(sys(SYS_select, p[1] + 1, &in, &out, NULL, &zero), 1);
	TRUE(!FD_ISSET(p[0], &in) && FD_ISSET(p[1], &out));
	IS(sys(SYS_write, p[1], "x", 1), 1);
	FD_SET(p[0], &in);
	IS(sys(SYS_select, p[1] + 1, &in, &out, NULL, NULL), 2);
	/* Linux looks no further than its descriptor table is long: make it long enough for the closed 99 to
	 * be seen. */
	MUST(sys(SYS_dup2, p[0], 100));
	MUST(sys(SYS_close, 100));
	FD_SET(99, &in);
	IS(sys(SYS_select, 100, &in, NULL, NULL, &zero), -EBADF);
	IS(sys(SYS_select, -1, NULL, NULL, NULL, &zero), -EINVAL);
	IS(sys(SYS_select, 1, BAD_KERNEL, NULL, NULL, &zero), -EFAULT);
	zero.usec = 5000;
	IS(sys(SYS_select, 0, NULL, NULL, NULL, &zero), 0);
	zero.usec = -1;
	zero.sec = -1;
	IS(sys(SYS_select, 0, NULL, NULL, NULL, &zero), -EINVAL);
}

/* A blocked pending signal is taken exactly inside the call that unblocks it. */
TEST(mask_is_swapped_atomically)
{
	struct timespec ts = {10, 0};
	unsigned long empty = 0, now = 0;
	struct {
		unsigned long *set;
		long size;
	} six = {&empty, 8};

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 0);
	IS(sys(SYS_ppoll, NULL, 0, &ts, &empty, 8), -EINTR);
	IS(caught, 1);
	IS(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &now, 8), 0);
	IS(now, SIGBIT(SIGUSR1));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(sys(SYS_pselect6, 0, NULL, NULL, NULL, &ts, &six), -EINTR);
	IS(caught, 2);
	IS(sys(SYS_ppoll, NULL, 0, &ts, &empty, 4), -EINVAL);
	ts.tv_sec = 0;
	ts.tv_nsec = 1000000000;
	IS(sys(SYS_ppoll, NULL, 0, &ts, NULL, 8), -EINVAL);
}
