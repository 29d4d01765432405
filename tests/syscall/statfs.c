/* SPDX-License-Identifier: MIT */
/* statfs(2), fstatfs. */
#include "check.h"

#include <sys/vfs.h>

TEST_FLAGS(numbers, FILES)
{
	struct statfs a, b;

	IS(sys(SYS_statfs, ".", &a), 0);
	TRUE(a.f_bsize >= 512);
	TRUE(a.f_blocks >= a.f_bfree && a.f_bfree >= a.f_bavail);
	TRUE(a.f_namelen >= 255);
	IS(sys(SYS_fstatfs, MUST(sys(SYS_open, ".", O_RDONLY)), &b), 0);
	IS(a.f_type, b.f_type);
	IS(a.f_bsize, b.f_bsize);
	IS(sys(SYS_statfs, "absent", &a), -ENOENT);
	IS(sys(SYS_fstatfs, 99, &a), -EBADF);
	IS(sys(SYS_statfs, ".", BAD_KERNEL), -EFAULT);
}

TEST(magic_numbers)
{
	struct statfs st;
	int p[2];

	IS(sys(SYS_statfs, "/proc", &st), 0);
	IS(st.f_type, 0x9fa0);
	make_pipe(p);
	IS(sys(SYS_fstatfs, p[0], &st), 0);
	IS(st.f_type, 0x50495045);
}
