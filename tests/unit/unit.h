/* SPDX-License-Identifier: MIT */
/*
 * The harness of the unit tests: TEST() functions in one file, checks, and DIES() for code that must stop
 * on a broken invariant. Each test program is linked with unit.c and the sources it tests.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};
void unit_register(struct unit_test *test);

#define TEST(id)                                                     \
	static void run_##id(void);                                  \
	static struct unit_test test_##id = {#id, run_##id, NULL};   \
	__attribute__((constructor)) static void register_##id(void) \
	{                                                            \
		unit_register(&test_##id);                           \
	}                                                            \
	static void run_##id(void)

bool unit_check(bool good, const char *what, const char *file, int line);
bool unit_equal(unsigned long long got, unsigned long long want, const char *what, const char *file,
		int line);
bool unit_same_text(const char *got, const char *want, const char *what, const char *file, int line);

#define CHECK(x) unit_check(x, #x, __FILE__, __LINE__)
#define EQ(x, want) unit_equal((unsigned long long)(x), (unsigned long long)(want), #x, __FILE__, __LINE__)
/* Text that must contain a piece; NULL contains nothing and is contained in nothing. */
#define SAYS(text, piece) unit_same_text(text, piece, #text, __FILE__, __LINE__)

/* Code that must not return: it calls unit_died(), through assert_failed() or die(). */
extern jmp_buf unit_way_out;
extern bool unit_may_die;
extern char unit_last_words[256];
_Noreturn void unit_died(const char *why);
#define DIES(statement)                                                                   \
	do {                                                                              \
		unit_may_die = true;                                                      \
		if (!setjmp(unit_way_out)) {                                              \
			statement;                                                        \
			unit_check(false, "this stops: " #statement, __FILE__, __LINE__); \
		}                                                                         \
		unit_may_die = false;                                                     \
	} while (0)

/* Numbers that look random and are the same every time. */
uint32_t unit_random(void);

#endif
