/* SPDX-License-Identifier: MIT */
/* The vDSO: found by its names, agrees with the system calls, and makes none for the clocks it knows. */
#include "check.h"

#include <elf.h>
#include <sys/auxv.h>
#include <time.h>
#include <ucontext.h>

typedef int clock_fn(int clock, struct timespec *ts);
typedef int timeofday_fn(struct timespec *tv, int zone[2]);
typedef long time_fn(long *t);
typedef long getcpu_fn(unsigned *cpu, unsigned *node, void *unused);

/* The dynamic symbol of that name, by way of DT_HASH as a C library goes. */
static void *vdso(const char *name)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *p = (const Elf64_Phdr *)(base + (h ? h->e_phoff : 0));
	const Elf64_Sym *symbols = NULL;
	const char *strings = NULL;
	const unsigned *hash = NULL;
	const Elf64_Dyn *d = NULL;

	if (!h)
		skip("this kernel has no vDSO");
	TRUE(memcmp(base, ELFMAG, SELFMAG) == 0);
	for (int i = 0; i < h->e_phnum; i++)
		if (p[i].p_type == PT_DYNAMIC)
			d = (const Elf64_Dyn *)(base + p[i].p_vaddr);
	for (; d && d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_SYMTAB)
			symbols = (const Elf64_Sym *)(base + d->d_un.d_ptr);
		if (d->d_tag == DT_STRTAB)
			strings = base + d->d_un.d_ptr;
		if (d->d_tag == DT_HASH)
			hash = (const unsigned *)(base + d->d_un.d_ptr);
	}
	if (!hash || !symbols || !strings)
		skip("a vDSO without DT_HASH");
	for (unsigned i = 0; i < hash[1]; i++)
		if (symbols[i].st_shndx && !strcmp(strings + symbols[i].st_name, name))
			return base + symbols[i].st_value;
	TRUE(!"the symbol is there");
	finish();
}

static long ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000 + ts->tv_nsec;
}

/* The clock lies between two readings by system call, coarse ones within a tick before. */
static void agrees(int clock, long late)
{
	clock_fn *f = (clock_fn *)vdso("__vdso_clock_gettime");
	struct timespec before, ts = {-1, -1}, after;

	IS(sys(SYS_clock_gettime, clock, &before), 0);
	IS(f(clock, &ts), 0);
	IS(sys(SYS_clock_gettime, clock, &after), 0);
	TRUE(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	TRUE(ns_of(&ts) >= ns_of(&before) - late);
	TRUE(ns_of(&ts) <= ns_of(&after));
}

TEST(clocks)
{
	agrees(CLOCK_REALTIME, 0);
	agrees(CLOCK_MONOTONIC, 0);
	agrees(CLOCK_MONOTONIC_RAW, 0);
	agrees(CLOCK_BOOTTIME, 0);
	agrees(CLOCK_TAI, 0);
	agrees(CLOCK_REALTIME_COARSE, 20000000);
	agrees(CLOCK_MONOTONIC_COARSE, 20000000);
	agrees(CLOCK_THREAD_CPUTIME_ID, 0);
	agrees(CLOCK_PROCESS_CPUTIME_ID, 0);
}

TEST(refusals)
{
	clock_fn *f = (clock_fn *)vdso("__vdso_clock_gettime");
	struct timespec ts;

	IS(f(16, &ts), -EINVAL);
	IS(f(10, &ts), -EINVAL);
	IS(f(CLOCK_THREAD_CPUTIME_ID, BAD_KERNEL), -EFAULT);
}

TEST(time_of_day)
{
	timeofday_fn *f = (timeofday_fn *)vdso("__vdso_gettimeofday");
	time_fn *t = (time_fn *)vdso("__vdso_time");
	struct timespec tv = {-1, -1};
	int zone[2] = {1, 1};
	long before = sys(SYS_time, NULL), stored = 0;

	IS(f(&tv, zone), 0);
	TRUE(tv.tv_sec >= before && tv.tv_sec <= before + 60);
	TRUE(tv.tv_nsec >= 0 && tv.tv_nsec < 1000000);
	IS(zone[0], 0);
	IS(f(NULL, NULL), 0);
	TRUE(t(&stored) >= before);
	TRUE(stored >= before && t(NULL) >= stored);
}

TEST(cpu)
{
	getcpu_fn *f = (getcpu_fn *)vdso("__vdso_getcpu");
	unsigned long all, one;
	unsigned cpu = 99, node = 99;

	memset(&all, 0, sizeof(all));
	MUST(sys(SYS_sched_getaffinity, 0, sizeof(all), &all));
	for (unsigned i = 0; i < 64; i++) {
		one = 1ul << i;
		if (!(all & one))
			continue;
		IS(sys(SYS_sched_setaffinity, 0, sizeof(one), &one), 0);
		IS(f(&cpu, &node, NULL), 0);
		IS(cpu, i);
	}
	IS(f(NULL, NULL, NULL), 0);
}

static void write_to(void *address)
{
	*(volatile char *)address = 1;
}

TEST(nobody_writes_to_it)
{
	char *code = (char *)getauxval(AT_SYSINFO_EHDR);

	if (!code)
		skip("this kernel has no vDSO");
	IS(in_child(write_to, code), KILLED(SIGSEGV));
	IS(in_child(write_to, code - 4096), KILLED(SIGSEGV));
}

#define TRAP_FLAG 0x100
static volatile int steps, calls, stepping;

/* After each instruction: is the next one SYSCALL? */
static void step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	const unsigned char *next = (const unsigned char *)u->uc_mcontext.gregs[REG_RIP];

	(void)sig;
	(void)info;
	steps++;
	calls += next[0] == 0x0f && next[1] == 0x05;
	if (stepping)
		u->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	else
		u->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static int calls_of(int clock)
{
	clock_fn *f = (clock_fn *)vdso("__vdso_clock_gettime");
	struct timespec ts;

	steps = calls = 0;
	stepping = 1;
	__asm__ volatile("pushfq\n\torq %0, (%%rsp)\n\tpopfq" ::"i"(TRAP_FLAG) : "memory", "cc");
	f(clock, &ts);
	stepping = 0;
	__asm__ volatile("nop\n\tnop");
	TRUE(steps > 5);
	return calls;
}

TEST(no_system_call)
{
	char source[64] = "";

	slurp("/sys/devices/system/clocksource/clocksource0/current_clocksource", source, sizeof(source));
	if (strncmp(source, "tsc", 3) && strncmp(source, "kvm-clock", 9))
		skip("a clock that user mode cannot read");
	on_signal(SIGTRAP, step, SA_SIGINFO);
	IS(calls_of(CLOCK_MONOTONIC), 0);
	IS(calls_of(CLOCK_REALTIME), 0);
	IS(calls_of(CLOCK_MONOTONIC_COARSE), 0);
	IS(calls_of(CLOCK_THREAD_CPUTIME_ID), 1); /* that one has to ask */
}
