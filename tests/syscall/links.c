/* SPDX-License-Identifier: MIT */
/* link(2), symlink, readlink, unlink. */
#include "check.h"

#include <stdio.h>

TEST_FLAGS(hard, FILES)
{
	struct stat a, b;
	char text[8];

	make_file("f", "x", 1, 0644);
	IS(sys(SYS_link, "f", "g"), 0);
	IS(sys(SYS_stat, "f", &a), 0);
	IS(sys(SYS_stat, "g", &b), 0);
	IS(a.st_ino, b.st_ino);
	IS(a.st_nlink, 2);
	make_file("g", "yy", 2, 0644);
	IS(slurp("f", text, sizeof(text)), 2);
	IS(sys(SYS_unlink, "f"), 0);
	IS(sys(SYS_stat, "g", &b), 0);
	IS(b.st_nlink, 1);
	IS(sys(SYS_link, "g", "g"), -EEXIST);
	IS(sys(SYS_link, "absent", "h"), -ENOENT);
	MUST(sys(SYS_mkdir, "d", 0755));
	IS(sys(SYS_link, "d", "h"), -EPERM);
	IS(sys(SYS_link, "g", "d"), -EEXIST);
	IS(sys(SYS_link, "g", "no/h"), -ENOENT);
	IS(sys(SYS_link, BAD_KERNEL, "h"), -EFAULT);
}

TEST_FLAGS(symbolic, FILES)
{
	char text[64];

	memset(text, '#', sizeof(text));
	IS(sys(SYS_symlink, "some/where", "l"), 0);
	IS(sys(SYS_readlink, "l", text, sizeof(text)), 10);
	SAME(text, "some/where#", 11); /* no NUL is added */
	IS(sys(SYS_readlink, "l", text, 4), 4);
	IS(sys(SYS_readlink, "l", text, 0), -EINVAL);
	IS(sys(SYS_readlink, "l", text, -1), -EINVAL);
	IS(sys(SYS_readlink, "l", BAD_KERNEL, 10), -EFAULT);
	IS(sys(SYS_readlink, "absent", text, 10), -ENOENT);
	make_file("f", "", 0, 0644);
	IS(sys(SYS_readlink, "f", text, 10), -EINVAL);
	IS(sys(SYS_readlink, ".", text, 10), -EINVAL);
	IS(sys(SYS_symlink, "x", "l"), -EEXIST);
	IS(sys(SYS_symlink, "x", "f"), -EEXIST);
	IS(sys(SYS_symlink, "", "m"), -ENOENT);
	IS(sys(SYS_symlink, "x", ""), -ENOENT);
	IS(sys(SYS_symlink, "x", "no/m"), -ENOENT);
	IS(sys(SYS_symlink, BAD_KERNEL, "m"), -EFAULT);
}

TEST_FLAGS(chains, FILES)
{
	char from[8], to[8];

	make_file("l0", "", 0, 0644);
	for (int i = 1; i <= 41; i++) {
		snprintf(from, sizeof(from), "l%d", i);
		snprintf(to, sizeof(to), "l%d", i - 1);
		MUST(sys(SYS_symlink, to, from));
	}
	OK(sys(SYS_open, "l40", O_RDONLY)); /* forty are followed, no more */
	IS(sys(SYS_open, "l41", O_RDONLY), -ELOOP);
}

TEST_FLAGS(through_directories, FILES)
{
	char text[4096];

	MUST(sys(SYS_mkdir, "d", 0755));
	make_file("d/f", "", 0, 0644);
	IS(sys(SYS_symlink, "d", "l"), 0);
	OK(sys(SYS_open, "l/f", O_RDONLY));
	OK(sys(SYS_open, "l/../l/f", O_RDONLY));
	IS(sys(SYS_symlink, "../d/f", "d/back"), 0);
	OK(sys(SYS_open, "d/back", O_RDONLY));
	MUST(sys(SYS_getcwd, text, sizeof(text) - 4));
	strcat(text, "/d");
	IS(sys(SYS_symlink, text, "absolute"), 0);
	OK(sys(SYS_open, "absolute/f", O_RDONLY));
	IS(sys(SYS_unlink, "l/"), -ENOTDIR);
	IS(sys(SYS_unlink, "l"), 0);
	TRUE(exists("d/f"));
}

TEST_FLAGS(unlink, FILES)
{
	struct stat st;
	char text[8];
	long fd;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_unlink, "f"), 0);
	IS(sys(SYS_unlink, "f"), -ENOENT);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_nlink, 0);
	IS(sys(SYS_read, fd, text, 8), 3);
	IS(sys(SYS_write, fd, "def", 3), 3);
	IS(sys(SYS_pread64, fd, text, 8, 3), 3);
	make_file("f", "new", 3, 0644);
	IS(sys(SYS_pread64, fd, text, 8, 0), 6); /* still the old one */
	MUST(sys(SYS_mkdir, "d", 0755));
	IS(sys(SYS_unlink, "d"), -EISDIR);
	IS(sys(SYS_unlink, "d/x"), -ENOENT);
	IS(sys(SYS_unlink, "f/x"), -ENOTDIR);
	IS(sys(SYS_unlink, ""), -ENOENT);
	IS(sys(SYS_unlink, BAD_KERNEL), -EFAULT);
}
