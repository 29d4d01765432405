/* SPDX-License-Identifier: MIT */
/* mknod(2), mknodat: fifos, files, devices; and how a fifo opens. */
#include "check.h"

#include <sys/sysmacros.h>

TEST_FLAGS(kinds, FILES)
{
	struct stat st;

	IS(sys(SYS_mknod, "p", S_IFIFO | 0640, 0), 0);
	IS(sys(SYS_stat, "p", &st), 0);
	IS(st.st_mode, S_IFIFO | 0640);
	IS(sys(SYS_mknodat, AT_FDCWD, "f", S_IFREG | 0600, 0), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mode, S_IFREG | 0600);
	IS(sys(SYS_mknod, "g", 0600, 0), 0); /* no type: a regular file */
	IS(sys(SYS_mknod, "p", S_IFIFO | 0600, 0), -EEXIST);
	IS(sys(SYS_mknod, "d", S_IFDIR | 0700, 0), -EPERM);
	IS(sys(SYS_mknod, "l", S_IFLNK | 0700, 0), -EINVAL);
	IS(sys(SYS_mknod, "no/p", S_IFIFO | 0600, 0), -ENOENT);
	IS(sys(SYS_mknod, BAD_KERNEL, S_IFIFO | 0600, 0), -EFAULT);
}

static void device_as_user(void *arg)
{
	(void)arg;
	IS(sys(SYS_mknod, "dev", S_IFCHR | 0600, makedev(1, 3)), -EPERM);
	IS(sys(SYS_mknod, "fifo", S_IFIFO | 0600, 0), 0);
}

TEST_FLAGS(devices_need_privilege, FILES | ROOT)
{
	MUST(sys(SYS_chmod, ".", 0777));
	IS(as_user(device_as_user, NULL), 0);
}

static void open_reader(void *arg)
{
	char text[8];
	long fd = MUST(sys(SYS_open, "p", O_RDONLY));

	(void)arg;
	IS(sys(SYS_read, fd, text, 8), 3);
	SAME(text, "abc", 3);
	IS(sys(SYS_read, fd, text, 8), 0);
}

TEST_FLAGS(fifo_meets, FILES)
{
	long pid, fd;

	MUST(sys(SYS_mknod, "p", S_IFIFO | 0600, 0));
	pid = child(open_reader, NULL);
	fd = MUST(sys(SYS_open, "p", O_WRONLY)); /* each waits for the other */
	IS(sys(SYS_write, fd, "abc", 3), 3);
	IS(sys(SYS_close, fd), 0);
	IS(reap(pid), 0);
}

TEST_FLAGS(fifo_without_waiting, FILES)
{
	char text[8];
	long r, w;

	MUST(sys(SYS_mknod, "p", S_IFIFO | 0600, 0));
	IS(sys(SYS_open, "p", O_WRONLY | O_NONBLOCK), -ENXIO);
	r = MUST(sys(SYS_open, "p", O_RDONLY | O_NONBLOCK));
	IS(sys(SYS_read, r, text, 8), 0); /* no writer yet: end of file */
	w = MUST(sys(SYS_open, "p", O_WRONLY | O_NONBLOCK));
	IS(sys(SYS_read, r, text, 8), -EAGAIN);
	IS(sys(SYS_write, w, "x", 1), 1);
	IS(sys(SYS_read, r, text, 8), 1);
	OK(sys(SYS_open, "p", O_RDWR));
}
