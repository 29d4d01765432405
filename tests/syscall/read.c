/* SPDX-License-Identifier: MIT */
/* read(2), pread64(2): positions, end of file, and what must be refused. */
#include "check.h"

TEST_FLAGS(sequence, FILES)
{
	char buffer[16] = {0};
	long fd;

	make_file("f", "abcdefgh", 8, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_read, fd, buffer, 3), 3);
	SAME(buffer, "abc", 3);
	IS(sys(SYS_read, fd, buffer, 16), 5);
	SAME(buffer, "defgh", 5);
	IS(sys(SYS_read, fd, buffer, 16), 0);
	IS(sys(SYS_read, fd, buffer, 0), 0);
}

TEST_FLAGS(sees_growth_after_end, FILES)
{
	char buffer[8];
	long r, w;

	make_file("f", "", 0, 0644);
	r = MUST(sys(SYS_open, "f", O_RDONLY));
	w = MUST(sys(SYS_open, "f", O_WRONLY));
	IS(sys(SYS_read, r, buffer, 8), 0);
	IS(sys(SYS_write, w, "xy", 2), 2);
	IS(sys(SYS_read, r, buffer, 8), 2);
	SAME(buffer, "xy", 2);
}

TEST_FLAGS(refusals, FILES)
{
	char buffer[8];
	long fd;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_WRONLY));
	IS(sys(SYS_read, fd, buffer, 1), -EBADF);
	IS(sys(SYS_read, 99, buffer, 1), -EBADF);
	IS(sys(SYS_read, -1, buffer, 1), -EBADF);
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	IS(sys(SYS_read, fd, buffer, 1), -EISDIR);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_read, fd, BAD_UNMAPPED, 3), -EFAULT);
	IS(sys(SYS_read, fd, BAD_KERNEL, 3), -EFAULT);
	IS(sys(SYS_read, fd, BAD_NONCANONICAL, 3), -EFAULT);
	IS(sys(SYS_read, fd, buffer, -1L), -EFAULT);
	/* nothing was consumed */
	IS(sys(SYS_read, fd, buffer, 8), 3);
}

TEST_FLAGS(across_pages, FILES)
{
	static char data[3 * 4096 + 77], back[sizeof(data)];
	long fd;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 31 + i / 4096);
	make_file("f", data, sizeof(data), 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_read, fd, back, 4095), 4095);
	IS(sys(SYS_read, fd, back + 4095, 2), 2);
	IS(sys(SYS_read, fd, back + 4097, sizeof(back)), sizeof(data) - 4097);
	SAME(data, back, sizeof(data));
}

TEST_FLAGS(pread, FILES)
{
	char buffer[8] = {0};
	int p[2];
	long fd;

	make_file("f", "abcdef", 6, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_pread64, fd, buffer, 2, 3), 2);
	SAME(buffer, "de", 2);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 0);
	IS(sys(SYS_pread64, fd, buffer, 8, 6), 0);
	IS(sys(SYS_pread64, fd, buffer, 8, 600), 0);
	IS(sys(SYS_pread64, fd, buffer, 8, -1L), -EINVAL);
	make_pipe(p);
	IS(sys(SYS_pread64, p[0], buffer, 1, 0), -ESPIPE);
}
