/* SPDX-License-Identifier: MIT */
/* chroot(2). */
#include "check.h"

static void inside(void *arg)
{
	char text[64];

	(void)arg;
	MUST(sys(SYS_chroot, "jail"));
	TRUE(exists("/f") == false); /* the working directory is still outside */
	MUST(sys(SYS_chdir, "/"));
	TRUE(exists("/inner/f"));
	TRUE(exists("/../../../inner/f"));
	TRUE(exists("/up")); /* a link to ".." above the root stays in */
	IS(sys(SYS_getcwd, text, sizeof(text)), 2);
	STREQ(text, "/");
	MUST(sys(SYS_chdir, "inner"));
	IS(sys(SYS_getcwd, text, sizeof(text)), 7);
	STREQ(text, "/inner");
	TRUE(exists("/absolute/f")); /* absolute links start at the new root */
}

TEST_FLAGS(confines_paths, FILES | ROOT)
{
	make_file("f", "", 0, 0644);
	MUST(sys(SYS_mkdir, "jail", 0755));
	MUST(sys(SYS_mkdir, "jail/inner", 0755));
	make_file("jail/inner/f", "", 0, 0644);
	MUST(sys(SYS_symlink, "/inner", "jail/absolute"));
	MUST(sys(SYS_symlink, "../../..", "jail/up"));
	IS(in_child(inside, NULL), 0);
	TRUE(exists("jail/inner/f"));
}

static void as_other(void *arg)
{
	(void)arg;
	IS(sys(SYS_chroot, "/"), -EPERM);
}

TEST_FLAGS(refusals, FILES | ROOT)
{
	make_file("f", "", 0, 0644);
	IS(sys(SYS_chroot, "absent"), -ENOENT);
	IS(sys(SYS_chroot, "f"), -ENOTDIR);
	IS(sys(SYS_chroot, BAD_KERNEL), -EFAULT);
	IS(as_user(as_other, NULL), 0);
}
