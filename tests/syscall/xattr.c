/* SPDX-License-Identifier: MIT */
/* getxattr(2), setxattr(2), listxattr(2), removexattr(2), by path, by link, by descriptor. */
#include "check.h"

#include <stdio.h>

enum { CREATE = 1, REPLACE = 2 };

/* Not every file system keeps what users attach (tmpfs since Linux 6.6). */
static void need_xattrs(void)
{
	make_file("f", "", 0, 0644);
	if (sys(SYS_setxattr, "f", "user.probe", "", 0, 0) == -EOPNOTSUPP)
		skip("no user.* attributes on this file system");
	IS(sys(SYS_removexattr, "f", "user.probe"), 0);
}

TEST_FLAGS(set_get_remove, FILES)
{
	char value[16] = "";
	long fd;

	need_xattrs();
	IS(sys(SYS_getxattr, "f", "user.a", value, sizeof(value)), -ENODATA);
	IS(sys(SYS_removexattr, "f", "user.a"), -ENODATA);
	IS(sys(SYS_setxattr, "f", "user.a", "hello", 5, REPLACE), -ENODATA);
	IS(sys(SYS_setxattr, "f", "user.a", "hello", 5, CREATE), 0);
	IS(sys(SYS_setxattr, "f", "user.a", "again", 5, CREATE), -EEXIST);
	IS(sys(SYS_getxattr, "f", "user.a", NULL, 0), 5);
	IS(sys(SYS_getxattr, "f", "user.a", value, 4), -ERANGE);
	IS(sys(SYS_getxattr, "f", "user.a", value, sizeof(value)), 5);
	SAME(value, "hello", 5);
	IS(sys(SYS_setxattr, "f", "user.a", "longer value", 12, 0), 0);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_fgetxattr, fd, "user.a", value, sizeof(value)), 12);
	SAME(value, "longer value", 12);
	IS(sys(SYS_fsetxattr, fd, "user.a", "", 0, REPLACE), 0); /* an empty value is one */
	IS(sys(SYS_getxattr, "f", "user.a", value, sizeof(value)), 0);
	IS(sys(SYS_fremovexattr, fd, "user.a"), 0);
	IS(sys(SYS_getxattr, "f", "user.a", NULL, 0), -ENODATA);
}

static bool listed(const char *list, long size, const char *name)
{
	for (const char *p = list; p < list + size; p += strlen(p) + 1)
		if (!strcmp(p, name))
			return true;
	return false;
}

TEST_FLAGS(lists, FILES)
{
	char list[4096];
	long before, n;

	need_xattrs();
	before = OK(sys(SYS_listxattr, "f", NULL, 0)); /* an LSM may have put its own there */
	IS(sys(SYS_setxattr, "f", "user.one", "1", 1, 0), 0);
	IS(sys(SYS_setxattr, "f", "user.two", "2", 1, 0), 0);
	n = sys(SYS_listxattr, "f", NULL, 0);
	IS(n, before + 18);
	IS(sys(SYS_listxattr, "f", list, n - 1), -ERANGE);
	IS(sys(SYS_listxattr, "f", list, sizeof(list)), n);
	TRUE(listed(list, n, "user.one") && listed(list, n, "user.two"));
	IS(sys(SYS_flistxattr, MUST(sys(SYS_open, "f", O_RDONLY)), list, sizeof(list)), n);
	IS(sys(SYS_removexattr, "f", "user.one"), 0);
	n = sys(SYS_listxattr, "f", list, sizeof(list));
	IS(n, before + 9);
	TRUE(!listed(list, n, "user.one"));
}

TEST_FLAGS(refusals, FILES)
{
	char name[300], byte;

	need_xattrs();
	memset(name, 'x', sizeof(name));
	memcpy(name, "user.", 5);
	name[256] = 0;
	IS(sys(SYS_setxattr, "f", name, "1", 1, 0), -ERANGE);
	IS(sys(SYS_setxattr, "f", "", "1", 1, 0), -ERANGE);
	IS(sys(SYS_setxattr, "f", "user.", "1", 1, 0), -EINVAL);
	IS(sys(SYS_setxattr, "f", "nonsense.a", "1", 1, 0), -EOPNOTSUPP);
	IS(sys(SYS_getxattr, "f", "nonsense.a", &byte, 1), -EOPNOTSUPP);
	IS(sys(SYS_setxattr, "f", "user.a", "1", 1, 4), -EINVAL);
	IS(sys(SYS_setxattr, "f", "user.a", "1", 65537, 0), -E2BIG);
	IS(sys(SYS_setxattr, "f", "user.a", BAD_KERNEL, 1, 0), -EFAULT);
	IS(sys(SYS_setxattr, "f", BAD_KERNEL, "1", 1, 0), -EFAULT);
	IS(sys(SYS_setxattr, "missing", "user.a", "1", 1, 0), -ENOENT);
	IS(sys(SYS_fsetxattr, 99, "user.a", "1", 1, 0), -EBADF);
	IS(sys(SYS_fgetxattr, 99, "user.a", &byte, 1), -EBADF);
	IS(sys(SYS_flistxattr, 99, &byte, 1), -EBADF);
	IS(sys(SYS_getxattr, "f", "security.nothing", &byte, 1), -ENODATA);
	name[255] = 0; /* the longest */
	IS(sys(SYS_setxattr, "f", name, "1", 1, 0), 0);
	IS(sys(SYS_getxattr, "f", name, &byte, 1), 1);
}

