/* SPDX-License-Identifier: MIT */
/* ftruncate(2), truncate, fallocate, fsync, sync. */
#include "check.h"

TEST_FLAGS(shrink_and_grow, FILES)
{
	char text[16];
	struct stat st;
	long fd;

	make_file("f", "abcdefgh", 8, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_ftruncate, fd, 3), 0);
	IS(sys(SYS_ftruncate, fd, 6), 0);
	IS(sys(SYS_pread64, fd, text, 16, 0), 6);
	SAME(text, "abc\0\0\0", 6); /* what was cut off does not come back */
	IS(sys(SYS_ftruncate, fd, 100000), 0);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, 100000);
	IS(sys(SYS_truncate, "f", 1), 0);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, 1);
	IS(sys(SYS_lseek, fd, 0, SEEK_CUR), 0);
}

TEST_FLAGS(cuts_inside_a_page, FILES)
{
	static char page[8192], back[8192];
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	memset(page, 'z', sizeof(page));
	IS(sys(SYS_write, fd, page, sizeof(page)), sizeof(page));
	IS(sys(SYS_ftruncate, fd, 4100), 0);
	IS(sys(SYS_ftruncate, fd, 8192), 0);
	IS(sys(SYS_pread64, fd, back, 8192, 0), 8192);
	memset(page + 4100, 0, 8192 - 4100);
	SAME(page, back, 8192);
}

TEST_FLAGS(refusals, FILES)
{
	int p[2];

	make_file("f", "", 0, 0644);
	IS(sys(SYS_ftruncate, MUST(sys(SYS_open, "f", O_RDONLY)), 1), -EINVAL);
	IS(sys(SYS_ftruncate, MUST(sys(SYS_open, "f", O_RDWR)), -1L), -EINVAL);
	IS(sys(SYS_ftruncate, 99, 0), -EBADF);
	make_pipe(p);
	IS(sys(SYS_ftruncate, p[1], 0), -EINVAL);
	IS(sys(SYS_truncate, "absent", 0), -ENOENT);
	IS(sys(SYS_truncate, ".", 0), -EISDIR);
	IS(sys(SYS_truncate, "f", -1L), -EINVAL);
	IS(sys(SYS_truncate, BAD_KERNEL, 0), -EFAULT);
}

TEST_FLAGS(fallocate, FILES | OPTIONAL)
{
	struct stat st;
	long fd, result;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	result = sys(SYS_fallocate, fd, 0, 0, 5000);
	if (result == -EOPNOTSUPP)
		skip("fallocate is EOPNOTSUPP here, which every caller handles");
	IS(result, 0);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, 5000);
	IS(sys(SYS_fallocate, fd, 0, 0, 0), -EINVAL);
	IS(sys(SYS_fallocate, fd, 0, -1L, 5), -EINVAL);
	IS(sys(SYS_fallocate, 99, 0, 0, 5), -EBADF);
}

TEST_FLAGS(sync_calls, FILES)
{
	long fd;
	int p[2];

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_fsync, fd), 0);
	IS(sys(SYS_fdatasync, fd), 0);
	IS(sys(SYS_fsync, MUST(sys(SYS_open, ".", O_RDONLY))), 0);
	IS(sys(SYS_fsync, 99), -EBADF);
	IS(sys(SYS_fdatasync, 99), -EBADF);
	make_pipe(p);
	IS(sys(SYS_fsync, p[0]), -EINVAL);
	IS(sys(SYS_sync), 0);
}

TEST_FLAGS(fadvise, FILES | OPTIONAL)
{
	int p[2];
	long fd;

	NEEDS(SYS_fadvise64, -1, 0, 0, 0);
	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	for (int advice = 0; advice <= 5; advice++)
		IS(sys(SYS_fadvise64, fd, 0, 0, advice), 0);
	IS(sys(SYS_fadvise64, fd, 0, 0, 77), -EINVAL);
	IS(sys(SYS_fadvise64, 99, 0, 0, 0), -EBADF);
	make_pipe(p);
	IS(sys(SYS_fadvise64, p[0], 0, 0, 0), -ESPIPE);
}
