/* SPDX-License-Identifier: MIT */
/* ioctl(2) on what is not a terminal: isatty() must fail in the right way, and the generic requests work. */
#include "check.h"

#include <sys/ioctl.h>

TEST_FLAGS(not_a_terminal, FILES)
{
	char termios[64];
	long file = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));
	int p[2];

	make_pipe(p);
	IS(sys(SYS_ioctl, p[0], TCGETS, termios), -ENOTTY);
	IS(sys(SYS_ioctl, file, TCGETS, termios), -ENOTTY);
	IS(sys(SYS_ioctl, MUST(sys(SYS_open, ".", O_RDONLY)), TCGETS, termios), -ENOTTY);
	IS(sys(SYS_ioctl, MUST(sys(SYS_open, "/dev/null", O_RDWR)), TCGETS, termios), -ENOTTY);
	IS(sys(SYS_ioctl, p[0], TIOCGWINSZ, termios), -ENOTTY);
	IS(sys(SYS_ioctl, p[0], TIOCGPGRP, termios), -ENOTTY);
	IS(sys(SYS_ioctl, file, 0x12345678, termios), -ENOTTY);
	IS(sys(SYS_ioctl, 99, TCGETS, termios), -EBADF);
}

TEST(bytes_waiting)
{
	int p[2], n = -1;

	make_pipe(p);
	IS(sys(SYS_ioctl, p[0], FIONREAD, &n), 0);
	IS(n, 0);
	IS(sys(SYS_write, p[1], "abcde", 5), 5);
	IS(sys(SYS_ioctl, p[0], FIONREAD, &n), 0);
	IS(n, 5);
	IS(sys(SYS_ioctl, p[0], FIONREAD, BAD_KERNEL), -EFAULT);
}

TEST(descriptor_requests)
{
	int p[2], on = 1, off = 0;
	char c;

	make_pipe(p);
	IS(sys(SYS_ioctl, p[0], FIONBIO, &on), 0);
	IS(sys(SYS_read, p[0], &c, 1), -EAGAIN);
	IS(sys(SYS_fcntl, p[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	IS(sys(SYS_ioctl, p[0], FIONBIO, &off), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFL) & O_NONBLOCK, 0);
	IS(sys(SYS_ioctl, p[0], FIONBIO, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_ioctl, p[0], FIOCLEX), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_ioctl, p[0], FIONCLEX), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFD), 0);
}

TEST_FLAGS(clone_file_is_refused_politely, FILES)
{
	long a = MUST(sys(SYS_open, "a", O_RDWR | O_CREAT, 0644));
	long b = MUST(sys(SYS_open, "b", O_RDWR | O_CREAT, 0644));
	long result = sys(SYS_ioctl, a, 0x40049409, b); /* FICLONE: cp falls back */

	TRUE(result == -EOPNOTSUPP || result == -ENOTTY || result == -EINVAL || result == 0);
}
