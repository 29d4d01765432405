/* SPDX-License-Identifier: MIT */
/* close(2), close_range(2). */
#include "check.h"

#include <sys/resource.h>

TEST(frees_the_number)
{
	int p[2];
	char c;

	make_pipe(p);
	IS(sys(SYS_close, p[0]), 0);
	IS(sys(SYS_close, p[0]), -EBADF);
	IS(sys(SYS_read, p[0], &c, 1), -EBADF);
	IS(sys(SYS_close, 12345), -EBADF);
	IS(sys(SYS_close, -1), -EBADF);
	IS(sys(SYS_close, 0x7fffffff), -EBADF);
	/* The number is 32 bits: the upper half of the register does not count. */
	IS(sys(SYS_close, 0x100000000L | p[1]), 0);
}

TEST(close_range_closes)
{
	long fd[6];

	NEEDS(SYS_close_range, 5, 4, 0);
	for (int i = 0; i < 6; i++)
		fd[i] = MUST(sys(SYS_dup, 1));
	IS(sys(SYS_close_range, fd[1], fd[3], 0), 0);
	OK(sys(SYS_fcntl, fd[0], F_GETFD));
	IS(sys(SYS_fcntl, fd[1], F_GETFD), -EBADF);
	IS(sys(SYS_fcntl, fd[3], F_GETFD), -EBADF);
	IS(sys(SYS_close_range, fd[0], ~0u, 4), 0); /* CLOSE_RANGE_CLOEXEC */
	IS(sys(SYS_fcntl, fd[0], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, fd[5], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_close_range, fd[0], ~0u, 0), 0);
	IS(sys(SYS_fcntl, fd[5], F_GETFD), -EBADF);
	IS(sys(SYS_close_range, 5, 4, 0), -EINVAL);
	IS(sys(SYS_close_range, 5, 6, 0x100), -EINVAL);
}

/* Too many open files: EMFILE at the soft limit, and all calls that make descriptors say so. */
TEST(descriptor_limit)
{
	struct rlimit limit = {16, 4096};
	long fd, last = -1;
	int p[2];

	MUST(sys(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL));
	while ((fd = sys(SYS_dup, 1)) >= 0)
		last = fd;
	IS(fd, -EMFILE);
	IS(last, 15);
	IS(sys(SYS_open, ".", O_RDONLY), -EMFILE);
	IS(sys(SYS_pipe, p), -EMFILE);
	IS(sys(SYS_fcntl, 1, F_DUPFD, 3), -EMFILE);
	IS(sys(SYS_fcntl, 1, F_DUPFD, 16), -EINVAL);
	IS(sys(SYS_dup2, 1, 16), -EBADF);
	IS(sys(SYS_close, 15), 0);
	IS(sys(SYS_pipe, p), -EMFILE); /* needs two */
	IS(sys(SYS_dup, 1), 15);       /* and gave back the one it had */
}
