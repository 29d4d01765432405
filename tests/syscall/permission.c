/* SPDX-License-Identifier: MIT */
/* Permission checks by owner, group and others, on files, directories and paths. */
#include "check.h"

static void stranger(void *arg)
{
	long result;

	(void)arg;
	IS(sys(SYS_open, "private", O_RDONLY), -EACCES);
	IS(sys(SYS_open, "public", O_WRONLY), -EACCES);
	OK(sys(SYS_open, "public", O_RDONLY));
	IS(sys(SYS_open, "public", O_RDWR | O_TRUNC), -EACCES);
	IS(sys(SYS_open, "new", O_RDWR | O_CREAT, 0644), -EACCES);
	IS(sys(SYS_mkdir, "new", 0755), -EACCES);
	IS(sys(SYS_symlink, "x", "new"), -EACCES);
	result = sys(SYS_link, "public", "new");
	TRUE(result == -EACCES || result == -EPERM); /* EPERM with protected_hardlinks */
	IS(sys(SYS_rename, "public", "new"), -EACCES);
	IS(sys(SYS_unlink, "public"), -EACCES);
	IS(sys(SYS_rmdir, "closed"), -EACCES);
	IS(sys(SYS_chmod, "public", 0777), -EPERM);
	IS(sys(SYS_chown, "public", 1000, 1000), -EPERM);
	IS(sys(SYS_open, "closed", O_RDONLY | O_DIRECTORY), -EACCES);
	IS(sys(SYS_open, "closed/f", O_RDONLY), -EACCES);
	IS(sys(SYS_chdir, "closed"), -EACCES);
	IS(sys(SYS_truncate, "public", 0), -EACCES);
	IS(sys(SYS_utimensat, AT_FDCWD, "public", NULL, 0), -EACCES);
}

TEST_FLAGS(stranger_is_refused, FILES | ROOT)
{
	make_file("private", "x", 1, 0600);
	make_file("public", "x", 1, 0644);
	MUST(sys(SYS_mkdir, "closed", 0700));
	make_file("closed/f", "", 0, 0666);
	MUST(sys(SYS_chmod, ".", 0755));
	IS(as_user(stranger, NULL), 0);
}

/* x without r on a directory: known names may be used, the list may not be seen; r without x: the reverse. */
static void walk(void *arg)
{
	long fd;

	(void)arg;
	OK(sys(SYS_open, "x-only/f", O_RDONLY));
	IS(sys(SYS_open, "x-only", O_RDONLY | O_DIRECTORY), -EACCES);
	fd = MUST(sys(SYS_open, "r-only", O_RDONLY | O_DIRECTORY));
	IS(sys(SYS_open, "r-only/f", O_RDONLY), -EACCES);
	IS(sys(SYS_openat, fd, "f", O_RDONLY), -EACCES);
}

TEST_FLAGS(search_and_read_of_directories, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	MUST(sys(SYS_mkdir, "x-only", 0711));
	MUST(sys(SYS_mkdir, "r-only", 0744));
	make_file("x-only/f", "", 0, 0644);
	make_file("r-only/f", "", 0, 0644);
	IS(as_user(walk, NULL), 0);
}

/* The owner's bits count for the owner even if the others' bits give more. */
static void owner(void *arg)
{
	(void)arg;
	IS(sys(SYS_open, "mine", O_RDONLY), -EACCES);
	IS(sys(SYS_open, "group", O_RDONLY), -EACCES);
	IS(sys(SYS_chmod, "mine", 0600), 0);
	OK(sys(SYS_open, "mine", O_RDONLY));
}

TEST_FLAGS(first_matching_class_decides, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	make_file("mine", "", 0, 0644);
	make_file("group", "", 0, 0644);
	IS(sys(SYS_chown, "mine", 1000, 0), 0);
	IS(sys(SYS_chmod, "mine", 0066), 0);
	IS(sys(SYS_chown, "group", 0, 1000), 0);
	IS(sys(SYS_chmod, "group", 0604), 0);
	IS(as_user(owner, NULL), 0);
}

static void with_group(void *arg)
{
	unsigned groups[] = {77, 4242};

	(void)arg;
	MUST(sys(SYS_setgroups, 2, groups));
	MUST(sys(SYS_setresgid, 1000, 1000, 1000));
	MUST(sys(SYS_setresuid, 1000, 1000, 1000));
	OK(sys(SYS_open, "shared", O_RDWR));
	IS(sys(SYS_open, "foreign", O_RDWR), -EACCES);
}

TEST_FLAGS(supplementary_groups, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	make_file("shared", "", 0, 0644);
	make_file("foreign", "", 0, 0644);
	MUST(sys(SYS_chmod, "shared", 0660));
	MUST(sys(SYS_chmod, "foreign", 0660));
	MUST(sys(SYS_chown, "shared", 0, 4242));
	MUST(sys(SYS_chown, "foreign", 0, 4243));
	IS(in_child(with_group, NULL), 0);
}

static void sticky(void *arg)
{
	(void)arg;
	IS(sys(SYS_unlink, "t/roots"), -EPERM);
	IS(sys(SYS_rename, "t/roots", "t/mine"), -EPERM);
	make_file("t/own", "", 0, 0644);
	IS(sys(SYS_unlink, "t/own"), 0);
}

TEST_FLAGS(sticky_directory, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	MUST(sys(SYS_mkdir, "t", 0777));
	MUST(sys(SYS_chmod, "t", 01777));
	make_file("t/roots", "", 0, 0666);
	IS(as_user(sticky, NULL), 0);
}

/* Files made by the user belong to the user; the directory's set-group-ID bit hands its group down. */
static void ownership(void *arg)
{
	struct stat st;

	(void)arg;
	make_file("d/f", "", 0, 0644);
	IS(sys(SYS_stat, "d/f", &st), 0);
	IS(st.st_uid, 1000);
	IS(st.st_gid, 1000);
	make_file("g/f", "", 0, 0644);
	IS(sys(SYS_stat, "g/f", &st), 0);
	IS(st.st_gid, 4242);
	IS(sys(SYS_mkdir, "g/d", 0755), 0);
	IS(sys(SYS_stat, "g/d", &st), 0);
	IS(st.st_gid, 4242);
	IS(st.st_mode & S_ISGID, S_ISGID);
}

TEST_FLAGS(owner_of_new_files, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	MUST(sys(SYS_mkdir, "d", 0777));
	MUST(sys(SYS_chmod, "d", 0777));
	MUST(sys(SYS_mkdir, "g", 0777));
	MUST(sys(SYS_chown, "g", 0, 4242));
	MUST(sys(SYS_chmod, "g", 02777));
	IS(as_user(ownership, NULL), 0);
}
