/* SPDX-License-Identifier: MIT */
/* open(2), creat(2): flags, what they create, and what they refuse. */
#include "check.h"

TEST_FLAGS(create, FILES)
{
	struct stat st;
	long fd;

	IS(sys(SYS_open, "f", O_RDONLY), -ENOENT);
	fd = MUST(sys(SYS_open, "f", O_WRONLY | O_CREAT, 0664));
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_mode, S_IFREG | 0644); /* the driver's umask is 022 */
	IS(st.st_size, 0);
	IS(st.st_nlink, 1);
	IS(sys(SYS_open, "f", O_WRONLY | O_CREAT | O_EXCL, 0644), -EEXIST);
	OK(sys(SYS_open, "f", O_WRONLY | O_CREAT, 0600));
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode & 0777, 0644);
}

/* The mode given at creation does not bind the descriptor that created it. */
TEST_FLAGS(create_without_rights, FILES)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0));

	IS(sys(SYS_write, fd, "x", 1), 1);
}

TEST_FLAGS(truncate, FILES)
{
	struct stat st;

	make_file("f", "abc", 3, 0644);
	OK(sys(SYS_open, "f", O_WRONLY));
	sys(SYS_stat, "f", &st);
	IS(st.st_size, 3);
	OK(sys(SYS_open, "f", O_WRONLY | O_TRUNC));
	sys(SYS_stat, "f", &st);
	IS(st.st_size, 0);
}

TEST_FLAGS(creat, FILES)
{
	char c;
	long fd;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_creat, "f", 0644));
	IS(sys(SYS_read, fd, &c, 1), -EBADF);
	IS(sys(SYS_lseek, fd, 0, SEEK_END), 0);
}

TEST_FLAGS(directory, FILES)
{
	MUST(sys(SYS_mkdir, "d", 0755));
	make_file("f", "", 0, 0644);
	OK(sys(SYS_open, "d", O_RDONLY));
	OK(sys(SYS_open, "d", O_RDONLY | O_DIRECTORY));
	IS(sys(SYS_open, "d", O_WRONLY), -EISDIR);
	IS(sys(SYS_open, "d", O_RDWR), -EISDIR);
	IS(sys(SYS_open, "d", O_RDONLY | O_CREAT, 0644), -EISDIR);
	IS(sys(SYS_open, "f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	IS(sys(SYS_open, "f/", O_RDONLY), -ENOTDIR);
	IS(sys(SYS_open, "new/", O_RDWR | O_CREAT, 0644), -EISDIR);
	IS(exists("new"), 0);
}

TEST_FLAGS(symbolic_links, FILES)
{
	long fd;

	make_file("f", "abc", 3, 0644);
	IS(sys(SYS_symlink, "f", "l"), 0);
	IS(sys(SYS_symlink, "absent", "dangling"), 0);
	IS(sys(SYS_symlink, "loop2", "loop1"), 0);
	IS(sys(SYS_symlink, "loop1", "loop2"), 0);
	fd = OK(sys(SYS_open, "l", O_RDONLY));
	IS(sys(SYS_lseek, fd, 0, SEEK_END), 3);
	IS(sys(SYS_open, "l", O_RDONLY | O_NOFOLLOW), -ELOOP);
	IS(sys(SYS_open, "l", O_RDONLY | O_CREAT | O_EXCL, 0644), -EEXIST);
	IS(sys(SYS_open, "dangling", O_RDONLY), -ENOENT);
	IS(sys(SYS_open, "dangling", O_RDWR | O_CREAT | O_EXCL, 0644), -EEXIST);
	IS(sys(SYS_open, "loop1", O_RDONLY), -ELOOP);
	OK(sys(SYS_open, "dangling", O_RDWR | O_CREAT, 0644));
	TRUE(exists("absent"));
}

TEST_FLAGS(lowest_descriptor, FILES)
{
	long a, b, c;

	make_file("f", "", 0, 0644);
	a = MUST(sys(SYS_open, "f", O_RDONLY));
	b = MUST(sys(SYS_open, "f", O_RDONLY));
	c = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(b, a + 1);
	IS(c, a + 2);
	IS(sys(SYS_close, b), 0);
	IS(sys(SYS_close, a), 0);
	IS(sys(SYS_open, "f", O_RDONLY), a);
	IS(sys(SYS_open, "f", O_RDONLY), b);
	IS(sys(SYS_open, "f", O_RDONLY), c + 1);
}

TEST_FLAGS(flags_are_remembered, FILES)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0644));

	IS(sys(SYS_fcntl, fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT),
	   O_RDWR | O_APPEND | O_NONBLOCK);
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
}

TEST_FLAGS(path_only, FILES)
{
	struct stat st;
	long fd;
	char c;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_PATH));
	IS(sys(SYS_read, fd, &c, 1), -EBADF);
	IS(sys(SYS_write, fd, &c, 1), -EBADF);
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, 3);
	IS(sys(SYS_symlink, "f", "l"), 0);
	fd = MUST(sys(SYS_open, "l", O_PATH | O_NOFOLLOW));
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_mode & S_IFMT, S_IFLNK);
}

TEST_FLAGS(bad_paths, FILES)
{
	static char name[5000];

	IS(sys(SYS_open, "", O_RDONLY), -ENOENT);
	IS(sys(SYS_open, "no/such", O_RDONLY), -ENOENT);
	IS(sys(SYS_open, "no/such", O_RDWR | O_CREAT, 0644), -ENOENT);
	make_file("f", "", 0, 0644);
	IS(sys(SYS_open, "f/x", O_RDONLY), -ENOTDIR);
	memset(name, 'a', 256);
	IS(sys(SYS_open, name, O_RDONLY), -ENAMETOOLONG);
	IS(sys(SYS_open, name, O_RDWR | O_CREAT, 0644), -ENAMETOOLONG);
	name[255] = 0;
	OK(sys(SYS_open, name, O_RDWR | O_CREAT, 0644));
	IS(sys(SYS_unlink, name), 0);
	for (int i = 0; i < 4999; i += 2)
		memcpy(name + i, "./", 2);
	IS(sys(SYS_open, name, O_RDONLY), -ENAMETOOLONG);
	name[4095] = 0;
	OK(sys(SYS_open, name, O_RDONLY));
	IS(sys(SYS_open, BAD_UNMAPPED, O_RDONLY), -EFAULT);
	IS(sys(SYS_open, BAD_KERNEL, O_RDONLY), -EFAULT);
	IS(sys(SYS_open, BAD_NONCANONICAL, O_RDONLY), -EFAULT);
	IS(sys(SYS_open, NULL, O_RDONLY), -EFAULT);
}

TEST_FLAGS(dots_and_slashes, FILES)
{
	MUST(sys(SYS_mkdir, "d", 0755));
	make_file("d/f", "", 0, 0644);
	OK(sys(SYS_open, "d//f", O_RDONLY));
	OK(sys(SYS_open, "./d/./f", O_RDONLY));
	OK(sys(SYS_open, "d/../d/f", O_RDONLY));
	OK(sys(SYS_open, "d/", O_RDONLY));
	OK(sys(SYS_open, "/../..//", O_RDONLY));
	IS(sys(SYS_open, "d/f/..", O_RDONLY), -ENOTDIR);
	IS(sys(SYS_open, "x/../d/f", O_RDONLY), -ENOENT);
}
