/* SPDX-License-Identifier: MIT */
/* timerfd_create(2), timerfd_settime(2), timerfd_gettime(2). */
#include "check.h"

#include <poll.h>
#include <time.h>

#define MS 1000000l
enum { ABSTIME = 1, CANCEL_ON_SET = 2 };

static long timer(int clock, int flags)
{
	return MUST(sys(SYS_timerfd_create, clock, flags));
}

static long set(long fd, int flags, long value_ns, long interval_ns)
{
	struct itimerspec s = {{interval_ns / 1000000000, interval_ns % 1000000000},
			       {value_ns / 1000000000, value_ns % 1000000000}};

	return sys(SYS_timerfd_settime, fd, flags, &s, NULL);
}

TEST(refusals)
{
	struct itimerspec s = {{0, 0}, {1, 0}};
	long fd, null = MUST(sys(SYS_open, "/dev/null", O_RDWR));
	char few[7];

	IS(sys(SYS_timerfd_create, CLOCK_MONOTONIC, 1), -EINVAL);
	IS(sys(SYS_timerfd_create, 2, 0), -EINVAL);
	IS(sys(SYS_timerfd_create, -1, 0), -EINVAL);
	IS(sys(SYS_timerfd_create, 100, 0), -EINVAL);
	fd = timer(CLOCK_MONOTONIC, 0);
	IS(sys(SYS_timerfd_settime, fd, 4, &s, NULL), -EINVAL);
	IS(sys(SYS_timerfd_settime, fd, 0, NULL, NULL), -EFAULT);
	IS(sys(SYS_timerfd_settime, fd, 0, BAD_KERNEL, NULL), -EFAULT);
	IS(sys(SYS_timerfd_settime, 99, 0, &s, NULL), -EBADF);
	IS(sys(SYS_timerfd_settime, null, 0, &s, NULL), -EINVAL);
	IS(sys(SYS_timerfd_gettime, null, &s), -EINVAL);
	IS(sys(SYS_timerfd_gettime, 99, &s), -EBADF);
	IS(sys(SYS_timerfd_gettime, fd, BAD_UNMAPPED), -EFAULT);
	s.it_value.tv_nsec = 1000000000;
	IS(sys(SYS_timerfd_settime, fd, 0, &s, NULL), -EINVAL);
	s.it_value.tv_nsec = 0;
	s.it_interval.tv_sec = -1;
	IS(sys(SYS_timerfd_settime, fd, 0, &s, NULL), -EINVAL);
	IS(sys(SYS_read, fd, few, sizeof(few)), -EINVAL);
	IS(sys(SYS_write, fd, "12345678", 8), -EINVAL);
	IS(sys(SYS_pread64, fd, few, 8, 0), -ESPIPE);
}

TEST(flags_and_name)
{
	long fd = timer(CLOCK_BOOTTIME, O_NONBLOCK | O_CLOEXEC);
	char path[64] = "/proc/self/fd/0", name[64] = "", ticks[8];

	path[14] = (char)('0' + fd);
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, fd, F_GETFL), O_RDWR | O_NONBLOCK);
	IS(sys(SYS_read, fd, ticks, 8), -EAGAIN);
	OK(sys(SYS_readlink, path, name, sizeof(name)));
	STREQ(name, "anon_inode:[timerfd]");
}

TEST(expires_once)
{
	struct itimerspec s;
	struct pollfd p;
	uint64_t ticks = 0;
	long fd = timer(CLOCK_MONOTONIC, 0), begin = now_ns();

	p = (struct pollfd){(int)fd, POLLIN, 0};
	IS(sys(SYS_poll, &p, 1, 0), 0);
	IS(set(fd, 0, 20 * MS, 0), 0);
	IS(sys(SYS_read, fd, &ticks, 8), 8);
	IS(ticks, 1);
	TRUE(now_ns() - begin >= 20 * MS);
	IS(sys(SYS_timerfd_gettime, fd, &s), 0);
	IS(s.it_value.tv_sec | s.it_value.tv_nsec, 0);
	IS(sys(SYS_poll, &p, 1, 0), 0);
	IS(set(fd, 0, 1, 0), 0);
	IS(sys(SYS_poll, &p, 1, -1), 1);
	IS(p.revents, POLLIN);
	/* setting it again forgets what nobody has read */
	IS(set(fd, 0, 0, 0), 0);
	IS(sys(SYS_poll, &p, 1, 0), 0);
}

TEST(counts_what_was_missed)
{
	uint64_t ticks = 0;
	long fd = timer(CLOCK_MONOTONIC, 0), begin = now_ns(), after;

	IS(set(fd, 0, 2 * MS, 2 * MS), 0);
	sleep_ms(50);
	IS(sys(SYS_read, fd, &ticks, 8), 8);
	after = now_ns();
	TRUE(ticks >= 20);
	TRUE((long)ticks <= (after - begin) / (2 * MS));
	IS(sys(SYS_read, fd, &ticks, 8), 8); /* and goes on */
	TRUE(ticks >= 1);
}

TEST(absolute_times)
{
	static const int clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
	struct timespec now;
	uint64_t ticks;

	for (int i = 0; i < 3; i++) {
		long fd = timer(clocks[i], O_NONBLOCK);
		struct pollfd p = {(int)fd, POLLIN, 0};
		long at;

		MUST(sys(SYS_clock_gettime, clocks[i], &now));
		at = now.tv_sec * 1000000000 + now.tv_nsec + 10 * MS;
		IS(set(fd, ABSTIME, at, 0), 0);
		IS(sys(SYS_poll, &p, 1, -1), 1);
		MUST(sys(SYS_clock_gettime, clocks[i], &now));
		TRUE(now.tv_sec * 1000000000 + now.tv_nsec >= at);
		IS(sys(SYS_read, fd, &ticks, 8), 8);
		IS(ticks, 1);
		IS(set(fd, ABSTIME, 1, 0), 0); /* long ago */
		IS(sys(SYS_poll, &p, 1, -1), 1);
	}
}

