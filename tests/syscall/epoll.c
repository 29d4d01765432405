/* SPDX-License-Identifier: MIT */
/* epoll: the set, level and edge triggering, and the error codes event loops rely on. */
#include "check.h"

struct event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

enum { ADD = 1, DEL = 2, MOD = 3, IN = 1, OUT = 4, ERR = 8, HUP = 16, RDHUP = 0x2000 };
#define ET (1u << 31)
#define ONESHOT (1u << 30)

static long change(long ep, int op, long fd, uint32_t events)
{
	struct event e = {events, fd};

	return sys(SYS_epoll_ctl, ep, op, fd, &e);
}

static long make_set(void)
{
	NEEDS(SYS_epoll_create1, 0x10);
	return MUST(sys(SYS_epoll_create1, O_CLOEXEC));
}

TEST_FLAGS(level_triggered, OPTIONAL)
{
	long ep = make_set();
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(change(ep, ADD, p[0], IN), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 1);
	IS(e[0].events, IN);
	IS(e[0].data, p[0]);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 1); /* still there */
	IS(change(ep, ADD, p[1], OUT), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 2);
	IS(sys(SYS_epoll_wait, ep, e, 1, -1), 1);
	IS(change(ep, DEL, p[0], 0), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 1);
	IS(e[0].data, p[1]);
}

TEST_FLAGS(edge_triggered, OPTIONAL)
{
	long ep = make_set();
	struct event e[4];
	int p[2];
	char c;

	make_pipe(p);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(change(ep, ADD, p[0], IN | ET), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1); /* ready when added */
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(sys(SYS_write, p[1], "y", 1), 1);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1); /* something new came */
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(change(ep, MOD, p[0], IN | ET), 0); /* armed again */
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1);
}

TEST_FLAGS(one_shot, OPTIONAL)
{
	long ep = make_set();
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(change(ep, ADD, p[0], IN | ONESHOT), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
	IS(change(ep, MOD, p[0], IN | ONESHOT), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1);
}

TEST_FLAGS(hang_up, OPTIONAL)
{
	long ep = make_set();
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(change(ep, ADD, p[0], IN), 0);
	sys(SYS_close, p[1]);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 1);
	IS(e[0].events, HUP);
}

TEST_FLAGS(closing_removes, OPTIONAL)
{
	long ep = make_set(), copy;
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(change(ep, ADD, p[0], IN), 0);
	copy = MUST(sys(SYS_dup, p[0]));
	IS(sys(SYS_close, p[0]), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 1); /* the open file lives on in the copy */
	IS(sys(SYS_close, copy), 0);
	IS(sys(SYS_epoll_wait, ep, e, 4, 0), 0);
}

TEST_FLAGS(errors, FILES | OPTIONAL)
{
	long ep = make_set(), file;
	struct event e[4];
	int p[2];

	make_pipe(p);
	make_file("f", "", 0, 0644);
	file = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(change(ep, ADD, file, IN), -EPERM);
	IS(change(ep, ADD, p[0], IN), 0);
	IS(change(ep, ADD, p[0], IN), -EEXIST);
	IS(change(ep, MOD, p[1], OUT), -ENOENT);
	IS(change(ep, DEL, p[1], 0), -ENOENT);
	IS(change(ep, ADD, ep, IN), -EINVAL);
	IS(change(ep, ADD, 99, IN), -EBADF);
	IS(change(99, ADD, p[0], IN), -EBADF);
	IS(change(p[0], ADD, p[1], IN), -EINVAL);
	IS(change(ep, 9, p[1], IN), -EINVAL);
	IS(sys(SYS_epoll_ctl, ep, ADD, p[1], BAD_KERNEL), -EFAULT);
	IS(sys(SYS_epoll_wait, ep, e, 0, 0), -EINVAL);
	IS(sys(SYS_epoll_wait, ep, e, -1, 0), -EINVAL);
	IS(sys(SYS_epoll_wait, 99, e, 1, 0), -EBADF);
	IS(sys(SYS_epoll_wait, p[0], e, 1, 0), -EINVAL);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_wait, ep, BAD_KERNEL, 1, 0), -EFAULT);
	IS(sys(SYS_epoll_create1, 0x10), -EINVAL);
	IS(sys(SYS_epoll_create, 0), -EINVAL);
	OK(sys(SYS_epoll_create, 10));
}

TEST_FLAGS(nested, OPTIONAL)
{
	long outer = make_set(), inner = make_set();
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(change(inner, ADD, p[0], IN), 0);
	IS(change(outer, ADD, inner, IN), 0);
	IS(sys(SYS_epoll_wait, outer, e, 4, 0), 0);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_wait, outer, e, 4, 0), 1);
	IS(e[0].data, inner);
	IS(change(inner, ADD, outer, IN), -ELOOP);
}

static void write_later(void *arg)
{
	int *p = arg;

	sleep_ms(10);
	IS(sys(SYS_write, p[1], "x", 1), 1);
}

TEST_FLAGS(blocks_and_wakes, OPTIONAL)
{
	long ep = make_set(), pid, start;
	struct event e[4];
	int p[2];

	make_pipe(p);
	IS(change(ep, ADD, p[0], IN), 0);
	start = now_ns();
	IS(sys(SYS_epoll_wait, ep, e, 4, 15), 0);
	TRUE(now_ns() - start >= 15000000);
	pid = child(write_later, p);
	IS(sys(SYS_epoll_wait, ep, e, 4, -1), 1);
	IS(reap(pid), 0);
}

/* EINTR even with SA_RESTART; epoll_pwait swaps the mask. */
TEST_FLAGS(signals, OPTIONAL)
{
	unsigned long empty = 0;
	long ep = make_set();
	struct event e[4];

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(sys(SYS_epoll_wait, ep, e, 4, 1), 0);
	IS(caught, 0);
	IS(sys(SYS_epoll_pwait, ep, e, 4, -1, &empty, 8), -EINTR);
	IS(caught, 1);
}

TEST_FLAGS(exclusive, OPTIONAL)
{
	struct event e = {.events = (1u << 28) | IN | ET};
	long ep, inner;
	int p[2];

	NEEDS(SYS_epoll_create1, 0x10);
	ep = MUST(sys(SYS_epoll_create1, 0));
	inner = MUST(sys(SYS_epoll_create1, 0));
	make_pipe(p);
	IS(sys(SYS_epoll_ctl, ep, ADD, inner, &e), -EINVAL); /* not of sets */
	e.events = (1u << 28) | IN | ONESHOT;
	IS(sys(SYS_epoll_ctl, ep, ADD, p[0], &e), -EINVAL);
	e.events = (1u << 28) | IN | RDHUP;
	IS(sys(SYS_epoll_ctl, ep, ADD, p[0], &e), -EINVAL);
	e.events = (1u << 28) | IN;
	IS(sys(SYS_epoll_ctl, ep, ADD, p[0], &e), 0);
	e.events = IN;
	IS(sys(SYS_epoll_ctl, ep, MOD, p[0], &e), -EINVAL); /* once exclusive, always */
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_epoll_wait, ep, &e, 1, 0), 1);
}
