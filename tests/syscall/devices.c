/* SPDX-License-Identifier: MIT */
/* /dev: null, zero, full, tty, shm, and the links to the standard streams. */
#include "check.h"

TEST(null)
{
	char c;
	long fd = MUST(sys(SYS_open, "/dev/null", O_RDWR));

	IS(sys(SYS_write, fd, "abc", 3), 3);
	IS(sys(SYS_read, fd, &c, 1), 0);
	IS(sys(SYS_lseek, fd, 100, SEEK_SET), 0);
	OK(sys(SYS_open, "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644));
}

TEST(zero)
{
	char text[64];
	long fd = MUST(sys(SYS_open, "/dev/zero", O_RDWR));
	char *p;

	memset(text, 'x', 64);
	IS(sys(SYS_read, fd, text, 64), 64);
	for (int i = 0; i < 64; i++)
		if (text[i])
			IS(text[i], 0);
	IS(sys(SYS_write, fd, "abc", 3), 3);
	p = (char *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	p[0] = 1;
	IS(p[1], 0);
}

TEST(full)
{
	char text[4] = "xxx";
	long fd = MUST(sys(SYS_open, "/dev/full", O_RDWR));

	IS(sys(SYS_write, fd, "abc", 3), -ENOSPC);
	IS(sys(SYS_read, fd, text, 3), 3);
	IS(text[0], 0);
}

TEST(tty_without_terminal)
{
	/* the driver's session may have one when started by hand */
	long fd = sys(SYS_open, "/dev/tty", O_RDWR);

	TRUE(fd >= 0 || fd == -ENXIO);
}

TEST(links)
{
	struct stat a, b;
	int p[2];

	make_pipe(p);
	MUST(sys(SYS_dup2, p[0], 0));
	IS(sys(SYS_stat, "/dev/stdin", &a), 0);
	IS(sys(SYS_fstat, 0, &b), 0);
	IS(a.st_ino, b.st_ino);
	IS(sys(SYS_stat, "/dev/fd/0", &a), 0);
	IS(a.st_ino, b.st_ino);
}

TEST(shared_memory_directory)
{
	long fd = MUST(sys(SYS_open, "/dev/shm/check", O_RDWR | O_CREAT | O_EXCL, 0600));
	int *p;

	IS(sys(SYS_ftruncate, fd, 4096), 0);
	p = (int *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	p[0] = 5;
	IS(sys(SYS_unlink, "/dev/shm/check"), 0);
	IS(p[0], 5);
}
