/* SPDX-License-Identifier: MIT */
/* Exceptions of user mode as signals: number, code and address; and what user mode may never reach. */
#include "check.h"

#include <setjmp.h>
#include <sys/resource.h>
#include <ucontext.h>

#define PAGE 4096ul

static sigjmp_buf back;
static long trap_number, trap_error, trap_cr2;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	trap_number = uc->uc_mcontext.gregs[REG_TRAPNO];
	trap_error = uc->uc_mcontext.gregs[REG_ERR];
	trap_cr2 = uc->uc_mcontext.gregs[REG_CR2];
	catch_signal(sig, info, context);
	unblock_signals(SIGBIT(sig));
	_longjmp(back, 1);
}

static void watch(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

	for (size_t i = 0; i < 5; i++)
		MUST(on_signal(signals[i], on_fault, SA_SIGINFO));
	caught = 0;
	caught_signal = 0;
}

/* Run a statement that must end in this signal with this code. */
#define FAULTS(statement, sig, code)           \
	do {                                   \
		caught_signal = 0;             \
		if (!_setjmp(back)) {          \
			statement;             \
		}                              \
		IS(caught_signal, sig);        \
		IS(caught_info.si_code, code); \
	} while (0)

static volatile char sink;

TEST(address_not_mapped)
{
	watch();
	FAULTS(sink = *(volatile char *)0x10, SIGSEGV, SEGV_MAPERR);
	IS(caught_info.si_addr, 0x10);
	IS(trap_number, 14);
	IS(trap_error, 4);
	IS(trap_cr2, 0x10);
	FAULTS(*(volatile char *)0x18 = 1, SIGSEGV, SEGV_MAPERR);
	IS(caught_info.si_addr, 0x18);
	IS(trap_error, 6);
}

TEST(right_missing)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	watch();
	sink = p[5];
	FAULTS(*(volatile char *)(p + 5) = 1, SIGSEGV, SEGV_ACCERR);
	IS(caught_info.si_addr, p + 5);
	IS(trap_error, 7);
	FAULTS(((void (*)(void))(uintptr_t)p)(), SIGSEGV, SEGV_ACCERR);
	IS(caught_info.si_addr, p);
}

/* The kernel half answers like unmapped memory: no byte of it is readable, its map is not shown. */
TEST(kernel_addresses)
{
	static void *const where[] = {BAD_KERNEL,
				      BAD_DIRECT_MAP,
				      (void *)0xffffffff80100000ul,
				      (void *)0xfffffffffffff000ul,
				      (void *)0xffff800000000000ul,
				      (void *)0xffffffff80000000ul};

	watch();
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		FAULTS(sink = *(volatile char *)where[i], SIGSEGV, SEGV_MAPERR);
		IS(caught_info.si_addr, where[i]);
		IS(trap_error & ~1, 4); /* whether it is present is the kernel's affair */
		FAULTS(*(volatile char *)where[i] = 1, SIGSEGV, SEGV_MAPERR);
		FAULTS(((void (*)(void))(uintptr_t)where[i])(), SIGSEGV, SEGV_MAPERR);
	}
}

TEST(non_canonical)
{
	watch();
	FAULTS(sink = *(volatile char *)BAD_NONCANONICAL, SIGSEGV, SI_KERNEL);
	IS(caught_info.si_addr, 0);
	IS(trap_number, 13);
	FAULTS(*(volatile char *)0xfff0000000000000ul = 1, SIGSEGV, SI_KERNEL);
}

