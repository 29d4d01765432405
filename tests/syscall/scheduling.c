/* SPDX-License-Identifier: MIT */
/* sched_yield(2), affinity, policies; rseq; and state that must survive a switch of processes. */
#include "check.h"

TEST(affinity)
{
	unsigned char mask[1024] = {0};
	long n;

	n = MUST(sys(SYS_sched_getaffinity, 0, 1024, mask));
	TRUE(n > 0 && n <= 1024 && n % 8 == 0); /* bytes written, not 0 */
	IS(sys(SYS_sched_getaffinity, 0, 3, mask), -EINVAL);
	IS(sys(SYS_sched_getaffinity, 0, 0, mask), -EINVAL);
	IS(sys(SYS_sched_getaffinity, 0x3ffffff, 128, mask), -ESRCH);
	IS(sys(SYS_sched_getaffinity, 0, 128, BAD_KERNEL), -EFAULT);
}

TEST(yield)
{
	for (int i = 0; i < 100; i++)
		IS(sys(SYS_sched_yield), 0);
}

TEST_FLAGS(set_affinity, OPTIONAL)
{
	unsigned long mask[16] = {0}, one[16] = {1};
	unsigned cpu = 99;

	NEEDS(SYS_sched_setaffinity, 0, 0, NULL);
	MUST(sys(SYS_sched_getaffinity, 0, sizeof(mask), mask));
	one[0] = mask[0] & -mask[0];
	IS(sys(SYS_sched_setaffinity, 0, sizeof(one), one), 0);
	IS(sys(SYS_getcpu, &cpu, NULL, NULL), 0);
	IS(1ul << cpu, one[0]);
	one[0] = 0;
	IS(sys(SYS_sched_setaffinity, 0, sizeof(one), one), -EINVAL);
}

/* A task that leaves its processor for an idle one is seen there, though nothing else happens. */
TEST(moves)
{
	unsigned long all[16] = {0}, one[16] = {0};
	unsigned cpu;

	MUST(sys(SYS_sched_getaffinity, 0, sizeof(all), all));
	for (unsigned i = 0; i < 200 * 64; i++) {
		one[0] = 1ul << i % 64;
		if (!(all[0] & one[0]))
			continue;
		IS(sys(SYS_sched_setaffinity, 0, sizeof(one), one), 0);
		IS(sys(SYS_getcpu, &cpu, NULL, NULL), 0);
		IS(cpu, i % 64);
	}
}

TEST_FLAGS(policies, OPTIONAL)
{
	int param[4] = {0};

	NEEDS(SYS_sched_getscheduler, 0);
	IS(sys(SYS_sched_getscheduler, 0), 0);
	IS(sys(SYS_sched_getparam, 0, param), 0);
	IS(param[0], 0);
	IS(sys(SYS_sched_getscheduler, -1), -EINVAL);
	IS(sys(SYS_sched_getscheduler, 0x3ffffff), -ESRCH);
}

/* glibc and musl take any error of rseq; success must register, and a second registration is refused. */
TEST(rseq)
{
	static char area[32] __attribute__((aligned(32)));
	long result = sys(SYS_rseq, area, 32, 0, 0x53053053);

	if (result == -ENOSYS)
		return;
	IS(result, 0);
	IS(sys(SYS_rseq, area, 32, 0, 0x53053053), -EBUSY);
	IS(sys(SYS_rseq, area, 32, 1, 0x53053053), 0);
}

static void hold_state(void *arg)
{
	unsigned long value = 0x1111111111111111ul * (unsigned long)arg, xmm, r12, fs = 0, fs_before = 0;
	unsigned mxcsr = 0x1f80 | (unsigned)((unsigned long)arg & 3) << 13, mxcsr_after;

	sys(SYS_arch_prctl, 0x1003, &fs_before);
	for (int i = 0; i < 300; i++) {
		__asm__ volatile("ldmxcsr %3\n"
				 "movq %4, %%xmm9\n"
				 "mov %4, %%r12\n"
				 "mov $24, %%eax\n" /* sched_yield */
				 "syscall\n"
				 "movq %%xmm9, %0\n"
				 "mov %%r12, %1\n"
				 "stmxcsr %2\n"
				 : "=&r"(xmm), "=&r"(r12), "=m"(mxcsr_after)
				 : "m"(mxcsr), "r"(value)
				 : "rax", "rcx", "r11", "r12", "xmm9", "memory");
		if (xmm != value || r12 != value || mxcsr_after != mxcsr) {
			IS(xmm, value);
			IS(r12, value);
			IS(mxcsr_after, mxcsr);
			return;
		}
	}
	sys(SYS_arch_prctl, 0x1003, &fs);
	IS(fs, fs_before);
}

TEST(state_survives_switches)
{
	long pids[4];

	for (long i = 0; i < 4; i++)
		pids[i] = child(hold_state, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		IS(reap(pids[i]), 0);
}

static void busy(void *arg)
{
	unsigned long value = 0x0101010101010101ul * (unsigned long)arg, xmm;
	long end = now_ns() + 50000000;

	do {
		__asm__ volatile("movq %1, %%xmm3\n"
				 "mov $200000, %%ecx\n"
				 "1: dec %%ecx; jnz 1b\n"
				 "movq %%xmm3, %0\n"
				 : "=r"(xmm)
				 : "r"(value)
				 : "rcx", "xmm3");
		if (xmm != value) {
			IS(xmm, value);
			return;
		}
	} while (now_ns() < end);
}

/* The same without a system call: switched away by the clock. */
TEST(state_survives_preemption)
{
	long pids[4];

	for (long i = 0; i < 4; i++)
		pids[i] = child(busy, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		IS(reap(pids[i]), 0);
}
