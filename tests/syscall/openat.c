/* SPDX-License-Identifier: MIT */
/* openat(2) and the calls of its family that take a directory: where a relative path starts. */
#include "check.h"

static long make_dir(const char *name)
{
	MUST(sys(SYS_mkdir, name, 0755));
	return MUST(sys(SYS_openat, AT_FDCWD, name, O_RDONLY | O_DIRECTORY));
}

TEST_FLAGS(relative, FILES)
{
	long d = make_dir("d");

	OK(sys(SYS_openat, d, "f", O_RDWR | O_CREAT, 0644));
	TRUE(exists("d/f"));
	OK(sys(SYS_openat, AT_FDCWD, "g", O_RDWR | O_CREAT, 0644));
	TRUE(exists("g"));
	OK(sys(SYS_openat, d, "../g", O_RDONLY));
	IS(sys(SYS_openat, d, "g", O_RDONLY), -ENOENT);
	OK(sys(SYS_openat, 999, "/", O_RDONLY)); /* absolute: the descriptor is not looked at */
	IS(sys(SYS_openat, 999, "g", O_RDONLY), -EBADF);
	IS(sys(SYS_openat, d, "", O_RDONLY), -ENOENT);
}

TEST_FLAGS(not_a_directory, FILES)
{
	long fd;

	make_file("f", "", 0, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_openat, fd, "x", O_RDONLY), -ENOTDIR);
}

/* The directory stays the same one after its rename; a removed one has no names. */
TEST_FLAGS(follows_the_directory, FILES)
{
	long d = make_dir("d");

	IS(sys(SYS_rename, "d", "e"), 0);
	OK(sys(SYS_openat, d, "f", O_RDWR | O_CREAT, 0644));
	TRUE(exists("e/f"));
	IS(sys(SYS_unlink, "e/f"), 0);
	IS(sys(SYS_rmdir, "e"), 0);
	IS(sys(SYS_openat, d, "f", O_RDWR | O_CREAT, 0644), -ENOENT);
}

TEST_FLAGS(family, FILES)
{
	long d = make_dir("d");
	struct stat st;
	char text[16];

	OK(sys(SYS_openat, d, "f", O_RDWR | O_CREAT, 0644));
	IS(sys(SYS_mkdirat, d, "sub", 0755), 0);
	TRUE(exists("d/sub"));
	IS(sys(SYS_mkdirat, d, "sub", 0755), -EEXIST);
	IS(sys(SYS_symlinkat, "f", d, "l"), 0);
	IS(sys(SYS_readlinkat, d, "l", text, sizeof(text)), 1);
	IS(sys(SYS_linkat, d, "f", AT_FDCWD, "hard", 0), 0);
	IS(sys(SYS_stat, "hard", &st), 0);
	IS(st.st_nlink, 2);
	IS(sys(SYS_linkat, d, "l", d, "l2", 0), 0); /* the link itself */
	IS(sys(SYS_lstat, "d/l2", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFLNK);
	IS(sys(SYS_linkat, d, "l", d, "f2", AT_SYMLINK_FOLLOW), 0);
	IS(sys(SYS_lstat, "d/f2", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFREG);
	IS(sys(SYS_renameat, d, "f2", AT_FDCWD, "f3"), 0);
	TRUE(exists("f3") && !exists("d/f2"));
	IS(sys(SYS_fchmodat, d, "f", 0600), 0);
	IS(sys(SYS_stat, "d/f", &st), 0);
	IS(st.st_mode & 0777, 0600);
	IS(sys(SYS_unlinkat, d, "sub", 0), -EISDIR);
	IS(sys(SYS_unlinkat, d, "f", AT_REMOVEDIR), -ENOTDIR);
	IS(sys(SYS_unlinkat, d, "sub", AT_REMOVEDIR), 0);
	IS(sys(SYS_unlinkat, d, "f", 0), 0);
	IS(sys(SYS_unlinkat, d, "f", 0), -ENOENT);
	IS(sys(SYS_unlinkat, d, "l", 0x8000), -EINVAL);
	IS(sys(SYS_faccessat, d, "l2", F_OK), -ENOENT); /* dangling now */
	IS(sys(SYS_faccessat, AT_FDCWD, "hard", R_OK), 0);
}
