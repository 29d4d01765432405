/* SPDX-License-Identifier: MIT */
/*
 * tsc-khz: prints how fast this machine's time stamp counter counts, in kHz. Each end of the measurement is
 * the pair of clock and counter that was read with the least in between, so a busy machine does not matter.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define PAIRS 100
#define INTERVAL_NS 50000000L

struct moment {
	uint64_t ns, ticks;
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct moment look(void)
{
	struct moment best = {0};
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < PAIRS; i++) {
		uint64_t before = __rdtsc(), ns = clock_ns(), after = __rdtsc();

		if (after - before < least) {
			least = after - before;
			best = (struct moment){ns, before + least / 2};
		}
	}
	return best;
}

int main(void)
{
	const struct timespec interval = {.tv_nsec = INTERVAL_NS};
	struct moment from = look(), to;

	nanosleep(&interval, NULL);
	to = look();
	printf("%.0f\n", (double)(to.ticks - from.ticks) * 1e6 / (double)(to.ns - from.ns));
	return 0;
}
