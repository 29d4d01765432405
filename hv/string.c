/* SPDX-License-Identifier: MIT */
/* The memory functions to which compilers turn loops and struct copies here (a call of another one would fail
 * the link). The string instructions are the fastest form for pages and small enough for the rest. */
#include <abi/types.h>
#include <hv/string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *d = to;
	size_t words = n / 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(from), "+c"(words) : : "memory");
	n %= 8;
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *d = to;
	u64 pattern = 0x0101010101010101ULL * (u8)byte;
	size_t words = n / 8;

	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	n %= 8;
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(pattern) : "memory");
	return to;
}
