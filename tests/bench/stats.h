/* SPDX-License-Identifier: MIT */
/*
 * stats.h: the time stamp counter, the median of samples, and one output format for all benchmark programs.
 * Under QEMU's -icount shift=0 the counter counts executed instructions.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static inline int compare_ticks(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static inline uint64_t median(uint64_t *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), compare_ticks);
	return samples[n / 2];
}

/* The line that tests/bench/run collects. */
static inline void report(const char *key, uint64_t value)
{
	printf("bench %s %llu\n", key, (unsigned long long)value);
	fflush(stdout);
}

#endif
