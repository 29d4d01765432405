/* SPDX-License-Identifier: MIT */
/* sendfile(2), copy_file_range. */
#include "check.h"

TEST_FLAGS(file_to_file, FILES)
{
	char text[16];
	long in, out;

	make_file("in", "0123456789", 10, 0644);
	in = MUST(sys(SYS_open, "in", O_RDONLY));
	out = MUST(sys(SYS_open, "out", O_RDWR | O_CREAT, 0644));
	IS(sys(SYS_sendfile, out, in, NULL, 16 << 20), 10);
	IS(sys(SYS_sendfile, out, in, NULL, 16 << 20), 0);
	IS(slurp("out", text, sizeof(text)), 10);
	STREQ(text, "0123456789");
}

TEST_FLAGS(file_to_pipe_with_offset, FILES)
{
	long in, offset = 3;
	char text[16];
	int p[2];

	make_pipe(p);
	make_file("in", "0123456789", 10, 0644);
	in = MUST(sys(SYS_open, "in", O_RDONLY));
	IS(sys(SYS_sendfile, p[1], in, &offset, 4), 4);
	IS(offset, 7);
	IS(sys(SYS_lseek, in, 0, SEEK_CUR), 0);
	IS(sys(SYS_read, p[0], text, 16), 4);
	SAME(text, "3456", 4);
}

TEST_FLAGS(refusals, FILES)
{
	long fd, offset = -1;
	int p[2];

	make_pipe(p);
	make_file("in", "0123456789", 10, 0644);
	fd = MUST(sys(SYS_open, "in", O_RDONLY));
	IS(sys(SYS_sendfile, 99, fd, NULL, 1), -EBADF);
	IS(sys(SYS_sendfile, p[1], 99, NULL, 1), -EBADF);
	IS(sys(SYS_sendfile, fd, fd, NULL, 1), -EBADF); /* not writable */
	IS(sys(SYS_sendfile, p[1], p[0], &offset, 1), -ESPIPE);
	IS(sys(SYS_sendfile, p[1], fd, BAD_KERNEL, 1), -EFAULT);
	IS(sys(SYS_sendfile, p[1], fd, &offset, 1), -EINVAL);
}

TEST_FLAGS(copy_range, FILES | OPTIONAL)
{
	long in, out, from = 2, to = 1;
	char text[16];

	NEEDS(SYS_copy_file_range, -1, NULL, -1, NULL, 0, 0);
	make_file("in", "0123456789", 10, 0644);
	in = MUST(sys(SYS_open, "in", O_RDONLY));
	out = MUST(sys(SYS_open, "out", O_RDWR | O_CREAT, 0644));
	if (sys(SYS_copy_file_range, in, NULL, out, NULL, 0, 0) == -EOPNOTSUPP)
		skip("copy_file_range is EOPNOTSUPP here, which every caller handles");
	IS(sys(SYS_copy_file_range, in, &from, out, &to, 3, 0), 3);
	IS(from, 5);
	IS(to, 4);
	IS(sys(SYS_copy_file_range, in, NULL, out, NULL, 1, 0), 1);
	IS(slurp("out", text, sizeof(text)), 4);
	SAME(text, "0234", 4);
	IS(sys(SYS_copy_file_range, in, NULL, out, NULL, 1, 1), -EINVAL);
	IS(sys(SYS_copy_file_range, out, NULL, in, NULL, 1, 0), -EBADF);
}