TEST_FLAGS(big_values, FILES)
{
	static char value[900], back[900];

	need_xattrs();
	for (int i = 0; i < 900; i++)
		value[i] = (char)(i * 7);
	IS(sys(SYS_setxattr, "f", "user.big", value, sizeof(value), 0), 0);
	IS(sys(SYS_getxattr, "f", "user.big", back, sizeof(back)), sizeof(value));
	SAME(back, value, sizeof(value));
}

TEST_FLAGS(directories_and_links, FILES)
{
	char byte;

	need_xattrs();
	MUST(sys(SYS_mkdir, "d", 0755));
	IS(sys(SYS_setxattr, "d", "user.a", "1", 1, 0), 0);
	IS(sys(SYS_getxattr, "d", "user.a", &byte, 1), 1);
	MUST(sys(SYS_symlink, "f", "l"));
	IS(sys(SYS_setxattr, "l", "user.a", "2", 1, 0), 0); /* goes to the file */
	IS(sys(SYS_getxattr, "f", "user.a", &byte, 1), 1);
	IS(byte, '2');
	IS(sys(SYS_lsetxattr, "l", "user.a", "1", 1, 0), -EPERM);
	IS(sys(SYS_lgetxattr, "l", "user.a", &byte, 1), -ENODATA);
	IS(sys(SYS_lremovexattr, "l", "user.a"), -EPERM);
	IS(sys(SYS_lgetxattr, "f", "user.a", &byte, 1), 1);
	MUST(sys(SYS_mknod, "p", S_IFIFO | 0600, 0));
	IS(sys(SYS_setxattr, "p", "user.a", "1", 1, 0), -EPERM);
	IS(sys(SYS_getxattr, "p", "user.a", &byte, 1), -ENODATA);
	OK(sys(SYS_listxattr, "p", NULL, 0));
}

/* They belong to the inode: renames and other links see the same. */
TEST_FLAGS(stay_with_the_file, FILES)
{
	char byte;

	need_xattrs();
	IS(sys(SYS_setxattr, "f", "user.a", "1", 1, 0), 0);
	IS(sys(SYS_link, "f", "g"), 0);
	IS(sys(SYS_rename, "f", "h"), 0);
	IS(sys(SYS_getxattr, "h", "user.a", &byte, 1), 1);
	IS(sys(SYS_getxattr, "g", "user.a", &byte, 1), 1);
	make_file("f", "", 0, 0644);
	IS(sys(SYS_getxattr, "f", "user.a", &byte, 1), -ENODATA);
}

static void as_stranger(void *arg)
{
	char byte;

	(void)arg;
	IS(sys(SYS_getxattr, "f", "user.a", &byte, 1), 1);
	IS(sys(SYS_setxattr, "f", "user.a", "1", 1, 0), -EACCES);
	IS(sys(SYS_removexattr, "f", "user.a"), -EACCES);
	IS(sys(SYS_getxattr, "secret", "user.a", &byte, 1), -EACCES);
	IS(sys(SYS_setxattr, "f", "trusted.a", "1", 1, 0), -EPERM);
	IS(sys(SYS_getxattr, "f", "trusted.a", &byte, 1), -ENODATA);
	IS(sys(SYS_setxattr, "f", "security.a", "1", 1, 0), -EPERM);
	IS(sys(SYS_setxattr, "sticky", "user.a", "1", 1, 0), -EPERM);
}

TEST_FLAGS(permissions, ROOT | FILES)
{
	need_xattrs();
	make_file("secret", "", 0, 0600);
	MUST(sys(SYS_mkdir, "sticky", 0755));
	MUST(sys(SYS_chmod, "sticky", 01777));
	IS(sys(SYS_setxattr, "f", "user.a", "1", 1, 0), 0);
	IS(sys(SYS_setxattr, "secret", "user.a", "1", 1, 0), 0);
	IS(sys(SYS_chmod, ".", 0755), 0);
	IS(as_user(as_stranger, NULL), 0);
}
