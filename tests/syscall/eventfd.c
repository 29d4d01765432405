/* SPDX-License-Identifier: MIT */
/* eventfd2(2). */
#include "check.h"

#include <poll.h>

TEST_FLAGS(counter, OPTIONAL)
{
	uint64_t value = 5;
	struct pollfd f;
	long fd;

	NEEDS(SYS_eventfd2, 0, 0x10);
	fd = MUST(sys(SYS_eventfd2, 0, O_NONBLOCK | O_CLOEXEC));
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_read, fd, &value, 8), -EAGAIN);
	value = 5;
	IS(sys(SYS_write, fd, &value, 8), 8);
	value = 7;
	IS(sys(SYS_write, fd, &value, 8), 8);
	f = (struct pollfd){fd, POLLIN | POLLOUT, 0};
	IS(sys(SYS_poll, &f, 1, 0), 1);
	IS(f.revents, POLLIN | POLLOUT);
	IS(sys(SYS_read, fd, &value, 8), 8);
	IS(value, 12);
	IS(sys(SYS_read, fd, &value, 8), -EAGAIN);
	value = ~0ull;
	IS(sys(SYS_write, fd, &value, 8), -EINVAL);
	value = ~0ull - 1;
	IS(sys(SYS_write, fd, &value, 8), 8);
	IS(sys(SYS_poll, &f, 1, 0), 1);
	IS(f.revents, POLLIN);
	value = 1;
	IS(sys(SYS_write, fd, &value, 8), -EAGAIN);
	IS(sys(SYS_read, fd, &value, 7), -EINVAL);
	IS(sys(SYS_write, fd, &value, 7), -EINVAL);
}

TEST_FLAGS(semaphore, OPTIONAL)
{
	uint64_t value;
	long fd;

	NEEDS(SYS_eventfd2, 0, 0x10);
	fd = MUST(sys(SYS_eventfd2, 2, 1 | O_NONBLOCK));
	IS(sys(SYS_read, fd, &value, 8), 8);
	IS(value, 1);
	IS(sys(SYS_read, fd, &value, 8), 8);
	IS(sys(SYS_read, fd, &value, 8), -EAGAIN);
	IS(sys(SYS_eventfd2, 0, 0x10), -EINVAL);
}

static void signal_it(void *arg)
{
	uint64_t one = 1;

	sleep_ms(10);
	IS(sys(SYS_write, (long)arg, &one, 8), 8);
}

TEST_FLAGS(blocks, OPTIONAL)
{
	uint64_t value;
	long fd, pid;

	NEEDS(SYS_eventfd2, 0, 0x10);
	fd = MUST(sys(SYS_eventfd2, 0, 0));
	pid = child(signal_it, (void *)fd);
	IS(sys(SYS_read, fd, &value, 8), 8);
	IS(value, 1);
	IS(reap(pid), 0);
}
