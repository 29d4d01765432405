/* SPDX-License-Identifier: MIT */
/* brk(2): returns the break, never an error; and mremap, msync, which share the file for their size. */
#include "check.h"

#include <sys/resource.h>

#define PAGE 4096ul

TEST(grow_and_shrink)
{
	char *start = (char *)sys(SYS_brk, 0), *end;

	TRUE((long)start > 0);
	end = start + 3 * PAGE + 10;
	IS(sys(SYS_brk, end), end);
	IS(start[0] | start[3 * PAGE + 9], 0);
	start[3 * PAGE + 9] = 1;
	memset(start, 'x', 3 * PAGE);
	IS(sys(SYS_brk, 0), end);
	IS(sys(SYS_brk, start + PAGE), start + PAGE);
	IS(sys(SYS_brk, end), end);
	IS(start[PAGE], 0); /* given back and new: zeros */
	IS(sys(SYS_brk, start), start);
}

TEST(failure_returns_the_old_break)
{
	long now = sys(SYS_brk, 0);

	IS(sys(SYS_brk, 1), now);
	IS(sys(SYS_brk, BAD_KERNEL), now);
	IS(sys(SYS_brk, -1L), now);
	IS(sys(SYS_brk, 0x7ffffffff000), now);
}

/* musl puts a page without rights at the break. */
TEST(stops_at_a_mapping)
{
	char *now = (char *)((sys(SYS_brk, 0) + PAGE - 1) & ~(PAGE - 1));

	MUST(sys(SYS_mmap, now + 4 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	IS(sys(SYS_brk, now + 2 * PAGE), now + 2 * PAGE);
	IS(sys(SYS_brk, now + 5 * PAGE), now + 2 * PAGE);
}

TEST(data_limit)
{
	struct rlimit limit = {64 * PAGE, 64 * PAGE};
	long now = sys(SYS_brk, 0);

	MUST(sys(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL));
	IS(sys(SYS_brk, now + 1000 * PAGE), now);
}
