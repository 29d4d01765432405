/* SPDX-License-Identifier: MIT */
/* mmap(2) of files: private copies, shared pages, one page cache, and what lies beyond the end. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define PAGE 4096ul

static long make_pages(int count)
{
	static char page[PAGE];
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT | O_TRUNC, 0644));

	for (int i = 0; i < count; i++) {
		memset(page, 'a' + i, PAGE);
		IS(sys(SYS_write, fd, page, PAGE), PAGE);
	}
	return fd;
}

TEST_FLAGS(private_copy, FILES)
{
	long fd = make_pages(3);
	char *p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, MAP_PRIVATE, fd, PAGE)), c;

	IS(sys(SYS_close, fd), 0); /* the mapping keeps the file */
	IS(p[0], 'b');
	IS(p[PAGE], 'c');
	p[0] = 'X';
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_pread64, fd, &c, 1, PAGE), 1);
	IS(c, 'b');
	/* a page not yet written to shows the file's news, a copied one does not */
	IS(sys(SYS_pwrite64, fd, "N", 1, 2 * PAGE), 1);
	IS(p[PAGE], 'N');
	IS(sys(SYS_pwrite64, fd, "N", 1, PAGE + 1), 1);
	IS(p[1], 'b');
}

TEST_FLAGS(shared_is_coherent, FILES)
{
	long fd = make_pages(2);
	char *p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	char *q = (char *)MUST(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, fd, PAGE));
	char c;

	p[10] = 'S';
	IS(sys(SYS_pread64, fd, &c, 1, 10), 1);
	IS(c, 'S');
	IS(sys(SYS_pwrite64, fd, "W", 1, PAGE + 5), 1);
	IS(p[PAGE + 5], 'W');
	p[PAGE + 6] = 'T';
	IS(q[6], 'T');
	IS(sys(SYS_msync, p, 2 * PAGE, MS_SYNC), 0);
	IS(sys(SYS_munmap, p, 2 * PAGE), 0);
	IS(sys(SYS_pread64, fd, &c, 1, PAGE + 6), 1);
	IS(c, 'T');
}

static void write_through(void *arg)
{
	*(volatile char *)arg = 'C';
}

TEST_FLAGS(shared_over_fork, FILES)
{
	long fd = make_pages(1);
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, 0)), c;

	IS(in_child(write_through, p), 0);
	IS(p[0], 'C');
	IS(sys(SYS_pread64, fd, &c, 1, 0), 1);
	IS(c, 'C');
}

static void read_byte(void *arg)
{
	(void)*(volatile char *)arg;
}

TEST_FLAGS(beyond_the_end, FILES)
{
	long fd = make_pages(1);
	char *p = (char *)MUST(sys(SYS_mmap, 0, 3 * PAGE, RW, MAP_SHARED, fd, 0));

	IS(sys(SYS_ftruncate, fd, 100), 0);
	IS(p[99], 'a');
	IS(p[100], 0); /* the rest of the last page reads as zeros */
	IS(p[4095], 0);
	IS(in_child(read_byte, p + PAGE), KILLED(SIGBUS));
	IS(sys(SYS_ftruncate, fd, 2 * PAGE), 0);
	IS(p[PAGE], 0);
	IS(in_child(read_byte, p + 2 * PAGE), KILLED(SIGBUS));
}

/* As program loaders do it: the file's span, segments fixed into it, the tail of the data zeroed. */
TEST_FLAGS(like_a_loader, FILES)
{
	long fd = make_pages(4);
	char *base = (char *)MUST(sys(SYS_mmap, 0, 6 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0));

	IS(sys(SYS_mmap, base + PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, PAGE),
	   base + PAGE);
	IS(sys(SYS_mmap, base + 2 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 2 * PAGE),
	   base + 2 * PAGE);
	memset(base + 3 * PAGE + 100, 0, PAGE - 100);
	IS(sys(SYS_mmap, base + 4 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0),
	   base + 4 * PAGE);
	IS(base[0], 'a');
	IS(base[PAGE], 'b');
	IS(base[3 * PAGE + 99], 'd');
	IS(base[3 * PAGE + 100], 0);
	IS(base[4 * PAGE] + base[6 * PAGE - 1], 0);
	base[5 * PAGE] = 1;
	IS(sys(SYS_mprotect, base + 2 * PAGE, PAGE, PROT_READ), 0);
	IS(in_child(write_through, base + 2 * PAGE), KILLED(SIGSEGV));
}

TEST_FLAGS(refusals, FILES)
{
	long r, w, d;

	make_pages(1);
	r = MUST(sys(SYS_open, "f", O_RDONLY));
	w = MUST(sys(SYS_open, "f", O_WRONLY));
	d = MUST(sys(SYS_open, ".", O_RDONLY));
	IS(sys(SYS_mmap, 0, PAGE, RW, MAP_SHARED, r, 0), -EACCES);
	IS(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, w, 0), -EACCES);
	IS(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, w, 0), -EACCES);
	OK(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, r, 0));
	IS(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, d, 0), -ENODEV);
	IS(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, r, 100), -EINVAL);
	IS(sys(SYS_mprotect, MUST(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, r, 0)), PAGE, RW), -EACCES);
}

/* read() into a mapping of the same file, write() from it: the kernel must not lock up on its own page. */
TEST_FLAGS(io_through_own_mapping, FILES)
{
	long fd = make_pages(4);
	char *p = (char *)MUST(sys(SYS_mmap, 0, 4 * PAGE, RW, MAP_SHARED, fd, 0));

	IS(sys(SYS_pread64, fd, p, PAGE, PAGE), PAGE);
	IS(p[0], 'b');
	IS(sys(SYS_pwrite64, fd, p + 3 * PAGE, PAGE, 2 * PAGE), PAGE);
	IS(p[2 * PAGE], 'd');
	IS(sys(SYS_pwrite64, fd, p, PAGE, 0), PAGE);
}
