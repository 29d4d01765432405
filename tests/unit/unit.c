/* SPDX-License-Identifier: MIT */
/* The harness of the unit tests: runs what registered, prints TAP. */
#include "unit.h"

#include <unistd.h>

jmp_buf unit_way_out;
bool unit_may_die;
char unit_last_words[256];

static struct unit_test *first, **last = &first;
static int count, failures;
static uint32_t seed = 1;

void unit_register(struct unit_test *test)
{
	*last = test;
	last = &test->next;
	count++;
}

bool unit_check(bool good, const char *what, const char *file, int line)
{
	if (!good) {
		failures++;
		printf("# %s:%d: not true: %s\n", file, line, what);
	}
	return good;
}

bool unit_equal(unsigned long long got, unsigned long long want, const char *what, const char *file, int line)
{
	if (got != want) {
		failures++;
		printf("# %s:%d: %s is %#llx, want %#llx\n", file, line, what, got, want);
	}
	return got == want;
}

bool unit_same_text(const char *got, const char *want, const char *what, const char *file, int line)
{
	bool good = got && want && strstr(got, want);

	if (!good) {
		failures++;
		printf("# %s:%d: %s is \"%s\", want \"%s\"\n", file, line, what, got ? got : "(null)",
		       want ? want : "(null)");
	}
	return good;
}

void unit_died(const char *why)
{
	snprintf(unit_last_words, sizeof(unit_last_words), "%s", why);
	if (unit_may_die)
		longjmp(unit_way_out, 1);
	printf("# it stopped: %s\n", why);
	fflush(stdout);
	_exit(1);
}

uint32_t unit_random(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8 | seed << 24;
}

int main(int argc, char **argv)
{
	int number = 0, bad = 0;

	(void)argc, (void)argv;
	printf("1..%d\n", count);
	for (struct unit_test *test = first; test; test = test->next) {
		failures = 0;
		seed = 1;
		test->run();
		printf("%s %d - %s\n", failures ? "not ok" : "ok", ++number, test->name);
		fflush(stdout);
		bad += failures != 0;
	}
	return bad != 0;
}
