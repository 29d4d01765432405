/* SPDX-License-Identifier: MIT */
/*
 * assert() states an invariant of hv itself and stays in release builds; assert_debug() is for the
 * expensive ones (make DEBUG=1). Never on a value that a guest chooses. Both always type-check.
 */
#pragma once

#ifndef HV_DEBUG
#define HV_DEBUG 0
#endif

void __attribute__((noreturn)) assert_failed(const char *what, const char *file, unsigned line);

#define assert(x)                                              \
	do {                                                   \
		if (__builtin_expect(!(x), 0))                 \
			assert_failed(#x, __FILE__, __LINE__); \
	} while (0)

#define assert_debug(x)                                        \
	do {                                                   \
		if (HV_DEBUG && !(x))                          \
			assert_failed(#x, __FILE__, __LINE__); \
	} while (0)
