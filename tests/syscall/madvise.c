/* SPDX-License-Identifier: MIT */
/* madvise(2): what must zero, what may do nothing, what must be refused. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE 4096ul

TEST(dontneed_gives_zeros)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 4 * PAGE, RW, ANON, -1, 0));

	memset(p, 'x', 4 * PAGE);
	IS(sys(SYS_madvise, p + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
	IS(p[PAGE - 1], 'x');
	IS(p[PAGE], 0);
	IS(p[3 * PAGE - 1], 0);
	IS(p[3 * PAGE], 'x');
	p[PAGE] = 'y';
	IS(p[PAGE], 'y');
}

static void drop(void *arg)
{
	char *p = arg;

	IS(sys(SYS_madvise, p, PAGE, MADV_DONTNEED), 0);
	IS(p[0], 0);
	p[0] = 'c';
}

/* After a fork the advice of one process takes nothing from the other. */
TEST(dontneed_in_a_child)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, ANON, -1, 0));

	p[0] = 'p';
	IS(in_child(drop, p), 0);
	IS(p[0], 'p');
}

TEST_FLAGS(dontneed_of_private_file, FILES)
{
	long fd;
	char *p;

	make_file("f", "abc", 3, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, fd, 0));
	p[0] = 'X';
	IS(sys(SYS_madvise, p, PAGE, MADV_DONTNEED), 0);
	IS(p[0], 'a'); /* back to the file's content */
}

TEST(hints_are_accepted)
{
	static const int advice[] = {0 /* NORMAL */,
				     1 /* RANDOM */,
				     2 /* SEQUENTIAL */,
				     3 /* WILLNEED */,
				     8 /* FREE */,
				     10 /* DONTFORK */,
				     11 /* DOFORK */,
				     14 /* HUGEPAGE */,
				     15 /* NOHUGEPAGE */,
				     16 /* DONTDUMP */,
				     17 /* DODUMP */};
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, ANON, -1, 0));

	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (sys(SYS_madvise, p, PAGE, advice[i])) {
			note("advice %d", advice[i]);
			IS(sys(SYS_madvise, p, PAGE, advice[i]), 0);
		}
}

TEST(refusals)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, ANON, -1, 0));

	IS(sys(SYS_madvise, p, PAGE, -1), -EINVAL);
	IS(sys(SYS_madvise, p, PAGE, 12345), -EINVAL);
	IS(sys(SYS_madvise, p + 1, PAGE, MADV_DONTNEED), -EINVAL);
	IS(sys(SYS_madvise, p, -4096L, MADV_DONTNEED), -EINVAL);
	IS(sys(SYS_madvise, p, 0, MADV_DONTNEED), 0);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_madvise, p, 2 * PAGE, MADV_DONTNEED), -ENOMEM);
}
