/* SPDX-License-Identifier: MIT */
/* stat(2), lstat, fstat, newfstatat, statx: one object, the same answer through every door. */
#include "check.h"

#include <sys/sysmacros.h>

TEST_FLAGS(regular_file, FILES)
{
	struct stat a, b, c, d, e;
	long fd;

	make_file("f", "hello", 5, 0640);
	IS(sys(SYS_stat, "f", &a), 0);
	IS(sys(SYS_lstat, "f", &b), 0);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_fstat, fd, &c), 0);
	IS(sys(SYS_newfstatat, AT_FDCWD, "f", &d, 0), 0);
	IS(sys(SYS_newfstatat, fd, "", &e, AT_EMPTY_PATH), 0);
	SAME(&a, &b, sizeof(a));
	SAME(&a, &c, sizeof(a));
	SAME(&a, &d, sizeof(a));
	SAME(&a, &e, sizeof(a));
	IS(a.st_mode, S_IFREG | 0640);
	IS(a.st_size, 5);
	IS(a.st_nlink, 1);
	IS(a.st_uid, sys(SYS_geteuid));
	TRUE(a.st_ino != 0);
	TRUE(a.st_blksize >= 512);
	TRUE(a.st_mtime > 1600000000);
}

TEST_FLAGS(inode_numbers, FILES)
{
	struct stat a, b, c;

	make_file("f", "1", 1, 0644);
	make_file("g", "1", 1, 0644);
	IS(sys(SYS_link, "f", "h"), 0);
	sys(SYS_stat, "f", &a);
	sys(SYS_stat, "g", &b);
	sys(SYS_stat, "h", &c);
	TRUE(a.st_ino != b.st_ino);
	IS(a.st_ino, c.st_ino);
	IS(a.st_dev, b.st_dev);
	IS(c.st_nlink, 2);
}

TEST_FLAGS(links, FILES)
{
	struct stat st;

	make_file("f", "12345", 5, 0644);
	IS(sys(SYS_symlink, "f", "l"), 0);
	IS(sys(SYS_symlink, "absent", "dangling"), 0);
	IS(sys(SYS_stat, "l", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFREG);
	IS(sys(SYS_lstat, "l", &st), 0);
	IS(st.st_mode, S_IFLNK | 0777);
	IS(st.st_size, 1);
	IS(sys(SYS_newfstatat, AT_FDCWD, "l", &st, AT_SYMLINK_NOFOLLOW), 0);
	IS(st.st_mode & S_IFMT, S_IFLNK);
	IS(sys(SYS_stat, "dangling", &st), -ENOENT);
	IS(sys(SYS_lstat, "dangling", &st), 0);
	IS(sys(SYS_lstat, "l/", &st), -ENOTDIR);
}

TEST(kinds)
{
	struct stat st;
	int p[2];

	make_pipe(p);
	IS(sys(SYS_fstat, p[0], &st), 0);
	IS(st.st_mode & S_IFMT, S_IFIFO);
	IS(sys(SYS_stat, ".", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFDIR);
	IS(sys(SYS_stat, "/dev/null", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFCHR);
	IS(st.st_rdev, makedev(1, 3));
	IS(sys(SYS_stat, "/dev/zero", &st), 0);
	IS(st.st_rdev, makedev(1, 5));
}

TEST_FLAGS(directory_link_count, FILES)
{
	struct stat st;

	MUST(sys(SYS_mkdir, "d", 0755));
	MUST(sys(SYS_mkdir, "d/a", 0755));
	IS(sys(SYS_stat, "d", &st), 0);
	TRUE(st.st_nlink == 3 || st.st_nlink == 1); /* 1 where the file system does not count */
}

TEST_FLAGS(refusals, FILES)
{
	struct stat st;

	IS(sys(SYS_stat, "absent", &st), -ENOENT);
	IS(sys(SYS_stat, "", &st), -ENOENT);
	IS(sys(SYS_fstat, 99, &st), -EBADF);
	IS(sys(SYS_newfstatat, 99, "f", &st, 0), -EBADF);
	IS(sys(SYS_newfstatat, AT_FDCWD, "", &st, 0), -ENOENT);
	IS(sys(SYS_newfstatat, AT_FDCWD, ".", &st, 0x40000000), -EINVAL);
	IS(sys(SYS_stat, ".", BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_stat, ".", BAD_KERNEL), -EFAULT);
	IS(sys(SYS_fstat, 0, BAD_NONCANONICAL), -EFAULT);
	IS(sys(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH), 0); /* the working directory */
	IS(st.st_mode & S_IFMT, S_IFDIR);
}

struct statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t reserved;
};

struct statx_answer {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t spare2[14];
};

TEST_FLAGS(statx_says_the_same, FILES | OPTIONAL)
{
	struct statx_answer x;
	struct stat st;

	NEEDS(SYS_statx, -1, "", 0, 0, 0);
	make_file("f", "hello", 5, 0640);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(sys(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, &x), 0);
	TRUE((x.mask & 0x7ff) >= 0x2ff);
	IS(x.mode, st.st_mode);
	IS(x.size, 5);
	IS(x.ino, st.st_ino);
	IS(x.nlink, 1);
	IS(x.uid, st.st_uid);
	IS(x.mtime.sec, st.st_mtim.tv_sec);
	IS(x.mtime.nsec, st.st_mtim.tv_nsec);
	IS(makedev(x.dev_major, x.dev_minor), st.st_dev);
	IS(sys(SYS_statx, AT_FDCWD, "absent", 0, 0x7ff, &x), -ENOENT);
	IS(sys(SYS_statx, AT_FDCWD, "f", 0, 0x80000000u, &x), -EINVAL);
	IS(sys(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, BAD_KERNEL), -EFAULT);
}
