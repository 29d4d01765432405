/* SPDX-License-Identifier: MIT */
/* dup(2), dup2, dup3, F_DUPFD. */
#include "check.h"

TEST(lowest_and_given)
{
	long a, b;

	a = MUST(sys(SYS_dup, 1));
	b = MUST(sys(SYS_dup, 1));
	IS(b, a + 1);
	IS(sys(SYS_dup2, 1, 50), 50);
	IS(sys(SYS_dup2, 50, a), a);
	IS(sys(SYS_dup2, 50, 50), 50); /* itself: nothing closed */
	OK(sys(SYS_fcntl, 50, F_GETFD));
	IS(sys(SYS_dup2, 99, 99), -EBADF);
	IS(sys(SYS_dup2, 99, a), -EBADF);
	OK(sys(SYS_fcntl, a, F_GETFD)); /* the target of a failed dup2 stays open */
	IS(sys(SYS_dup2, 1, -1), -EBADF);
	IS(sys(SYS_dup2, 1, 1 << 30), -EBADF);
	IS(sys(SYS_dup, 99), -EBADF);
	IS(sys(SYS_dup, -1), -EBADF);
}

TEST(close_on_exec_is_per_descriptor)
{
	long a = MUST(sys(SYS_dup, 1));

	IS(sys(SYS_fcntl, a, F_SETFD, FD_CLOEXEC), 0);
	IS(sys(SYS_fcntl, MUST(sys(SYS_dup, a)), F_GETFD), 0);
	IS(sys(SYS_dup2, a, 60), 60);
	IS(sys(SYS_fcntl, 60, F_GETFD), 0);
	IS(sys(SYS_fcntl, a, F_DUPFD, 70), 70);
	IS(sys(SYS_fcntl, 70, F_GETFD), 0);
	IS(sys(SYS_fcntl, a, F_DUPFD_CLOEXEC, 70), 71);
	IS(sys(SYS_fcntl, 71, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, a, F_DUPFD, -1), -EINVAL);
	IS(sys(SYS_fcntl, 99, F_DUPFD, 0), -EBADF);
}

TEST(dup3)
{
	IS(sys(SYS_dup3, 1, 40, O_CLOEXEC), 40);
	IS(sys(SYS_fcntl, 40, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_dup3, 1, 41, 0), 41);
	IS(sys(SYS_fcntl, 41, F_GETFD), 0);
	IS(sys(SYS_dup3, 1, 1, 0), -EINVAL);
	IS(sys(SYS_dup3, 1, 42, O_NONBLOCK), -EINVAL);
	IS(sys(SYS_dup3, 99, 42, 0), -EBADF);
}

/* dup2 over the only writer of a pipe gives its reader end of file. */
TEST(dup2_closes_what_was_there)
{
	char c;
	int p[2];

	make_pipe(p);
	IS(sys(SYS_dup2, 1, p[1]), p[1]);
	IS(sys(SYS_read, p[0], &c, 1), 0);
}

/* Status flags belong to the open file, not to the descriptor. */
TEST(status_flags_are_shared)
{
	int p[2];
	long copy;
	char c;

	make_pipe(p);
	copy = MUST(sys(SYS_dup, p[0]));
	IS(sys(SYS_fcntl, copy, F_SETFL, O_NONBLOCK), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	IS(sys(SYS_read, p[0], &c, 1), -EAGAIN);
	IS(sys(SYS_fcntl, p[1], F_GETFL), O_WRONLY);
}
