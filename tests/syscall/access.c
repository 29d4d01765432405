/* SPDX-License-Identifier: MIT */
/* access(2), faccessat, faccessat2: by the real uid. */
#include "check.h"

TEST_FLAGS(existence, FILES)
{
	make_file("f", "", 0, 0644);
	IS(sys(SYS_access, "f", F_OK), 0);
	IS(sys(SYS_access, "f", R_OK | W_OK), 0);
	IS(sys(SYS_access, "f", X_OK), -EACCES); /* not even root: no x bit at all */
	IS(sys(SYS_access, ".", X_OK), 0);
	IS(sys(SYS_access, "absent", F_OK), -ENOENT);
	IS(sys(SYS_access, "f/x", F_OK), -ENOTDIR);
	IS(sys(SYS_access, "f", 8), -EINVAL);
	IS(sys(SYS_access, BAD_KERNEL, F_OK), -EFAULT);
	IS(sys(SYS_chmod, "f", 0755), 0);
	IS(sys(SYS_access, "f", X_OK), 0);
	IS(sys(SYS_symlink, "absent", "dangling"), 0);
	IS(sys(SYS_access, "dangling", F_OK), -ENOENT);
}

static void as_other(void *arg)
{
	(void)arg;
	IS(sys(SYS_access, "secret", F_OK), 0);
	IS(sys(SYS_access, "secret", R_OK), -EACCES);
	IS(sys(SYS_access, "readable", R_OK), 0);
	IS(sys(SYS_access, "readable", W_OK), -EACCES);
	IS(sys(SYS_access, "closed/f", F_OK), -EACCES);
}

TEST_FLAGS(other_user, FILES | ROOT)
{
	make_file("secret", "", 0, 0600);
	make_file("readable", "", 0, 0644);
	MUST(sys(SYS_mkdir, "closed", 0700));
	make_file("closed/f", "", 0, 0666);
	MUST(sys(SYS_chmod, ".", 0755));
	IS(as_user(as_other, NULL), 0);
}

static void effective_root(void *arg)
{
	(void)arg;
	MUST(sys(SYS_setresuid, 1000, 0, 0));
	IS(sys(SYS_access, "secret", R_OK), -EACCES);
	IS(sys(SYS_faccessat, AT_FDCWD, "secret", R_OK), -EACCES);
	OK(sys(SYS_open, "secret", O_RDONLY));
	if (sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, AT_EACCESS) != -ENOSYS) {
		IS(sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, AT_EACCESS), 0);
		IS(sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, 0), -EACCES);
		IS(sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, 0x4000000), -EINVAL);
	}
}

TEST_FLAGS(real_not_effective_uid, FILES | ROOT)
{
	make_file("secret", "", 0, 0600);
	MUST(sys(SYS_chmod, ".", 0755));
	IS(in_child(effective_root, NULL), 0);
}
