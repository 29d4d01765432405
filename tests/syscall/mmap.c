/* SPDX-License-Identifier: MIT */
/* mmap(2), munmap: anonymous memory, placement, splitting, refusals. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE 4096ul

static char *map(size_t size)
{
	return (char *)MUST(sys(SYS_mmap, 0, size, RW, ANON, -1, 0));
}

/* What a signal handler would see: does touching this byte fault? */
static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static int touching(void *address)
{
	return in_child(touch, address);
}

TEST(zeroed)
{
	char *p = map(16 * PAGE);

	IS((uintptr_t)p % PAGE, 0);
	for (size_t i = 0; i < 16 * PAGE; i += 64)
		if (p[i])
			IS(p[i], 0);
	memset(p, 0xa5, 16 * PAGE);
	IS(sys(SYS_munmap, p, 16 * PAGE), 0);
	p = map(16 * PAGE);
	for (size_t i = 0; i < 16 * PAGE; i += 64)
		if (p[i])
			IS(p[i], 0);
}

TEST(unmapped_faults)
{
	char *p = map(3 * PAGE);

	p[0] = p[PAGE] = p[2 * PAGE] = 1;
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(p[0] + p[2 * PAGE], 2);
	IS(touching(p), 0);
	IS(touching(p + PAGE), KILLED(SIGSEGV));
	IS(touching(p + 2 * PAGE), 0);
	IS(sys(SYS_munmap, p, 3 * PAGE), 0); /* holes are no error */
	IS(touching(p), KILLED(SIGSEGV));
	IS(sys(SYS_munmap, p, 3 * PAGE), 0);
}

TEST(fixed_replaces)
{
	char *p = map(5 * PAGE);

	memset(p, 'a', 5 * PAGE);
	IS(sys(SYS_mmap, p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), p + 2 * PAGE);
	IS(p[2 * PAGE], 0);
	IS(p[2 * PAGE - 1], 'a');
	IS(p[3 * PAGE], 'a');
	/* over two mappings and a hole */
	IS(sys(SYS_munmap, p + 3 * PAGE, PAGE), 0);
	IS(sys(SYS_mmap, p + PAGE, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0), p + PAGE);
	IS(p[0], 'a');
	IS(p[PAGE] + p[4 * PAGE], 0);
	IS(touching(p + PAGE), KILLED(SIGSEGV));
	IS(sys(SYS_mmap, p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), -EINVAL);
}

TEST(fixed_noreplace)
{
	char *p = map(2 * PAGE);

	IS(sys(SYS_mmap, p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), -EEXIST);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mmap, p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), p + PAGE);
}

TEST(hint)
{
	char *p = map(4 * PAGE);

	IS(sys(SYS_munmap, p, 4 * PAGE), 0);
	IS(sys(SYS_mmap, p, PAGE, RW, ANON, -1, 0), p); /* free: honoured */
	TRUE(sys(SYS_mmap, p, PAGE, RW, ANON, -1, 0) != (long)p);
	IS(sys(SYS_mmap, p + PAGE + 5, PAGE, RW, ANON, -1, 0), p + PAGE); /* rounded down */
	MUST(sys(SYS_mmap, BAD_KERNEL, PAGE, RW, ANON, -1, 0));		  /* impossible: ignored */
}

TEST(refusals)
{
	char *p = map(PAGE);

	IS(sys(SYS_mmap, 0, 0, RW, ANON, -1, 0), -EINVAL);
	IS(sys(SYS_mmap, 0, PAGE, RW, MAP_ANONYMOUS, -1, 0), -EINVAL); /* neither private nor shared */
	IS(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, -1, 0), -EBADF);
	IS(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, 99, 0), -EBADF);
	IS(sys(SYS_mmap, 0, -1L, RW, ANON, -1, 0), -ENOMEM);
	IS(sys(SYS_mmap, 0, 1ul << 47, RW, ANON | MAP_NORESERVE, -1, 0), -ENOMEM);
	IS(sys(SYS_mmap, BAD_TOP, PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	IS(sys(SYS_mmap, BAD_KERNEL, PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	IS(sys(SYS_mmap, (char *)BAD_TOP - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM);
	IS(sys(SYS_munmap, p, 0), -EINVAL);
	IS(sys(SYS_munmap, p + 1, PAGE), -EINVAL);
	IS(sys(SYS_munmap, BAD_KERNEL, PAGE), -EINVAL);
	IS(sys(SYS_munmap, p, -1L), -EINVAL);
	p[0] = 1;
}

/* Reservations cost nothing: a terabyte of PROT_NONE. */
TEST(huge_reservation)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 1ul << 40, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));

	IS(touching(p + (1ul << 39)), KILLED(SIGSEGV));
	IS(sys(SYS_mprotect, p + (1ul << 39), PAGE, RW), 0);
	p[1ul << 39] = 1;
	IS(touching(p + (1ul << 39) + PAGE), KILLED(SIGSEGV));
	IS(sys(SYS_munmap, p, 1ul << 40), 0);
}

TEST(low_addresses_are_out_of_reach)
{
	long result = sys(SYS_mmap, 0, PAGE, RW, ANON | MAP_FIXED, -1, 0);

	TRUE(result == -EPERM || result == -EACCES || (result == 0 && sys(SYS_geteuid) == 0));
	if (result < 0)
		IS(touching(BAD_UNMAPPED), KILLED(SIGSEGV));
}

static void set_shared(void *arg)
{
	*(volatile int *)arg = 42;
}

TEST(shared_over_fork)
{
	volatile int *shared = (void *)MUST(sys(SYS_mmap, 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	volatile int *private = (void *)map(PAGE);

	*private = 7;
	IS(in_child(set_shared, (void *)shared), 0);
	IS(*shared, 42);
	IS(in_child(set_shared, (void *)private), 0);
	IS(*private, 7);
}

/* Many small mappings, every second one removed, the rest intact. */
TEST(many)
{
	char *p = map(512 * PAGE);

	for (size_t i = 0; i < 512; i++)
		p[i * PAGE] = (char)i;
	for (size_t i = 0; i < 512; i += 2)
		IS(sys(SYS_munmap, p + i * PAGE, PAGE), 0);
	for (size_t i = 1; i < 512; i += 2)
		IS(p[i * PAGE], (char)i);
	for (size_t i = 0; i < 512; i += 2)
		IS(sys(SYS_mmap, p + i * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), p + i * PAGE);
	for (size_t i = 0; i < 512; i++)
		IS(p[i * PAGE], i & 1 ? (char)i : 0);
}

TEST(grows_down)
{
	char *p = map(64 * PAGE);

	IS(sys(SYS_munmap, p, 64 * PAGE), 0);
	OK(sys(SYS_mmap, p + 32 * PAGE, 8 * PAGE, RW, ANON | MAP_NORESERVE | MAP_STACK, -1, 0));
	OK(sys(SYS_mmap, 0, PAGE, RW, ANON | MAP_32BIT, -1, 0) < 0x80000000l);
	IS(sys(SYS_mmap, 0, 2 << 20, RW, ANON | MAP_POPULATE, -1, 0) > 0, 1);
}
