/* SPDX-License-Identifier: MIT */
/* chmod(2), fchmod, fchmodat2, umask. */
#include "check.h"

TEST_FLAGS(change, FILES)
{
	struct stat st;
	long fd;

	make_file("f", "", 0, 0644);
	IS(sys(SYS_chmod, "f", 0751), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode, S_IFREG | 0751);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_fchmod, fd, 04711), 0);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_mode, S_IFREG | 04711);
	IS(sys(SYS_chmod, "f", 0170600), 0); /* type bits in the argument do not count */
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode, S_IFREG | 0600);
	IS(sys(SYS_symlink, "f", "l"), 0);
	IS(sys(SYS_chmod, "l", 0640), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode, S_IFREG | 0640);
	IS(sys(SYS_chmod, "absent", 0600), -ENOENT);
	IS(sys(SYS_fchmod, 99, 0600), -EBADF);
	IS(sys(SYS_chmod, BAD_KERNEL, 0600), -EFAULT);
}

TEST_FLAGS(fchmodat2, FILES | OPTIONAL)
{
	struct stat st;

	NEEDS(452, -1, "", 0, 0);
	make_file("f", "", 0, 0644);
	IS(sys(452, AT_FDCWD, "f", 0600, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 0777, 0600);
	MUST(sys(SYS_symlink, "f", "l"));
	IS(sys(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW), -EOPNOTSUPP);
	IS(sys(452, AT_FDCWD, "f", 0600, 0x4000000), -EINVAL);
}

TEST_FLAGS(umask, FILES)
{
	struct stat st;

	IS(sys(SYS_umask, 0077), 0022);
	IS(sys(SYS_umask, 01777), 0077);
	IS(sys(SYS_umask, 0027), 0777); /* only nine bits are kept */
	OK(sys(SYS_open, "f", O_RDWR | O_CREAT, 0666));
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 0777, 0640);
	IS(sys(SYS_mkdir, "d", 0777), 0);
	IS(sys(SYS_stat, "d", &st), 0);
	IS(st.st_mode & 0777, 0750);
	IS(sys(SYS_mknod, "p", S_IFIFO | 0666, 0), 0);
	IS(sys(SYS_stat, "p", &st), 0);
	IS(st.st_mode & 0777, 0640);
	IS(sys(SYS_chmod, "f", 0666), 0); /* not for chmod */
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 0777, 0666);
}
