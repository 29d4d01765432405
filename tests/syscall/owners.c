/* SPDX-License-Identifier: MIT */
/* chown(2), lchown, fchown, fchownat. */
#include "check.h"

TEST_FLAGS(change, FILES | ROOT)
{
	struct stat st;

	make_file("f", "", 0, 0644);
	IS(sys(SYS_chown, "f", 5, 6), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_uid, 5);
	IS(st.st_gid, 6);
	IS(sys(SYS_chown, "f", -1, 7), 0);
	IS(sys(SYS_chown, "f", 8, -1), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_uid, 8);
	IS(st.st_gid, 7);
	MUST(sys(SYS_symlink, "f", "l"));
	IS(sys(SYS_lchown, "l", 11, 12), 0);
	IS(sys(SYS_lstat, "l", &st), 0);
	IS(st.st_uid, 11);
	IS(sys(SYS_chown, "l", 13, 14), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_uid, 13);
	IS(sys(SYS_fchown, MUST(sys(SYS_open, "f", O_RDONLY)), 15, 16), 0);
	IS(sys(SYS_fchownat, AT_FDCWD, "l", 17, 18, AT_SYMLINK_NOFOLLOW), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_uid, 15);
	IS(sys(SYS_fchownat, AT_FDCWD, "f", 19, 20, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_gid, 20);
	IS(sys(SYS_chown, "absent", 0, 0), -ENOENT);
	IS(sys(SYS_fchown, 99, 0, 0), -EBADF);
	IS(sys(SYS_fchownat, AT_FDCWD, "f", 0, 0, 0x40000000), -EINVAL);
	IS(sys(SYS_chown, BAD_KERNEL, 0, 0), -EFAULT);
}

/* A new owner takes set-user-ID away. */
TEST_FLAGS(drops_set_id, FILES | ROOT)
{
	struct stat st;

	make_file("f", "", 0, 0755);
	MUST(sys(SYS_chmod, "f", 06755));
	IS(sys(SYS_chown, "f", 5, 6), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 07777, 0755);
}

static void as_owner(void *arg)
{
	(void)arg;
	IS(sys(SYS_chown, "f", 1001, -1), -EPERM);
	IS(sys(SYS_chown, "f", -1, 4242), -EPERM);
	IS(sys(SYS_chown, "f", 1000, 1000), 0);
	IS(sys(SYS_chown, "f", -1, -1), 0);
}

TEST_FLAGS(unprivileged, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0755));
	make_file("f", "", 0, 0644);
	MUST(sys(SYS_chown, "f", 1000, 0));
	IS(as_user(as_owner, NULL), 0);
}
