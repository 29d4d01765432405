/* SPDX-License-Identifier: MIT */
/* mlock(2) and its family, mincore(2), policies; limits, flags that nobody knows, lengths that wrap; smaps.
 */
#include "check.h"

#include <sys/resource.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages)
{
	return (char *)MUST(sys(SYS_mmap, 0, pages * PAGE, RW, ANON, -1, 0));
}

TEST(mincore)
{
	unsigned char vec[4] = {9, 9, 9, 9};
	char *p = map(4);

	p[PAGE] = 1;
	IS(sys(SYS_mincore, p, 4 * PAGE, vec), 0);
	IS(vec[0] & 1, 0);
	IS(vec[1] & 1, 1);
	IS(vec[3] & 1, 0);
	IS(sys(SYS_mincore, p, 1, vec), 0);
	IS(sys(SYS_mincore, p, 0, vec), 0);
	IS(sys(SYS_mincore, p + 1, PAGE, vec), -EINVAL);
	IS(sys(SYS_mincore, p, PAGE, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_mincore, p, PAGE, BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_mincore, BAD_KERNEL, PAGE, vec), -ENOMEM);
	IS(sys(SYS_mincore, p, -1l, vec), -ENOMEM);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mincore, p, 4 * PAGE, vec), -ENOMEM);
}

TEST(lock)
{
	char *p = map(4);
	unsigned char vec[4];

	IS(sys(SYS_mlock, p + 5, PAGE), 0); /* two pages, as it is not aligned */
	IS(sys(SYS_mincore, p, 4 * PAGE, vec), 0);
	IS(vec[0] & vec[1] & 1, 1);
	IS(vec[2] & 1, 0);
	IS(sys(SYS_mlock2, p + 3 * PAGE, PAGE, 1), 0); /* MLOCK_ONFAULT */
	IS(sys(SYS_mincore, p + 3 * PAGE, PAGE, vec), 0);
	IS(vec[0] & 1, 0);
	IS(sys(SYS_munlock, p, 4 * PAGE), 0);
	IS(sys(SYS_mlock2, p, PAGE, 2), -EINVAL);
	IS(sys(SYS_munlock, p, -PAGE), -EINVAL);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mlock, p, 3 * PAGE), -ENOMEM);
	IS(sys(SYS_munlock, p, 3 * PAGE), -ENOMEM);
}

static void lock_all(void *arg)
{
	unsigned char vec[2];
	char *p;

	(void)arg;
	IS(sys(SYS_mlockall, 0), -EINVAL);
	IS(sys(SYS_mlockall, 8), -EINVAL);
	IS(sys(SYS_mlockall, 4), -EINVAL);
	IS(sys(SYS_mlockall, 2), 0); /* MCL_FUTURE */
	p = map(2);
	IS(sys(SYS_mincore, p, 2 * PAGE, vec), 0);
	IS(vec[0] & vec[1] & 1, 1);
	IS(sys(SYS_munlockall), 0);
	p = map(2);
	IS(sys(SYS_mincore, p, 2 * PAGE, vec), 0);
	IS(vec[0] & 1, 0);
}

TEST(lock_all)
{
	IS(in_child(lock_all, NULL), 0);
}

TEST(policy)
{
	unsigned long nodes = 1, all[64] = {0, 9}, none = 0, far = 1ul << 40;
	int mode = -1;

	if (sys(SYS_get_mempolicy, NULL, NULL, 0, 0, 0) == -ENOSYS)
		skip("a kernel without NUMA");
	IS(sys(SYS_get_mempolicy, &mode, all, 1025, 0, 4 /* MEMS_ALLOWED */), 0);
	TRUE(all[0] & 1);
	IS(all[1], 0);
	IS(sys(SYS_set_mempolicy, 3 /* INTERLEAVE */, &none, 64), -EINVAL);
	IS(sys(SYS_set_mempolicy, 3, &nodes, 64), 0);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 0), 0);
	IS(mode, 3);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 1 /* NODE */), 0);
	IS(mode, 0);
	IS(sys(SYS_set_mempolicy, 2 /* BIND */, &far, 64), -EINVAL);
	IS(sys(SYS_set_mempolicy, 0, &nodes, 64), -EINVAL);
	IS(sys(SYS_set_mempolicy, 77, NULL, 0), -EINVAL);
	IS(sys(SYS_set_mempolicy, 3, BAD_KERNEL, 64), -EFAULT);
	IS(sys(SYS_set_mempolicy, 3, &nodes, 1ul << 40), -EINVAL);
	IS(sys(SYS_set_mempolicy, 0, NULL, 0), 0);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 0), 0);
	IS(mode, 0);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, &mode, 3 /* NODE, ADDR */), 0);
	IS(mode, 0);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, BAD_UNMAPPED, 2), -EFAULT);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 1), -EINVAL);
	IS(sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 8), -EINVAL);
	IS(sys(SYS_get_mempolicy, &mode, &nodes, 0, 0, 0), -EINVAL);
}

