/* SPDX-License-Identifier: MIT */
/*
 * seccomp_shorten.c: leaves out of a filter what libseccomp tests for nothing: the upper half of an argument
 * whose mask has only the lower one. "Load it, and 0, is it 0?" always goes on; it is a quarter of our
 * filter, which Linux compiles, and walks for every system call there is, each time a worker starts.
 */
#include "seccomp_rules.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define LENGTH 3 /* of such a test */
#define NOWHERE SIZE_MAX

struct filter {
	const struct sock_filter *code;
	size_t count;
};

static bool is_idle_test(const struct filter *f, size_t at)
{
	const struct sock_filter *c = f->code + at;

	return at + LENGTH < f->count && c[0].code == LOAD && c[1].code == (BPF_ALU | BPF_AND | BPF_K) &&
	       c[1].k == 0 && c[2].code == (BPF_JMP | BPF_JEQ | BPF_K) && c[2].k == 0;
}

/* Where what goes to `at` ends up. A load must stand there: nobody needs what the test had loaded. */
static size_t behind_tests(const struct filter *f, size_t at)
{
	while (is_idle_test(f, at)) {
		at += LENGTH + f->code[at + LENGTH - 1].jt;
		if (at >= f->count || f->code[at].code != LOAD)
			return NOWHERE;
	}
	return at < f->count ? at : NOWHERE;
}

/* How many instructions before `at` stay. */
static size_t place(const struct filter *f, size_t at)
{
	size_t stay = at;

	for (size_t i = 0; i < at; i++)
		stay -= is_idle_test(f, i) ? LENGTH : 0;
	return stay;
}

/* A jump's new distance; distances count from the next instruction. */
static bool jump(const struct filter *f, size_t from, u8 *distance)
{
	size_t to = behind_tests(f, from + 1 + *distance), length;

	if (to == NOWHERE)
		return false;
	length = place(f, to) - place(f, from) - 1;
	*distance = (u8)length;
	return length <= UINT8_MAX;
}

size_t seccomp_shorten(const struct sock_filter *code, size_t count, struct sock_filter *out)
{
	const struct filter f = {code, count};
	size_t n = 0;

	for (size_t i = 0; i < count; i += is_idle_test(&f, i) ? LENGTH : 1) {
		struct sock_filter *c = out + n;

		if (is_idle_test(&f, i))
			continue;
		*c = code[i];
		if (BPF_CLASS(c->code) == BPF_JMP) {
			if (BPF_OP(c->code) == BPF_JA || !jump(&f, i, &c->jt) || !jump(&f, i, &c->jf))
				return 0;
		} else if (BPF_CLASS(c->code) != BPF_RET && is_idle_test(&f, i + 1)) {
			return 0;
		}
		n++;
	}
	return n;
}