TEST(past_with_interval)
{
	uint64_t ticks = 0;
	long fd = timer(CLOCK_MONOTONIC, 0), begin = now_ns();

	/* one interval per second since the clock began */
	IS(set(fd, ABSTIME, 1, 1000000000l), 0);
	IS(sys(SYS_read, fd, &ticks, 8), 8);
	TRUE((long)ticks >= begin / 1000000000 && (long)ticks <= now_ns() / 1000000000 + 1);
}

TEST(reads_back)
{
	struct itimerspec s = {{3, 5}, {1000, 7}}, old = {{9, 9}, {9, 9}};
	long fd = timer(CLOCK_REALTIME, 0);

	IS(sys(SYS_timerfd_settime, fd, 0, &s, &old), 0);
	IS(old.it_value.tv_sec | old.it_value.tv_nsec | old.it_interval.tv_sec | old.it_interval.tv_nsec, 0);
	IS(sys(SYS_timerfd_gettime, fd, &old), 0);
	IS(old.it_interval.tv_sec, 3);
	IS(old.it_interval.tv_nsec, 5);
	TRUE(old.it_value.tv_sec >= 900 && old.it_value.tv_sec <= 1000);
	s.it_value.tv_sec = s.it_value.tv_nsec = 0;
	IS(sys(SYS_timerfd_settime, fd, 0, &s, &old), 0);
	TRUE(old.it_value.tv_sec >= 900);
	IS(sys(SYS_timerfd_gettime, fd, &old), 0);
	IS(old.it_value.tv_sec | old.it_value.tv_nsec, 0);
}

/* Asking for the state does not lose what has expired. */
TEST(state_of_an_expired_one)
{
	struct itimerspec s;
	uint64_t ticks = 0;
	long fd = timer(CLOCK_MONOTONIC, 0);
	struct pollfd p = {(int)fd, POLLIN, 0};

	IS(set(fd, 0, MS, 3600 * 1000 * MS), 0);
	IS(sys(SYS_poll, &p, 1, -1), 1);
	IS(sys(SYS_timerfd_gettime, fd, &s), 0);
	TRUE(s.it_value.tv_sec > 3000);
	IS(sys(SYS_poll, &p, 1, 0), 1);
	IS(sys(SYS_read, fd, &ticks, 8), 8);
	IS(ticks, 1);
	IS(sys(SYS_timerfd_gettime, fd, &s), 0);
	TRUE(s.it_value.tv_sec > 3000);
}

TEST(cancel_on_set_is_taken)
{
	struct timespec now;
	uint64_t ticks = 0;
	long fd = timer(CLOCK_REALTIME, 0);

	MUST(sys(SYS_clock_gettime, CLOCK_REALTIME, &now));
	IS(set(fd, ABSTIME | CANCEL_ON_SET, now.tv_sec * 1000000000 + now.tv_nsec + 5 * MS, 0), 0);
	IS(sys(SYS_read, fd, &ticks, 8), 8); /* nobody sets the clock */
	IS(ticks, 1);
}

static void arm_shared(void *fd)
{
	sleep_ms(10);
	IS(set((long)fd, 0, 1, 0), 0);
}

TEST(another_process_arms_it)
{
	uint64_t ticks = 0;
	long fd = timer(CLOCK_MONOTONIC, 0), pid = child(arm_shared, (void *)fd);

	IS(sys(SYS_read, fd, &ticks, 8), 8);
	IS(ticks, 1);
	IS(reap(pid), 0);
}

/* An interval no machine can follow: it must stay usable. */
TEST(shortest_interval)
{
	uint64_t ticks = 0, sum = 0;
	long fd = timer(CLOCK_MONOTONIC, 0), begin = now_ns();

	IS(set(fd, 0, 1, 1), 0);
	for (int i = 0; i < 20; i++) {
		IS(sys(SYS_read, fd, &ticks, 8), 8);
		sum += ticks;
	}
	TRUE(sum >= 20 && (long)sum <= now_ns() - begin);
}

TEST(epoll_and_interrupt)
{
	struct {
		uint32_t events;
		uint64_t data;
	} __attribute__((packed)) e = {1u | 1u << 31, 77}, got;
	uint64_t ticks;
	long fd = timer(CLOCK_MONOTONIC, 0), ep = MUST(sys(SYS_epoll_create1, 0));

	IS(sys(SYS_epoll_ctl, ep, 1, fd, &e), 0);
	IS(sys(SYS_epoll_wait, ep, &got, 1, 0), 0);
	IS(set(fd, 0, MS, 0), 0);
	IS(sys(SYS_epoll_wait, ep, &got, 1, -1), 1);
	IS(got.data, 77);
	IS(sys(SYS_epoll_wait, ep, &got, 1, 0), 0); /* edge-triggered */
	IS(sys(SYS_read, fd, &ticks, 8), 8);
	/* a signal ends a read that waits */
	MUST(on_signal(SIGALRM, catch_signal, SA_SIGINFO));
	sys(SYS_alarm, 1);
	IS(sys(SYS_read, fd, &ticks, 8), -EINTR);
	IS(caught, 1);
}