TEST(policy_of_a_range)
{
	unsigned long nodes = 1, none = 0;
	char *p = map(2);

	if (sys(SYS_mbind, p, 0, 0, NULL, 0, 0) == -ENOSYS)
		skip("a kernel without NUMA");
	IS(sys(SYS_mbind, p, 2 * PAGE, 2 /* BIND */, &nodes, 64, 0), 0);
	IS(sys(SYS_mbind, p, 2 * PAGE, 0, NULL, 0, 0), 0);
	IS(sys(SYS_mbind, p, PAGE, 2, &none, 64, 0), -EINVAL);
	IS(sys(SYS_mbind, p + 1, PAGE, 2, &nodes, 64, 0), -EINVAL);
	IS(sys(SYS_mbind, p, PAGE, 2, &nodes, 64, 8), -EINVAL);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mbind, p, 2 * PAGE, 2, &nodes, 64, 0), -EFAULT);
}

static void little_data(void *arg)
{
	struct rlimit limit = {64ul << 20, 64ul << 20};
	int got = 0;
	long p;

	(void)arg;
	MUST(sys(SYS_setrlimit, RLIMIT_DATA, &limit));
	while ((p = sys(SYS_mmap, 0, 1 << 20, RW, ANON, -1, 0)) > 0 && got < 100)
		got++;
	IS(p, -ENOMEM);
	TRUE(got > 40 && got <= 64);
	OK(sys(SYS_mmap, 0, 1 << 20, PROT_READ, ANON, -1, 0)); /* not data */
	OK(sys(SYS_mmap, 0, 1 << 20, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

TEST(data_limit)
{
	IS(in_child(little_data, NULL), 0);
}

TEST(validated_flags)
{
	make_file("f", "x", 1, 0644);
	IS(sys(SYS_mmap, 0, PAGE, RW, 3 | MAP_ANONYMOUS, -1, 0), -EINVAL); /* MAP_SHARED_VALIDATE */
	IS(sys(SYS_mmap, 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0), -EINVAL);
}

TEST_FLAGS(validated_flags_of_files, FILES)
{
	long fd;

	make_file("f", "x", 1, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	OK(sys(SYS_mmap, 0, PAGE, RW, 3, fd, 0));
	IS(sys(SYS_mmap, 0, PAGE, RW, 3 | 0x200000, fd, 0), -EOPNOTSUPP);
	IS(sys(SYS_mmap, 0, PAGE, RW, 3 | 0x80000 /* MAP_SYNC */, fd, 0), -EOPNOTSUPP);
}

TEST(wrapping_lengths)
{
	char *p = map(1);

	p[0] = 1;
	IS(sys(SYS_mprotect, p, -1l, PROT_READ), -ENOMEM);
	IS(sys(SYS_madvise, p, -1l, MADV_DONTNEED), -EINVAL);
	IS(sys(SYS_mprotect, p, PAGE, RW | PROT_GROWSDOWN), -EINVAL); /* it does not grow */
	IS(sys(SYS_mprotect, p, PAGE, RW | 8 /* PROT_SEM */), 0);
	IS(sys(SYS_mremap, p, PAGE, -1l, 1), -EINVAL);
	TRUE(sys(SYS_mremap, p, PAGE, 1ul << 47, 1) < 0); /* EINVAL or ENOMEM, as the kernel is new or old */
	p[0] = 2;
}

/* The sums of /proc/self/smaps follow what happens to a mapping. */
TEST(smaps)
{
	static char text[1 << 16];
	char line[64], *p = map(10), *at;
	long n;

	/* Its neighbours are others than it, so that nothing is joined. */
	IS(sys(SYS_mprotect, p, PAGE, PROT_NONE), 0);
	IS(sys(SYS_mprotect, p + 9 * PAGE, PAGE, PROT_NONE), 0);
	p += PAGE;
	for (int i = 0; i < 3; i++)
		p[i * PAGE] = 1;
	n = slurp("/proc/self/smaps", text, sizeof(text));
	TRUE(n > 0);
	for (int i = 0; i < 12; i++) /* "7f…000-" as the kernel writes it */
		line[i] = "0123456789abcdef"[(unsigned long)p >> (44 - 4 * i) & 15];
	strcpy(line + 12, "-");
	at = strstr(text, line);
	at = at ? strstr(at, "Rss:") : NULL;
	if (TRUE(at != NULL))
		TRUE(strstr(at, "12 kB") && strstr(at, "12 kB") < strchr(at, '\n'));
	TRUE(at && strstr(at, "Private_Dirty:") && strstr(at, "Anonymous:"));
}
