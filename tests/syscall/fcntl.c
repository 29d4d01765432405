/* SPDX-License-Identifier: MIT */
/* fcntl(2): flags, pipe sizes, owners, and refusals. */
#include "check.h"

TEST_FLAGS(status_flags, FILES)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	IS(sys(SYS_fcntl, fd, F_GETFL) & O_ACCMODE, O_RDWR);
	IS(sys(SYS_fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK), 0);
	IS(sys(SYS_fcntl, fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND | O_NONBLOCK);
	IS(sys(SYS_fcntl, fd, F_SETFL, O_WRONLY | O_TRUNC), 0); /* access mode cannot change */
	IS(sys(SYS_fcntl, fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_TRUNC), O_RDWR);
}

TEST_FLAGS(append_by_setfl, FILES)
{
	char text[8];
	long fd;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_fcntl, fd, F_SETFL, O_APPEND), 0);
	IS(sys(SYS_write, fd, "d", 1), 1);
	IS(slurp("f", text, sizeof(text)), 4);
	STREQ(text, "abcd");
}

TEST(close_on_exec)
{
	long fd = MUST(sys(SYS_dup, 1));

	IS(sys(SYS_fcntl, fd, F_GETFD), 0);
	IS(sys(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC), 0);
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, fd, F_SETFD, 0), 0);
	IS(sys(SYS_fcntl, fd, F_GETFD), 0);
}

TEST(refusals)
{
	IS(sys(SYS_fcntl, 99, F_GETFD), -EBADF);
	IS(sys(SYS_fcntl, 99, F_GETFL), -EBADF);
	IS(sys(SYS_fcntl, 1, 9999), -EINVAL);
	IS(sys(SYS_fcntl, 99, 9999), -EBADF);
	IS(sys(SYS_fcntl, 1, F_GETLK, BAD_KERNEL), -EFAULT);
}

TEST(pipe_size)
{
	int p[2];

	make_pipe(p);
	IS(sys(SYS_fcntl, p[0], 1032), 65536); /* F_GETPIPE_SZ */
	IS(sys(SYS_fcntl, MUST(sys(SYS_open, ".", O_RDONLY)), 1032), -EBADF);
}
