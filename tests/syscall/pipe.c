/* SPDX-License-Identifier: MIT */
/* pipe(2), pipe2: order, end of file, capacity, atomicity, blocking, SIGPIPE. */
#include "check.h"

TEST(bytes_in_order)
{
	char text[16];
	int p[2];

	IS(sys(SYS_pipe, p), 0);
	TRUE(p[0] >= 0 && p[1] > p[0]);
	IS(sys(SYS_write, p[1], "abc", 3), 3);
	IS(sys(SYS_write, p[1], "def", 3), 3);
	IS(sys(SYS_read, p[0], text, 4), 4);
	SAME(text, "abcd", 4);
	IS(sys(SYS_read, p[0], text, 16), 2);
	SAME(text, "ef", 2);
	IS(sys(SYS_read, p[1], text, 1), -EBADF);
	IS(sys(SYS_write, p[0], text, 1), -EBADF);
	IS(sys(SYS_read, p[0], text, 0), 0);
	IS(sys(SYS_write, p[1], text, 0), 0);
}

TEST(end_of_file)
{
	char text[16];
	int p[2];

	make_pipe(p);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_close, p[1]), 0);
	IS(sys(SYS_read, p[0], text, 16), 1);
	IS(sys(SYS_read, p[0], text, 16), 0);
	IS(sys(SYS_read, p[0], text, 16), 0);
}

TEST(flags)
{
	char c;
	int p[2];

	IS(sys(SYS_pipe2, p, O_CLOEXEC | O_NONBLOCK), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, p[1], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, p[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	IS(sys(SYS_fcntl, p[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	IS(sys(SYS_read, p[0], &c, 1), -EAGAIN);
	IS(sys(SYS_pipe2, p, O_APPEND), -EINVAL);
	IS(sys(SYS_pipe, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_pipe2, BAD_UNMAPPED, 0), -EFAULT);
	/* and the descriptors of the failed calls are free again */
	IS(sys(SYS_dup, 1), p[1] + 1);
}

TEST(capacity)
{
	static char block[65536 + 1];
	int p[2];

	MUST(sys(SYS_pipe2, p, O_NONBLOCK));
	IS(sys(SYS_write, p[1], block, sizeof(block)), 65536);
	IS(sys(SYS_write, p[1], block, 1), -EAGAIN);
	IS(sys(SYS_read, p[0], block, 4096), 4096);
	IS(sys(SYS_write, p[1], block, 4096), 4096);
	IS(sys(SYS_write, p[1], block, 1), -EAGAIN);
}

/* Up to PIPE_BUF all or nothing, beyond it as much as fits. */
TEST(partial_writes)
{
	static char block[65536];
	int p[2];

	MUST(sys(SYS_pipe2, p, O_NONBLOCK));
	IS(sys(SYS_write, p[1], block, 65536 - 2048), 65536 - 2048);
	IS(sys(SYS_write, p[1], block, 4096), -EAGAIN);
	TRUE(sys(SYS_write, p[1], block, 2048) == 2048);
}

TEST(broken)
{
	int p[2];

	MUST(on_signal(SIGPIPE, catch_signal, SA_SIGINFO));
	make_pipe(p);
	IS(sys(SYS_close, p[0]), 0);
	IS(sys(SYS_write, p[1], "x", 1), -EPIPE);
	IS(caught, 1);
	IS(caught_signal, SIGPIPE);
	MUST(on_signal_ignore(SIGPIPE));
	IS(sys(SYS_write, p[1], "x", 1), -EPIPE);
	IS(caught, 1);
}

static void write_to_broken(void *arg)
{
	int p[2];

	(void)arg;
	make_pipe(p);
	sys(SYS_close, p[0]);
	sys(SYS_write, p[1], "x", 1);
}

TEST(broken_kills)
{
	IS(in_child(write_to_broken, NULL), KILLED(SIGPIPE));
}

static void writer(void *arg)
{
	int *p = arg;
	static char block[200000];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i % 251);
	sys(SYS_close, p[0]);
	IS(sys(SYS_write, p[1], block, sizeof(block)), sizeof(block)); /* blocks until all is taken */
}

TEST(blocking_writer)
{
	static char block[200000];
	size_t got = 0;
	int p[2];
	long pid, n;

	make_pipe(p);
	pid = child(writer, p);
	sys(SYS_close, p[1]);
	while ((n = MUST(sys(SYS_read, p[0], block + got, sizeof(block) - got))) > 0)
		got += n;
	IS(got, sizeof(block));
	for (size_t i = 0; i < got; i++)
		if (block[i] != (char)(i % 251)) {
			IS(i, -1);
			break;
		}
	IS(reap(pid), 0);
}

static void line_writer(void *arg)
{
	int *p = (int *)arg;
	static char block[512];

	memset(block, p[2], sizeof(block));
	for (int i = 0; i < 100; i++)
		IS(sys(SYS_write, p[1], block, 512), 512);
}

/* Writes of at most PIPE_BUF from several processes do not mix. */
TEST(atomic_writes)
{
	int a[3] = {0, 0, 'a'}, b[3] = {0, 0, 'b'}, p[2];
	static char block[512];
	long pid1, pid2, n, have;

	make_pipe(p);
	a[1] = b[1] = p[1];
	pid1 = child(line_writer, a);
	pid2 = child(line_writer, b);
	sys(SYS_close, p[1]);
	for (int i = 0; i < 200; i++) {
		for (have = 0; have < 512; have += n) {
			n = MUST(sys(SYS_read, p[0], block + have, 512 - have));
			if (!n)
				break;
		}
		IS(have, 512);
		for (int j = 1; j < 512; j++)
			if (block[j] != block[0]) {
				IS(j, -1);
				break;
			}
	}
	IS(sys(SYS_read, p[0], block, 1), 0);
	IS(reap(pid1), 0);
	IS(reap(pid2), 0);
}

static void read_late(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_close, p[1]);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(c, 'z');
}

TEST(blocking_reader)
{
	int p[2];
	long pid;

	make_pipe(p);
	pid = child(read_late, p);
	wait_state(pid, 'S');
	IS(sys(SYS_write, p[1], "z", 1), 1);
	IS(reap(pid), 0);
}

static void read_eof(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_close, p[1]);
	IS(sys(SYS_read, p[0], &c, 1), 0);
}

TEST(reader_wakes_at_last_close)
{
	int p[2];
	long pid;

	make_pipe(p);
	pid = child(read_eof, p);
	wait_state(pid, 'S');
	IS(sys(SYS_close, p[1]), 0);
	IS(reap(pid), 0);
}
