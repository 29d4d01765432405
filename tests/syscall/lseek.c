/* SPDX-License-Identifier: MIT */
/* lseek(2). */
#include "check.h"

TEST_FLAGS(positions, FILES)
{
	long fd;

	make_file("f", "0123456789", 10, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_lseek, fd, 4, SEEK_SET), 4);
	IS(sys(SYS_lseek, fd, 3, SEEK_CUR), 7);
	IS(sys(SYS_lseek, fd, -2, SEEK_CUR), 5);
	IS(sys(SYS_lseek, fd, -1, SEEK_END), 9);
	IS(sys(SYS_lseek, fd, 5, SEEK_END), 15);
	IS(sys(SYS_lseek, fd, -1, SEEK_SET), -EINVAL);
	IS(sys(SYS_lseek, fd, -11, SEEK_END), -EINVAL);
	IS(sys(SYS_lseek, fd, 0x7fffffffffffffffL, SEEK_CUR) < 0, 1);
	IS(sys(SYS_lseek, fd, 0, 99), -EINVAL);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 15);
}

TEST_FLAGS(data_and_holes, FILES)
{
	long fd;

	make_file("f", "0123456789", 10, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_lseek, fd, 3, SEEK_DATA), 3);
	IS(sys(SYS_lseek, fd, 3, SEEK_HOLE), 10);
	IS(sys(SYS_lseek, fd, 10, SEEK_DATA), -ENXIO);
	IS(sys(SYS_lseek, fd, 10, SEEK_HOLE), -ENXIO);
}

TEST(not_on_pipes)
{
	int p[2];

	make_pipe(p);
	IS(sys(SYS_lseek, p[0], 0, SEEK_CUR), -ESPIPE);
	IS(sys(SYS_lseek, p[1], 0, SEEK_SET), -ESPIPE);
	IS(sys(SYS_lseek, 99, 0, SEEK_SET), -EBADF);
}

/* The position belongs to the open file: shared by dup() and over fork(), not by a second open(). */
static void move_to_7(void *arg)
{
	IS(sys(SYS_lseek, (long)arg, 7, SEEK_SET), 7);
}

TEST_FLAGS(shared_position, FILES)
{
	long fd, copy, other;

	make_file("f", "0123456789", 10, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	copy = MUST(sys(SYS_dup, fd));
	other = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_lseek, fd, 5, SEEK_SET), 5);
	IS(sys(SYS_lseek, copy, 0, SEEK_CUR), 5);
	IS(sys(SYS_lseek, other, 0, SEEK_CUR), 0);
	IS(in_child(move_to_7, (void *)fd), 0);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 7);
}
