/* SPDX-License-Identifier: MIT */
/* getpid(2), gettid, getppid, getuid and the rest of the identities; changing them. */
#include "check.h"

static void child_ids(void *arg)
{
	long parent = (long)arg;

	IS(sys(SYS_getppid), parent);
	TRUE(sys(SYS_getpid) != parent);
	IS(sys(SYS_gettid), sys(SYS_getpid));
}

TEST(processes)
{
	long pid = sys(SYS_getpid), other;

	TRUE(pid > 0);
	IS(sys(SYS_gettid), pid);
	TRUE(sys(SYS_getppid) > 0);
	other = child(child_ids, (void *)pid);
	TRUE(other != pid);
	IS(reap(other), 0);
}

TEST(users)
{
	unsigned r = 1, e = 2, s = 3;

	IS(sys(SYS_getresuid, &r, &e, &s), 0);
	IS(r, sys(SYS_getuid));
	IS(e, sys(SYS_geteuid));
	IS(sys(SYS_getresgid, &r, &e, &s), 0);
	IS(r, sys(SYS_getgid));
	IS(e, sys(SYS_getegid));
	IS(sys(SYS_getresuid, BAD_KERNEL, &e, &s), -EFAULT);
	IS(sys(SYS_getresuid, &r, &e, BAD_UNMAPPED), -EFAULT);
}

static void drop(void *arg)
{
	(void)arg;
	IS(sys(SYS_setgid, 1000), 0);
	IS(sys(SYS_setuid, 1000), 0);
	IS(sys(SYS_getuid), 1000);
	IS(sys(SYS_geteuid), 1000);
	IS(sys(SYS_getegid), 1000);
	IS(sys(SYS_setuid, 0), -EPERM);
	IS(sys(SYS_setgid, 0), -EPERM);
	IS(sys(SYS_setuid, 1000), 0);
	IS(sys(SYS_setresuid, -1, 0, -1), -EPERM);
	IS(sys(SYS_setgroups, 0, NULL), -EPERM);
}

TEST_FLAGS(dropping_is_for_good, ROOT)
{
	IS(in_child(drop, NULL), 0);
}

static void temporary(void *arg)
{
	unsigned r, e, s;

	(void)arg;
	IS(sys(SYS_setresuid, -1, 1000, -1), 0);
	IS(sys(SYS_geteuid), 1000);
	IS(sys(SYS_open, "secret", O_RDONLY), -EACCES);
	IS(sys(SYS_setresuid, -1, 0, -1), 0);
	OK(sys(SYS_open, "secret", O_RDONLY));
	IS(sys(SYS_setreuid, 1000, 1001), 0); /* the saved one follows the effective one */
	IS(sys(SYS_getresuid, &r, &e, &s), 0);
	IS(r, 1000);
	IS(e, 1001);
	IS(s, 1001);
	IS(sys(SYS_setreuid, -1, 1000), 0);
	IS(sys(SYS_setreuid, -1, 0), -EPERM);
}

TEST_FLAGS(temporary_change, ROOT)
{
	make_file("secret", "", 0, 0600);
	MUST(sys(SYS_chmod, ".", 0755));
	IS(in_child(temporary, NULL), 0);
}

static void fsuid(void *arg)
{
	(void)arg;
	IS(sys(SYS_setfsuid, 1000), 0);
	IS(sys(SYS_setfsuid, -1), 1000);
	IS(sys(SYS_open, "secret", O_RDONLY), -EACCES);
	IS(sys(SYS_setfsuid, 0), 1000);
	OK(sys(SYS_open, "secret", O_RDONLY));
	IS(sys(SYS_setfsgid, 1000), 0);
	IS(sys(SYS_setfsgid, -1), 1000);
}

TEST_FLAGS(file_system_ids, ROOT | OPTIONAL)
{
	NEEDS(SYS_setfsuid, -1);
	make_file("secret", "", 0, 0600);
	MUST(sys(SYS_chmod, ".", 0755));
	IS(in_child(fsuid, NULL), 0);
}

static void groups(void *arg)
{
	unsigned set[] = {4, 5, 6}, got[8] = {0};

	(void)arg;
	IS(sys(SYS_setgroups, 3, set), 0);
	IS(sys(SYS_getgroups, 0, NULL), 3);
	IS(sys(SYS_getgroups, 8, got), 3);
	SAME(set, got, sizeof(set));
	IS(sys(SYS_getgroups, 2, got), -EINVAL);
	IS(sys(SYS_getgroups, -1, got), -EINVAL);
	IS(sys(SYS_getgroups, 8, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_setgroups, 65537, set), -EINVAL);
	IS(sys(SYS_setgroups, 3, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_setgroups, 0, NULL), 0);
	IS(sys(SYS_getgroups, 8, got), 0);
}

TEST_FLAGS(supplementary, ROOT)
{
	IS(in_child(groups, NULL), 0);
}
