/* SPDX-License-Identifier: MIT */
/* write(2), pwrite64(2): positions, holes, O_APPEND, the file size limit, and refusals. */
#include "check.h"

#include <sys/resource.h>

TEST_FLAGS(overwrite_and_extend, FILES)
{
	char text[32];
	long fd;

	make_file("f", "abcdef", 6, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_write, fd, "XY", 2), 2);
	IS(sys(SYS_lseek, fd, 5, SEEK_SET), 5);
	IS(sys(SYS_write, fd, "123", 3), 3);
	IS(slurp("f", text, sizeof(text)), 8);
	STREQ(text, "XYcde123");
}

TEST_FLAGS(hole_reads_as_zeros, FILES)
{
	char buffer[16];
	struct stat st;
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	IS(sys(SYS_lseek, fd, 100000, SEEK_SET), 100000);
	IS(sys(SYS_write, fd, "x", 1), 1);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, 100001);
	IS(sys(SYS_pread64, fd, buffer, 16, 50000), 16);
	SAME(buffer, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	IS(sys(SYS_pread64, fd, buffer, 16, 100000), 1);
	IS(buffer[0], 'x');
}

TEST_FLAGS(append_goes_to_the_end, FILES)
{
	char text[32];
	long a, b;

	make_file("f", "1", 1, 0644);
	a = MUST(sys(SYS_open, "f", O_WRONLY | O_APPEND));
	b = MUST(sys(SYS_open, "f", O_WRONLY | O_APPEND));
	IS(sys(SYS_write, a, "aa", 2), 2);
	IS(sys(SYS_write, b, "bb", 2), 2);
	IS(sys(SYS_lseek, a, 0, SEEK_SET), 0);
	IS(sys(SYS_write, a, "cc", 2), 2);
	IS(sys(SYS_lseek, a, 0, SEEK_CUR), 7);
	IS(slurp("f", text, sizeof(text)), 7);
	STREQ(text, "1aabbcc");
}

static void append_lines(void *arg)
{
	long fd = MUST(sys(SYS_open, "f", O_WRONLY | O_APPEND));

	for (int i = 0; i < 200; i++)
		IS(sys(SYS_write, fd, arg, 8), 8);
}

/* Two appending processes never overwrite each other. */
TEST_FLAGS(append_is_atomic, FILES)
{
	static char text[8192];
	long a, b;
	int as = 0;

	make_file("f", "", 0, 0644);
	a = child(append_lines, "aaaaaaa\n");
	b = child(append_lines, "bbbbbbb\n");
	IS(reap(a), 0);
	IS(reap(b), 0);
	IS(slurp("f", text, sizeof(text)), 3200);
	for (int i = 0; i < 3200; i += 8) {
		as += !memcmp(text + i, "aaaaaaa\n", 8);
		TRUE(!memcmp(text + i, "aaaaaaa\n", 8) || !memcmp(text + i, "bbbbbbb\n", 8));
	}
	IS(as, 200);
}

TEST_FLAGS(pwrite, FILES)
{
	char text[16];
	long fd;

	make_file("f", "abcdef", 6, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_pwrite64, fd, "ZZ", 2, 2), 2);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 0);
	IS(sys(SYS_pwrite64, fd, "Z", 1, -1L), -EINVAL);
	IS(slurp("f", text, sizeof(text)), 6);
	STREQ(text, "abZZef");
}

TEST_FLAGS(refusals, FILES)
{
	long fd;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_write, fd, "x", 1), -EBADF);
	IS(sys(SYS_write, 99, "x", 1), -EBADF);
	fd = MUST(sys(SYS_open, "f", O_WRONLY));
	IS(sys(SYS_write, fd, BAD_UNMAPPED, 3), -EFAULT);
	IS(sys(SYS_write, fd, BAD_KERNEL, 3), -EFAULT);
	IS(sys(SYS_write, fd, BAD_NONCANONICAL, 3), -EFAULT);
	IS(sys(SYS_write, fd, "x", 0), 0);
}

/* A buffer that ends in unmapped memory: what lies before it may be written, nothing else. */
TEST_FLAGS(buffer_runs_into_a_hole, FILES)
{
	char *map = (char *)MUST(
		sys(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct stat st;
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644)), n;

	IS(sys(SYS_munmap, map + 4096, 4096), 0);
	memset(map, 'q', 4096);
	n = sys(SYS_write, fd, map, 8192);
	TRUE(n == 4096 || n == -EFAULT);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, n > 0 ? n : 0);
}

/* RLIMIT_FSIZE: a short write up to the limit, then SIGXFSZ and EFBIG. */
TEST_FLAGS(file_size_limit, FILES)
{
	struct rlimit limit = {10, 10};
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	MUST(on_signal(SIGXFSZ, catch_signal, SA_SIGINFO));
	MUST(sys(SYS_prlimit64, 0, RLIMIT_FSIZE, &limit, NULL));
	IS(sys(SYS_write, fd, "0123456789abcdef", 16), 10);
	IS(caught, 0);
	IS(sys(SYS_write, fd, "x", 1), -EFBIG);
	IS(caught, 1);
	IS(caught_signal, SIGXFSZ);
}
