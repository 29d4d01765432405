/* SPDX-License-Identifier: MIT */
/* pkey_alloc, pkey_free, pkey_mprotect: with and without keys in the processor. */
#include "check.h"

TEST(alloc_or_none)
{
	long key = sys(SYS_pkey_alloc, 0, 0);

	TRUE(key == -ENOSPC || key > 0);
	IS(sys(SYS_pkey_alloc, 1, 0), -EINVAL);
	IS(sys(SYS_pkey_alloc, 0, 16), -EINVAL);
	IS(sys(SYS_pkey_free, key > 0 ? key : 1), key > 0 ? 0 : -EINVAL);
	IS(sys(SYS_pkey_free, 15), -EINVAL);
	IS(sys(SYS_pkey_free, -1), -EINVAL);
}

TEST(mprotect_without_key)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	IS(sys(SYS_pkey_mprotect, p, 4096, PROT_READ | PROT_WRITE, -1), 0);
	*p = 1;
	IS(sys(SYS_pkey_mprotect, p, 4096, PROT_READ, 15), -EINVAL);
	*p = 2;
	IS(sys(SYS_pkey_mprotect, p + 1, 4096, PROT_READ, -1), -EINVAL);
}
