/* SPDX-License-Identifier: MIT */
/* rename(2), renameat2. */
#include "check.h"

TEST_FLAGS(files, FILES)
{
	struct stat before, after;
	char text[8];
	long open_target;

	make_file("a", "A", 1, 0644);
	make_file("b", "B", 1, 0644);
	IS(sys(SYS_stat, "a", &before), 0);
	open_target = MUST(sys(SYS_open, "b", O_RDONLY));
	IS(sys(SYS_rename, "a", "b"), 0);
	IS(sys(SYS_stat, "b", &after), 0);
	IS(before.st_ino, after.st_ino);
	IS(exists("a"), 0);
	IS(slurp("b", text, sizeof(text)), 1);
	STREQ(text, "A");
	IS(sys(SYS_read, open_target, text, 8), 1); /* the replaced file lives on */
	IS(text[0], 'B');
	IS(sys(SYS_rename, "b", "b"), 0);
	TRUE(exists("b"));
	IS(sys(SYS_rename, "absent", "x"), -ENOENT);
	IS(sys(SYS_rename, "b", "no/x"), -ENOENT);
	IS(sys(SYS_rename, "b/x", "y"), -ENOTDIR);
	IS(sys(SYS_rename, "", "y"), -ENOENT);
	IS(sys(SYS_rename, "b", ""), -ENOENT);
	IS(sys(SYS_rename, BAD_KERNEL, "y"), -EFAULT);
	IS(sys(SYS_rename, "b", BAD_KERNEL), -EFAULT);
}

/* Two names of one file: nothing happens. */
TEST_FLAGS(hard_links, FILES)
{
	make_file("a", "A", 1, 0644);
	IS(sys(SYS_link, "a", "b"), 0);
	IS(sys(SYS_rename, "a", "b"), 0);
	TRUE(exists("a") && exists("b"));
}

TEST_FLAGS(directories, FILES)
{
	make_file("f", "", 0, 0644);
	MUST(sys(SYS_mkdir, "d", 0755));
	MUST(sys(SYS_mkdir, "d/sub", 0755));
	MUST(sys(SYS_mkdir, "empty", 0755));
	MUST(sys(SYS_mkdir, "full", 0755));
	make_file("full/f", "", 0, 0644);
	IS(sys(SYS_rename, "d", "d/sub/x"), -EINVAL);
	IS(sys(SYS_rename, "d", "d/x"), -EINVAL);
	IS(sys(SYS_rename, "d", "f"), -ENOTDIR);
	IS(sys(SYS_rename, "f", "d"), -EISDIR);
	TRUE(sys(SYS_rename, "d", "full") == -ENOTEMPTY);
	IS(sys(SYS_rename, "d/sub", "d"), -ENOTEMPTY);
	IS(sys(SYS_rename, "d", "empty"), 0);
	TRUE(exists("empty/sub") && !exists("d"));
	IS(sys(SYS_rename, "empty", "d/"), 0);
	IS(sys(SYS_rename, "f", "g/"), -ENOTDIR);
	IS(sys(SYS_rename, "d/.", "x"), -EBUSY);
	IS(sys(SYS_rename, "d/..", "x"), -EBUSY);
}

/* ".." of a moved directory leads to its new parent. */
TEST_FLAGS(moved_directory_knows_its_parent, FILES)
{
	struct stat a, b;

	MUST(sys(SYS_mkdir, "p", 0755));
	MUST(sys(SYS_mkdir, "q", 0755));
	MUST(sys(SYS_mkdir, "p/d", 0755));
	IS(sys(SYS_rename, "p/d", "q/d"), 0);
	IS(sys(SYS_stat, "q/d/..", &a), 0);
	IS(sys(SYS_stat, "q", &b), 0);
	IS(a.st_ino, b.st_ino);
	IS(sys(SYS_rmdir, "p"), 0);
}

/* Links are renamed themselves, and replaced themselves. */
TEST_FLAGS(symbolic_links, FILES)
{
	struct stat st;

	make_file("f", "", 0, 0644);
	make_file("g", "", 0, 0644);
	IS(sys(SYS_symlink, "f", "l"), 0);
	IS(sys(SYS_rename, "l", "m"), 0);
	IS(sys(SYS_lstat, "m", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFLNK);
	TRUE(exists("f"));
	IS(sys(SYS_rename, "g", "m"), 0);
	IS(sys(SYS_lstat, "m", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFREG);
}

TEST_FLAGS(renameat2_flags, FILES | OPTIONAL)
{
	NEEDS(SYS_renameat2, AT_FDCWD, "", AT_FDCWD, "", 0);
	make_file("a", "A", 1, 0644);
	make_file("b", "B", 1, 0644);
	IS(sys(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0x100), -EINVAL);
	IS(sys(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 3), -EINVAL); /* NOREPLACE and EXCHANGE */
	IS(sys(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1), -EEXIST);
	IS(sys(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", 1), 0);
	TRUE(exists("c") && !exists("a"));
	IS(sys(SYS_renameat2, AT_FDCWD, "c", AT_FDCWD, "b", 0), 0);
	TRUE(!exists("c"));
}
