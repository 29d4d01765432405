/* SPDX-License-Identifier: MIT */
/* A system call filter without idle tests answers as it did with them. */
#include "../../tools/worker/seccomp_rules.h"

#include "unit.h"
#include <linux/seccomp.h>

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define LOAD(word) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * (word))
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define GREATER(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, yes, no)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the filter says of data of few words; every jump of such a filter goes on. */
static u32 answer(const struct sock_filter *f, size_t count, const u32 *words)
{
	u32 a = 0;

	for (size_t i = 0; i < count; i++) {
		switch (f[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = words[f[i].k / 4];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f[i].k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == f[i].k ? f[i].jt : f[i].jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			i += a > f[i].k ? f[i].jt : f[i].jf;
			break;
		case BPF_RET | BPF_K:
			return f[i].k;
		default:
			return 0xbad;
		}
	}
	return 0xbad;
}

/* Call 5 with 7 in word 1, or 8 there and in word 3; call 6 with bit 2 of word 5 unset; call 9. */
static const struct sock_filter long_one[] = {
	LOAD(0),
	GREATER(5, 14, 0),
	EQUAL(5, 0, 22),
	LOAD(2),
	MASK(0),
	EQUAL(0, 0, 19),
	LOAD(1),
	EQUAL(7, 18, 0),
	EQUAL(8, 0, 16),
	LOAD(4),
	MASK(0),
	EQUAL(0, 0, 13),
	LOAD(3),
	EQUAL(8, 12, 0),
	KILL,
	KILL,
	EQUAL(9, 9, 0),
	EQUAL(6, 0, 7),
	LOAD(6),
	MASK(0),
	EQUAL(0, 0, 4),
	LOAD(5),
	MASK(4),
	EQUAL(0, 2, 1),
	EQUAL(0xbad, 0, 0),
	KILL,
	ALLOW,
};

TEST(same)
{
	struct sock_filter f[COUNT(long_one)];
	size_t count = seccomp_shorten(long_one, COUNT(long_one), f);
	static const u32 values[] = {0, 4, 5, 6, 7, 8, 9, ~0u};
	size_t allowed = 0, different = 0;

	CHECK(count == COUNT(long_one) - 9);
	for (u32 i = 0; i < 1u << 3 * 7; i++) {
		u32 words[7], first;

		for (u32 w = 0; w < 7; w++)
			words[w] = values[i >> 3 * w & 7];
		first = answer(long_one, COUNT(long_one), words);
		different += first != answer(f, count, words);
		allowed += first == SECCOMP_RET_ALLOW;
	}
	CHECK(different == 0);
	CHECK(allowed > 0 && allowed < 1u << 3 * 7);
}

TEST(nothing_to_do)
{
	static const struct sock_filter code[] = {LOAD(0), EQUAL(5, 1, 0), KILL, ALLOW};
	struct sock_filter f[COUNT(code)];

	CHECK(seccomp_shorten(code, COUNT(code), f) == COUNT(code));
	CHECK(memcmp(code, f, sizeof(code)) == 0);
}

TEST(refused)
{
	static const struct sock_filter fallen_into[] = {LOAD(0),	 LOAD(2), MASK(0),
							 EQUAL(0, 0, 1), LOAD(1), ALLOW};
	static const struct sock_filter no_load[] = {EQUAL(0, 0, 0), LOAD(2),	     MASK(0),
						     EQUAL(0, 0, 1), EQUAL(7, 0, 0), ALLOW};
	static const struct sock_filter far[] = {EQUAL(0, 200, 0), ALLOW};
	static const struct sock_filter always[] = {BPF_STMT(BPF_JMP | BPF_JA, 0), ALLOW};
	struct sock_filter f[8];

	CHECK(seccomp_shorten(fallen_into, COUNT(fallen_into), f) == 0);
	CHECK(seccomp_shorten(no_load, COUNT(no_load), f) == 0);
	CHECK(seccomp_shorten(far, COUNT(far), f) == 0);
	CHECK(seccomp_shorten(always, COUNT(always), f) == 0);
	CHECK(seccomp_shorten(far, 0, f) == 0);
}