TEST(privileged_instructions)
{
	watch();
	FAULTS(__asm__ volatile("hlt"), SIGSEGV, SI_KERNEL);
	IS(trap_number, 13);
	FAULTS(__asm__ volatile("cli"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("mov %%cr0, %%rax" ::: "rax"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("mov %%rax, %%cr3" ::: "rax"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("rdmsr" ::"c"(0xc0000082) : "rax", "rdx"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("wrmsr" ::"c"(0xc0000082), "a"(0), "d"(0)), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("out %%al, $0x80" ::"a"(0)), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("out %%eax, %%dx" ::"a"(0), "d"(0x4e04)), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("in %%dx, %%al" ::"d"(0x60) : "rax"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("invlpg (%%rsp)" ::: "memory"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("wbinvd"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("int $0x0e"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("int $0x02"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("int $0xff"), SIGSEGV, SI_KERNEL);
	FAULTS(__asm__ volatile("lgdt (%%rsp)" ::: "memory"), SIGSEGV, SI_KERNEL);
}

TEST(undefined_instruction)
{
	watch();
	FAULTS(__asm__ volatile("ud2"), SIGILL, ILL_ILLOPN);
	IS(trap_number, 6);
	FAULTS(__asm__ volatile(".byte 0x0f, 0x04"), SIGILL, ILL_ILLOPN);
}

/* The hypervisor's doors are closed to user mode: an exception, or (on KVM) a refusal in RAX. */
#define REFUSED(instruction)                                                                                \
	do {                                                                                                \
		result = 0;                                                                                 \
		caught_signal = 0;                                                                          \
		if (!_setjmp(back))                                                                         \
			__asm__ volatile(instruction : "=a"(result) : "a"(0), "c"(0x46) : "rdx", "memory"); \
		TRUE(caught_signal == SIGILL || caught_signal == SIGSEGV || result < 0);                    \
	} while (0)

TEST(hypercall_instructions)
{
	volatile long result;

	watch();
	REFUSED("vmmcall");
	REFUSED("vmcall");
	REFUSED("vmrun");
	REFUSED("vmload");
}

TEST(divide_error)
{
	watch();
	FAULTS(__asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax; div %%ecx" ::
					: "rax", "rcx", "rdx"),
	       SIGFPE, FPE_INTDIV);
	IS(trap_number, 0);
	TRUE(caught_info.si_addr != 0); /* the instruction */
}

TEST(breakpoints)
{
	watch();
	FAULTS(__asm__ volatile("int3"), SIGTRAP, SI_KERNEL);
	IS(trap_number, 3);
	caught = 0;
	FAULTS(__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::
					: "memory", "cc"),
	       SIGTRAP, TRAP_TRACE);
	IS(trap_number, 1);
	IS(caught, 1);
}

/* An unmasked SSE exception. Emulators are known to never raise one. */
TEST(sse_exception)
{
	unsigned unmasked = 0x1f80 & ~(1u << 9); /* divide by zero */

	watch();
	if (!_setjmp(back)) {
		__asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; mov $1, %%eax; cvtsi2ss %%eax, %%xmm1;"
				 "divss %%xmm0, %%xmm1" ::"m"(unmasked)
				 : "rax", "xmm0", "xmm1");
		skip("this processor raises no SSE exceptions");
	}
	IS(caught_signal, SIGFPE);
	IS(caught_info.si_code, FPE_FLTDIV);
	IS(trap_number, 19);
}

/* The signal is blocked or ignored: the process dies all the same. */
static void fault_blocked(void *arg)
{
	MUST(block_signals(SIGBIT(SIGSEGV)));
	sink = *(volatile char *)arg;
}

static void fault_ignored(void *arg)
{
	MUST(on_signal_ignore(SIGSEGV));
	sink = *(volatile char *)arg;
}

TEST(cannot_be_refused)
{
	IS(in_child(fault_blocked, BAD_UNMAPPED), KILLED(SIGSEGV));
	IS(in_child(fault_ignored, BAD_UNMAPPED), KILLED(SIGSEGV));
}

static int recurse(int depth)
{
	volatile char frame[1024];

	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + frame[0] : frame[0];
}

static void overflow(void *arg)
{
	struct rlimit limit = {1 << 20, 1 << 20};

	(void)arg;
	MUST(sys(SYS_prlimit64, 0, RLIMIT_STACK, &limit, NULL));
	recurse(1 << 30);
}

/* No stack left for the handler's frame: SIGSEGV kills. */
static void overflow_with_handler(void *arg)
{
	MUST(on_signal(SIGSEGV, catch_signal, SA_SIGINFO));
	overflow(arg);
}

TEST(stack)
{
	IS(recurse(2000) != -1, 1); /* two megabytes: grows by itself */
	IS(in_child(overflow, NULL), KILLED(SIGSEGV));
	IS(in_child(overflow_with_handler, NULL), KILLED(SIGSEGV));
}
