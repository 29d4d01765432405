/* SPDX-License-Identifier: MIT */
/*
 * What runs in user mode: the clocks that need no more than the TSC, and the VP's index. All else is a system
 * call.
 */
#include <uvm/vdso.h>

enum { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW = 4, CLOCK_REALTIME_COARSE };
enum { CLOCK_MONOTONIC_COARSE = 6, CLOCK_BOOTTIME, CLOCK_TAI = 11 };
#define NR_CLOCK_GETTIME 228
#define NSEC_PER_SEC 1000000000UL

struct time_pair {
	s64 seconds, part;
};

extern const volatile struct vdso_data vvar __attribute__((visibility("hidden")));

int __vdso_clock_gettime(int clock, struct time_pair *to);
int __vdso_gettimeofday(struct time_pair *to, s32 zone[2]);
s64 __vdso_time(s64 *to);
long __vdso_getcpu(u32 *cpu, u32 *node, void *unused);

static u64 ordered_tsc(void)
{
	u32 low, high;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
	return (u64)high << 32 | low;
}

static u64 now(bool realtime)
{
	u64 tsc, base, mult, start;
	u32 sequence;

	do {
		sequence = vvar.sequence;
		tsc = ordered_tsc();
		base = vvar.tsc_base;
		mult = vvar.mult;
		start = realtime ? vvar.realtime : vvar.monotonic;
	} while (sequence & 1 || sequence != vvar.sequence);
	return start + (tsc > base ? (u64)((unsigned __int128)(tsc - base) * mult >> 32) : 0);
}

int __vdso_clock_gettime(int clock, struct time_pair *to)
{
	bool realtime = false;
	u64 ns;
	long ret;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		realtime = true;
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		break;
	default:
		__asm__ volatile("syscall"
				 : "=a"(ret)
				 : "a"(NR_CLOCK_GETTIME), "D"(clock), "S"(to)
				 : "rcx", "r11", "memory");
		return (int)ret;
	}
	ns = now(realtime);
	to->seconds = (s64)(ns / NSEC_PER_SEC);
	to->part = (s64)(ns % NSEC_PER_SEC);
	return 0;
}

int __vdso_gettimeofday(struct time_pair *to, s32 zone[2])
{
	u64 ns = now(true);

	if (to)
		*to = (struct time_pair){(s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC / 1000)};
	if (zone)
		zone[0] = zone[1] = 0;
	return 0;
}

s64 __vdso_time(s64 *to)
{
	s64 seconds = (s64)(now(true) / NSEC_PER_SEC);

	if (to)
		*to = seconds;
	return seconds;
}

long __vdso_getcpu(u32 *cpu, u32 *node, void *unused)
{
	u32 index;

	(void)unused;
	__asm__ volatile("lsl %1, %0" : "=r"(index) : "r"(SELECTOR_VP));
	if (cpu)
		*cpu = index;
	if (node)
		*node = 0;
	return 0;
}
