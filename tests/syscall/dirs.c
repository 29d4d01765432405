/* SPDX-License-Identifier: MIT */
/* mkdir(2), rmdir, chdir, fchdir, getcwd. */
#include "check.h"

TEST_FLAGS(mkdir_rmdir, FILES)
{
	struct stat st;

	IS(sys(SYS_mkdir, "d", 0777), 0);
	IS(sys(SYS_stat, "d", &st), 0);
	IS(st.st_mode, S_IFDIR | 0755);
	IS(sys(SYS_mkdir, "d", 0777), -EEXIST);
	IS(sys(SYS_mkdir, "d/", 0777), -EEXIST);
	IS(sys(SYS_mkdir, "a/b", 0777), -ENOENT);
	IS(sys(SYS_mkdir, "d/e/", 0700), 0);
	IS(sys(SYS_rmdir, "d"), -ENOTEMPTY);
	IS(sys(SYS_rmdir, "d/e"), 0);
	IS(sys(SYS_rmdir, "d/."), -EINVAL);
	IS(sys(SYS_rmdir, "d/.."), -ENOTEMPTY);
	IS(sys(SYS_rmdir, "d"), 0);
	IS(sys(SYS_rmdir, "d"), -ENOENT);
	make_file("f", "", 0, 0644);
	IS(sys(SYS_rmdir, "f"), -ENOTDIR);
	IS(sys(SYS_mkdir, "f/x", 0777), -ENOTDIR);
	IS(sys(SYS_mkdir, "f", 0777), -EEXIST);
	IS(sys(SYS_symlink, "absent", "l"), 0);
	IS(sys(SYS_mkdir, "l", 0777), -EEXIST);
	IS(sys(SYS_rmdir, "l"), -ENOTDIR);
	IS(sys(SYS_mkdir, BAD_KERNEL, 0777), -EFAULT);
	IS(sys(SYS_mkdir, "", 0777), -ENOENT);
	IS(sys(SYS_rmdir, ""), -ENOENT);
}

TEST_FLAGS(working_directory, FILES)
{
	char before[4096], text[4096];
	long n, up;

	n = MUST(sys(SYS_getcwd, before, sizeof(before)));
	IS(n, strlen(before) + 1);
	IS(before[0], '/');
	IS(sys(SYS_mkdir, "d", 0755), 0);
	up = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	IS(sys(SYS_chdir, "d"), 0);
	IS(sys(SYS_getcwd, text, sizeof(text)), n + 2);
	SAME(text, before, n - 1);
	STREQ(text + n - 1, "/d");
	IS(sys(SYS_getcwd, text, n + 1), -ERANGE);
	IS(sys(SYS_getcwd, text, 0), -ERANGE);
	IS(sys(SYS_getcwd, BAD_KERNEL, 4096), -EFAULT);
	IS(sys(SYS_fchdir, up), 0);
	IS(sys(SYS_getcwd, text, sizeof(text)), n);
	STREQ(text, before);
	IS(sys(SYS_chdir, "absent"), -ENOENT);
	make_file("f", "", 0, 0644);
	IS(sys(SYS_chdir, "f"), -ENOTDIR);
	IS(sys(SYS_chdir, ""), -ENOENT);
	IS(sys(SYS_fchdir, 999), -EBADF);
	IS(sys(SYS_fchdir, MUST(sys(SYS_open, "f", O_RDONLY))), -ENOTDIR);
	IS(sys(SYS_chdir, "/"), 0);
	IS(sys(SYS_getcwd, text, sizeof(text)), 2);
	STREQ(text, "/");
	IS(sys(SYS_chdir, "/.."), 0);
	IS(sys(SYS_getcwd, text, sizeof(text)), 2);
}

/* A directory removed under our feet: no name, no new files, but the way up works. */
TEST_FLAGS(removed_working_directory, FILES)
{
	char text[4096];

	MUST(sys(SYS_mkdir, "d", 0755));
	MUST(sys(SYS_chdir, "d"));
	IS(sys(SYS_rmdir, "../d"), 0);
	IS(sys(SYS_getcwd, text, sizeof(text)), -ENOENT);
	IS(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644), -ENOENT);
	IS(sys(SYS_mkdir, "e", 0755), -ENOENT);
	OK(sys(SYS_open, ".", O_RDONLY));
	IS(sys(SYS_chdir, ".."), 0);
	OK(sys(SYS_getcwd, text, sizeof(text)));
}

/* The name follows a rename of the directory or of one above it. */
TEST_FLAGS(renamed_working_directory, FILES)
{
	char text[4096];

	MUST(sys(SYS_mkdir, "a", 0755));
	MUST(sys(SYS_mkdir, "a/b", 0755));
	MUST(sys(SYS_chdir, "a/b"));
	IS(sys(SYS_rename, "../../a", "../../z"), 0);
	OK(sys(SYS_getcwd, text, sizeof(text)));
	STREQ(text + strlen(text) - 4, "/z/b");
}

static void stays(void *arg)
{
	MUST(sys(SYS_chdir, "/"));
	(void)arg;
}

TEST_FLAGS(per_process, FILES)
{
	char before[4096], after[4096];

	MUST(sys(SYS_getcwd, before, sizeof(before)));
	IS(in_child(stays, NULL), 0);
	MUST(sys(SYS_getcwd, after, sizeof(after)));
	STREQ(before, after);
}
