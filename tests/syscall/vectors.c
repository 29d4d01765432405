/* SPDX-License-Identifier: MIT */
/* readv(2), writev(2). */
#include "check.h"

#include <sys/uio.h>

TEST_FLAGS(gather_and_scatter, FILES)
{
	char a[3], b[4], c[10];
	struct iovec out[] = {{"abc", 3}, {"", 0}, {"defg", 4}, {"h", 1}};
	struct iovec in[] = {{a, 3}, {b, 4}, {c, 10}};
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	IS(sys(SYS_writev, fd, out, 4), 8);
	IS(sys(SYS_lseek, fd, 0, SEEK_SET), 0);
	IS(sys(SYS_readv, fd, in, 3), 8);
	SAME(a, "abc", 3);
	SAME(b, "defg", 4);
	IS(c[0], 'h');
	IS(sys(SYS_readv, fd, in, 3), 0);
	IS(sys(SYS_writev, fd, out, 0), 0);
	IS(sys(SYS_writev, fd, NULL, 0), 0);
}

TEST(pipe_write_is_one_piece)
{
	struct iovec out[] = {{"ab", 2}, {"cd", 2}};
	char text[8];
	int p[2];

	make_pipe(p);
	IS(sys(SYS_writev, p[1], out, 2), 4);
	IS(sys(SYS_read, p[0], text, 8), 4);
	SAME(text, "abcd", 4);
}

TEST_FLAGS(refusals, FILES)
{
	char c;
	struct iovec one = {&c, 1}, bad_base = {BAD_KERNEL, 1};
	struct iovec too_long[] = {{&c, 0x7fffffffffffffff}, {&c, 1}};
	struct iovec negative[] = {{&c, 1}, {&c, (size_t)-1}};
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	IS(sys(SYS_writev, fd, &one, -1), -EINVAL);
	IS(sys(SYS_writev, fd, &one, 1025), -EINVAL);
	IS(sys(SYS_writev, fd, negative, 2), -EINVAL);
	IS(sys(SYS_readv, fd, negative, 2), -EINVAL);
	TRUE(sys(SYS_readv, 99, too_long, 2) < 0);
	IS(sys(SYS_writev, fd, BAD_UNMAPPED, 1), -EFAULT);
	IS(sys(SYS_writev, fd, BAD_KERNEL, 1), -EFAULT);
	IS(sys(SYS_writev, fd, &bad_base, 1), -EFAULT);
	IS(sys(SYS_writev, 99, &one, 1), -EBADF);
	IS(sys(SYS_lseek, fd, 0, SEEK_END), 0);
}

TEST_FLAGS(positioned, FILES | OPTIONAL)
{
	char a[2], b[2];
	struct iovec out[] = {{"XY", 2}, {"Z", 1}};
	struct iovec in[] = {{a, 2}, {b, 2}};
	long fd;

	NEEDS(SYS_pwritev, -1, NULL, 0, 0, 0);
	make_file("f", "abcdef", 6, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_pwritev, fd, out, 2, 1, 0), 3);
	IS(sys(SYS_preadv, fd, in, 2, 0, 0), 4);
	SAME(a, "aX", 2);
	SAME(b, "YZ", 2);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 0);
	IS(sys(SYS_preadv, fd, in, 2, -1L, -1L), -EINVAL);
}

TEST_FLAGS(with_flags, FILES | OPTIONAL)
{
	char a[3] = "";
	struct iovec out = {"XY", 2}, in = {a, 2};
	int p[2];
	long fd;

	NEEDS(SYS_pwritev2, -1, NULL, 0, 0, 0, 0);
	make_file("f", "abcdef", 6, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_pwritev2, fd, &out, 1, 1L, 0L, 0), 2);
	IS(sys(SYS_preadv2, fd, &in, 1, -1L, -1L, 0), 2); /* where the file stands */
	STREQ(a, "aX");
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 2);
	IS(sys(SYS_pwritev2, fd, &out, 1, -1L, -1L, 2 /* RWF_DSYNC */), 2);
	IS(sys(SYS_pwritev2, fd, &out, 1, 0L, 0L, 4 /* RWF_SYNC */), 2);
	IS(sys(SYS_pwritev2, fd, &out, 1, 0L, 0L, 1 << 20), -EOPNOTSUPP);
	IS(sys(SYS_preadv2, fd, &in, 1, -2L, -1L, 0), -EINVAL);
	IS(sys(SYS_pread64, fd, a, 2, 2L), 2);
	STREQ(a, "XY");
	make_pipe(p);
	IS(sys(SYS_pwritev2, p[1], &out, 1, 0L, 0L, 0), -ESPIPE);
	IS(sys(SYS_pwritev2, p[1], &out, 1, -1L, -1L, 0), 2);
}
