/* SPDX-License-Identifier: MIT */
/* mremap(2), msync, mlock and their kin. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE 4096ul

static void touch(void *arg)
{
	*(volatile char *)arg = 1;
}

TEST_FLAGS(grow_and_move, OPTIONAL)
{
	char *p, *q;

	NEEDS(SYS_mremap, 1, 0, 0, 0, 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 4 * PAGE, RW, ANON, -1, 0));
	memset(p, 'x', 4 * PAGE);
	/* blocked by a neighbour */
	IS(sys(SYS_munmap, p + 2 * PAGE, PAGE), 0);
	IS(sys(SYS_mremap, p, 2 * PAGE, 4 * PAGE, 0), -ENOMEM);
	IS(sys(SYS_mremap, p, 2 * PAGE, 3 * PAGE, 0), p);
	IS(p[2 * PAGE - 1], 'x');
	IS(p[2 * PAGE], 0);
	q = (char *)MUST(sys(SYS_mremap, p, 3 * PAGE, 100 * PAGE, MREMAP_MAYMOVE));
	IS(q[0], 'x');
	IS(q[2 * PAGE], 0);
	IS(q[100 * PAGE - 1], 0);
	if (q != p)
		IS(in_child(touch, p), KILLED(SIGSEGV));
	IS(sys(SYS_mremap, q, 100 * PAGE, PAGE, 0), q);
	IS(q[0], 'x');
	IS(in_child(touch, q + PAGE), KILLED(SIGSEGV));
}

TEST_FLAGS(fixed, OPTIONAL)
{
	char *p, *q;

	NEEDS(SYS_mremap, 1, 0, 0, 0, 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, ANON, -1, 0));
	q = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, ANON, -1, 0));
	p[0] = 'p';
	q[0] = 'q';
	IS(sys(SYS_mremap, p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q), q);
	IS(q[0], 'p');
	IS(in_child(touch, p), KILLED(SIGSEGV));
}

TEST_FLAGS(refusals, OPTIONAL)
{
	char *p;

	NEEDS(SYS_mremap, 1, 0, 0, 0, 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, ANON, -1, 0));
	IS(sys(SYS_mremap, p + 1, PAGE, PAGE, 0), -EINVAL);
	IS(sys(SYS_mremap, p, PAGE, 0, 0), -EINVAL);
	IS(sys(SYS_mremap, p, PAGE, PAGE, 0x100), -EINVAL);
	IS(sys(SYS_mremap, p, PAGE, PAGE, MREMAP_FIXED, p), -EINVAL);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mremap, p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), -EFAULT);
	IS(sys(SYS_mremap, p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE), -EFAULT);
	IS(sys(SYS_mremap, BAD_KERNEL, PAGE, PAGE * 2, MREMAP_MAYMOVE) < 0, 1);
}

TEST_FLAGS(msync_refusals, OPTIONAL)
{
	char *p;

	NEEDS(SYS_msync, 1, 0, 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, ANON, -1, 0));
	IS(sys(SYS_msync, p, PAGE, MS_SYNC), 0);
	IS(sys(SYS_msync, p, PAGE, MS_ASYNC), 0);
	IS(sys(SYS_msync, p, PAGE, MS_SYNC | MS_ASYNC), -EINVAL);
	IS(sys(SYS_msync, p, PAGE, 0x100), -EINVAL);
	IS(sys(SYS_msync, p + 1, PAGE, MS_SYNC), -EINVAL);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_msync, p, 2 * PAGE, MS_SYNC), -ENOMEM);
}
