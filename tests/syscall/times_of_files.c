/* SPDX-License-Identifier: MIT */
/* utimensat(2), and which operation changes which time. */
#include "check.h"

#include <time.h>

TEST_FLAGS(set, FILES)
{
	struct timespec ts[2] = {{1000, 111}, {2000, 222}};
	struct stat st;

	make_file("f", "", 0, 0644);
	IS(sys(SYS_utimensat, AT_FDCWD, "f", ts, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_atim.tv_sec, 1000);
	IS(st.st_atim.tv_nsec, 111);
	IS(st.st_mtim.tv_sec, 2000);
	IS(st.st_mtim.tv_nsec, 222);
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_nsec = UTIME_NOW;
	IS(sys(SYS_utimensat, AT_FDCWD, "f", ts, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_atim.tv_sec, 1000);
	TRUE(st.st_mtim.tv_sec > 1600000000);
	IS(sys(SYS_utimensat, AT_FDCWD, "f", NULL, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	TRUE(st.st_atim.tv_sec > 1600000000);
}

TEST_FLAGS(by_descriptor_and_link, FILES)
{
	struct timespec ts[2] = {{1000, 0}, {2000, 0}};
	struct stat st;

	make_file("f", "", 0, 0644);
	MUST(sys(SYS_symlink, "f", "l"));
	IS(sys(SYS_utimensat, MUST(sys(SYS_open, "f", O_RDONLY)), NULL, ts, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mtim.tv_sec, 2000);
	ts[1].tv_sec = 3000;
	IS(sys(SYS_utimensat, AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW), 0);
	IS(sys(SYS_lstat, "l", &st), 0);
	IS(st.st_mtim.tv_sec, 3000);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mtim.tv_sec, 2000);
}

TEST_FLAGS(refusals, FILES)
{
	struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
	struct timespec good[2] = {{1, 0}, {1, 0}};

	make_file("f", "", 0, 0644);
	IS(sys(SYS_utimensat, AT_FDCWD, "f", bad, 0), -EINVAL);
	IS(sys(SYS_utimensat, AT_FDCWD, "absent", good, 0), -ENOENT);
	IS(sys(SYS_utimensat, 99, NULL, good, 0), -EBADF);
	IS(sys(SYS_utimensat, AT_FDCWD, "f", BAD_KERNEL, 0), -EFAULT);
	IS(sys(SYS_utimensat, AT_FDCWD, "f", good, 0x40000000), -EINVAL);
	IS(sys(SYS_utimensat, AT_FDCWD, NULL, good, 0), -EFAULT);
}

/* Old times are put on the objects first, so that any change shows whatever the clock's grain. */
static void make_old(const char *path)
{
	struct timespec ts[2] = {{1000, 0}, {1000, 0}};

	MUST(sys(SYS_utimensat, AT_FDCWD, path, ts, 0));
}

static long mtime(const char *path)
{
	struct stat st;

	MUST(sys(SYS_stat, path, &st));
	return st.st_mtim.tv_sec;
}

TEST_FLAGS(kept_by_the_system, FILES)
{
	long fd;

	MUST(sys(SYS_mkdir, "d", 0755));
	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	make_old("f");
	MUST(sys(SYS_chmod, "f", 0600));
	IS(mtime("f"), 1000);
	IS(sys(SYS_write, fd, "x", 1), 1);
	TRUE(mtime("f") > 1000);
	make_old("f");
	IS(sys(SYS_ftruncate, fd, 1), 0);
	TRUE(mtime("f") > 1000);
	make_old("d");
	make_file("d/x", "", 0, 0644);
	TRUE(mtime("d") > 1000);
	make_old("d");
	MUST(sys(SYS_rename, "d/x", "d/y"));
	TRUE(mtime("d") > 1000);
	make_old("d");
	MUST(sys(SYS_unlink, "d/y"));
	TRUE(mtime("d") > 1000);
	make_old("f");
	MUST(sys(SYS_open, "f", O_RDWR));
	IS(mtime("f"), 1000);
	MUST(sys(SYS_open, "f", O_RDWR | O_TRUNC));
	TRUE(mtime("f") > 1000);
}
