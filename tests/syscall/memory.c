/* SPDX-License-Identifier: MIT */
/* Limits on memory, flags that nobody knows, lengths that wrap; what smaps counts. */
#include "check.h"

#include <sys/resource.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages)
{
	return (char *)MUST(sys(SYS_mmap, 0, pages * PAGE, RW, ANON, -1, 0));
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
