/* SPDX-License-Identifier: MIT */
/* splice(2), tee(2), vmsplice(2). */
#include "check.h"

#include <sys/uio.h>

enum { NONBLOCK = 2 };

static void fill(char *bytes, long size)
{
	for (long i = 0; i < size; i++)
		bytes[i] = (char)(i * 31 >> 4);
}

TEST_FLAGS(refusals, FILES)
{
	long fd, append, at = 0;
	int p[2], q[2];
	struct iovec v = {p, 4};

	make_pipe(p);
	make_pipe(q);
	make_file("f", "data", 4, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	append = MUST(sys(SYS_open, "f", O_RDWR | O_APPEND));
	IS(sys(SYS_splice, fd, NULL, fd, NULL, 10, 0), -EINVAL); /* no pipe */
	IS(sys(SYS_splice, 99, NULL, p[1], NULL, 10, 0), -EBADF);
	IS(sys(SYS_splice, fd, NULL, p[0], NULL, 10, 0), -EBADF); /* the wrong end */
	IS(sys(SYS_splice, p[0], &at, fd, NULL, 10, 0), -ESPIPE);
	IS(sys(SYS_splice, p[0], NULL, p[1], NULL, 10, 0), -EINVAL); /* one pipe's two ends */
	IS(sys(SYS_splice, fd, NULL, p[1], NULL, 10, 16), -EINVAL);
	IS(sys(SYS_splice, fd, NULL, p[1], NULL, 0, 0), 0);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_splice, p[0], NULL, append, NULL, 10, 0), -EINVAL);
	IS(sys(SYS_tee, fd, p[1], 10, 0), -EINVAL);
	IS(sys(SYS_tee, p[0], p[1], 10, 0), -EINVAL);
	IS(sys(SYS_splice, q[0], NULL, p[1], NULL, 10, NONBLOCK), -EAGAIN);
	IS(sys(SYS_tee, q[0], p[1], 10, NONBLOCK), -EAGAIN);
	IS(sys(SYS_vmsplice, fd, &v, 1, 0), -EBADF);
	IS(sys(SYS_close, q[1]), 0);
	IS(sys(SYS_splice, q[0], NULL, p[1], NULL, 10, 0), 0); /* the end */
}

TEST_FLAGS(file_to_pipe_to_file, FILES)
{
	static char bytes[20000], back[20000];
	long in, out, at = 100;
	int p[2];

	fill(bytes, sizeof(bytes));
	make_pipe(p);
	make_file("in", bytes, sizeof(bytes), 0644);
	in = MUST(sys(SYS_open, "in", O_RDONLY));
	out = MUST(sys(SYS_open, "out", O_RDWR | O_CREAT, 0644));
	IS(sys(SYS_splice, in, NULL, p[1], NULL, 5000, 0), 5000);
	IS(sys(SYS_lseek, in, 0, SEEK_CUR), 5000); /* the file's own position moves */
	IS(sys(SYS_splice, p[0], NULL, out, &at, 4999, 0), 4999);
	IS(at, 5099);
	IS(sys(SYS_lseek, out, 0, SEEK_CUR), 0); /* not where one was given */
	IS(sys(SYS_splice, p[0], NULL, out, &at, 100, 0), 1);
	IS(sys(SYS_pread64, out, back, 5000, 100), 5000);
	SAME(back, bytes, 5000);
	/* more than there is, and the end of the file */
	IS(sys(SYS_splice, in, NULL, p[1], NULL, 100000, 0), 15000);
	IS(sys(SYS_splice, in, NULL, p[1], NULL, 100000, 0), 0);
	IS(sys(SYS_read, p[0], back, sizeof(back)), 15000);
	SAME(back, bytes + 5000, 15000);
}

TEST(pipe_to_pipe_and_tee)
{
	static char bytes[9000], back[9000];
	int p[2], q[2], r[2];

	fill(bytes, sizeof(bytes));
	make_pipe(p);
	make_pipe(q);
	make_pipe(r);
	IS(sys(SYS_write, p[1], bytes, 9000), 9000);
	IS(sys(SYS_tee, p[0], q[1], 20000, 0), 9000); /* and they are still there */
	IS(sys(SYS_splice, p[0], NULL, r[1], NULL, 8000, 0), 8000);
	IS(sys(SYS_read, q[0], back, 9000), 9000);
	SAME(back, bytes, 9000);
	IS(sys(SYS_read, r[0], back, 9000), 8000);
	SAME(back, bytes, 8000);
	IS(sys(SYS_read, p[0], back, 9000), 1000);
	SAME(back, bytes + 8000, 1000);
}

TEST(sockets)
{
	char back[16] = "";
	int p[2], s[2];

	make_pipe(p);
	MUST(sys(SYS_socketpair, 1, 1, 0, s));
	IS(sys(SYS_write, s[0], "hello", 5), 5);
	IS(sys(SYS_splice, s[1], NULL, p[1], NULL, 4096, 0), 5); /* what is there, no waiting for more */
	IS(sys(SYS_splice, p[0], NULL, s[1], NULL, 4096, 0), 5);
	IS(sys(SYS_read, s[0], back, sizeof(back)), 5);
	STREQ(back, "hello");
	IS(sys(SYS_close, s[0]), 0);
	IS(sys(SYS_splice, s[1], NULL, p[1], NULL, 10, 0), 0);
	MUST(on_signal(SIGPIPE, catch_signal, SA_SIGINFO));
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_splice, p[0], NULL, s[1], NULL, 10, 0), -EPIPE);
	IS(sys(SYS_close, p[0]), 0);
	make_file("f", "data", 4, 0644);
	IS(sys(SYS_splice, MUST(sys(SYS_open, "f", O_RDONLY)), NULL, p[1], NULL, 4, 0), -EPIPE);
	IS(caught, 2);
}

static void feed(void *arg)
{
	sleep_ms(10);
	IS(sys(SYS_write, (long)arg, "late", 4), 4);
}

TEST(waits_for_the_first)
{
	char back[8] = "";
	int p[2], q[2];
	long pid;

	make_pipe(p);
	make_pipe(q);
	pid = child(feed, (void *)(long)p[1]);
	IS(sys(SYS_splice, p[0], NULL, q[1], NULL, 100, 0), 4);
	IS(sys(SYS_read, q[0], back, sizeof(back)), 4);
	STREQ(back, "late");
	IS(reap(pid), 0);
}

TEST(memory)
{
	char a[] = "one ", b[] = "two", back[8] = "";
	struct iovec v[2] = {{a, 4}, {b, 3}}, to = {back, 8};
	int p[2];

	make_pipe(p);
	IS(sys(SYS_vmsplice, p[1], v, 2, 16), -EINVAL);
	IS(sys(SYS_vmsplice, p[1], v, 2, 0), 7);
	IS(sys(SYS_vmsplice, p[0], &to, 1, 0), 7);
	STREQ(back, "one two");
}
