/* SPDX-License-Identifier: MIT */
/* The frame a handler runs on: layout, registers, floating point state, and the way back by rt_sigreturn. */
#include "check.h"

#include <setjmp.h>
#include <ucontext.h>

struct kernel_ucontext {
	unsigned long flags, link;
	unsigned long stack_sp;
	int stack_flags, stack_pad;
	unsigned long stack_size;
	unsigned long gregs[23];
	unsigned long fpstate;
	unsigned long reserved[8];
	unsigned long sigmask;
};

enum {
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15,
	RDI,
	RSI,
	RBP,
	RBX,
	RDX,
	RAX,
	RCX,
	RSP,
	RIP,
	EFL,
	CSGSFS,
	ERR,
	TRAPNO,
	OLDMASK,
	CR2
};

static struct kernel_ucontext seen;
static unsigned char seen_fp[512];
static unsigned long seen_frame, seen_rdi, seen_rsi, seen_rdx;

static void look(int sig, siginfo_t *info, void *context)
{
	struct kernel_ucontext *uc = context;

	seen = *uc;
	seen_rdi = sig;
	seen_rsi = (unsigned long)info;
	seen_rdx = (unsigned long)context;
	seen_frame = (unsigned long)__builtin_frame_address(0);
	if (uc->fpstate)
		memcpy(seen_fp, (void *)uc->fpstate, 512);
	catch_signal(sig, info, context);
}

TEST(layout)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	MUST(on_signal(SIGUSR1, look, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGHUP)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 1);
	IS(seen_rdi, SIGUSR1);
	IS(seen_rsi, seen_rdx + 304); /* siginfo right behind the context */
	IS(seen_frame & 15, 0);	      /* after the handler's push of RBP: entered as by a call */
	TRUE(seen_rdx < here - 128);  /* below the red zone */
	IS(seen.link, 0);
	IS(seen.sigmask, SIGBIT(SIGHUP));
	IS(seen.gregs[CSGSFS] & 0xffff, 0x33);
	IS(seen.gregs[CSGSFS] >> 48, 0x2b);
	TRUE(seen.gregs[RIP] != 0 && seen.gregs[RSP] > seen_rdx);
	IS(seen.fpstate % 64, 0);
	TRUE(seen.flags & 2); /* UC_SIGCONTEXT_SS */
}

/* Every register of the interrupted code is in the frame, and comes back from there. */
TEST(registers)
{
	unsigned long out[8];
	long pid = sys(SYS_getpid);

	MUST(on_signal(SIGUSR1, look, SA_SIGINFO));
	__asm__ volatile("mov $0x1111, %%rbx\n"
			 "mov $0x2222, %%r12\n"
			 "mov $0x3333, %%r13\n"
			 "mov $0x4444, %%r14\n"
			 "mov $0x5555, %%r15\n"
			 "mov $0x6666, %%r8\n"
			 "mov $0x7777, %%r9\n"
			 "mov $0x8888, %%r10\n"
			 "mov $62, %%eax\n"
			 "syscall\n"
			 "mov %%rbx, 0(%2)\n"
			 "mov %%r12, 8(%2)\n"
			 "mov %%r13, 16(%2)\n"
			 "mov %%r14, 24(%2)\n"
			 "mov %%r15, 32(%2)\n"
			 "mov %%r8, 40(%2)\n"
			 "mov %%r9, 48(%2)\n"
			 "mov %%r10, 56(%2)\n"
			 :
			 : "D"(pid), "S"((long)SIGUSR1), "d"(out)
			 : "rax", "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			   "memory");
	IS(caught, 1);
	IS(seen.gregs[RBX], 0x1111);
	IS(seen.gregs[R12], 0x2222);
	IS(seen.gregs[R13], 0x3333);
	IS(seen.gregs[R14], 0x4444);
	IS(seen.gregs[R15], 0x5555);
	IS(seen.gregs[R8], 0x6666);
	IS(seen.gregs[R9], 0x7777);
	IS(seen.gregs[R10], 0x8888);
	IS(seen.gregs[RDI], pid);
	IS(seen.gregs[RSI], SIGUSR1);
	IS(seen.gregs[RDX], out);
	IS(seen.gregs[RAX], 0); /* the result of kill */
	for (unsigned long i = 0; i < 8; i++)
		IS(out[i], 0x1111 * (i + 1));
}

static void change(int sig, siginfo_t *info, void *context)
{
	struct kernel_ucontext *uc = context;

	uc->gregs[R12] = 0xabcdef;
	uc->gregs[RAX] = 4711;
	uc->gregs[EFL] |= 1; /* carry */
	catch_signal(sig, info, context);
}

TEST(handler_may_change_registers)
{
	unsigned long r12 = 0, rax = 62, carry = 0;

	MUST(on_signal(SIGUSR1, change, SA_SIGINFO));
	__asm__ volatile("xor %%r12d, %%r12d\n"
			 "syscall\n"
			 "setc %b1\n"
			 "mov %%r12, %0\n"
			 : "=&r"(r12), "+&r"(carry), "+a"(rax)
			 : "D"(sys(SYS_getpid)), "S"((long)SIGUSR1)
			 : "rcx", "r11", "r12", "memory");
	IS(r12, 0xabcdef);
	IS(rax, 4711);
	IS(carry, 1);
}

/* The instruction pointer too: how runtimes turn a fault into an exception of their language. */
static void landing(void)
{
	IS(caught, 1);
	finish();
}

static void redirect(int sig, siginfo_t *info, void *context)
{
	struct kernel_ucontext *uc = context;

	uc->gregs[RIP] = (unsigned long)landing;
	uc->gregs[RSP] = (uc->gregs[RSP] & ~15ul) - 256 - 8;
	catch_signal(sig, info, context);
}

static void fault(void *arg)
{
	MUST(on_signal(SIGSEGV, redirect, SA_SIGINFO));
	*(volatile char *)arg = 1;
	TRUE(false);
}

TEST(handler_may_redirect)
{
	IS(in_child(fault, BAD_UNMAPPED), 0);
}

static void clobber_vectors(int sig, siginfo_t *info, void *context)
{
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15; fninit; fldz" ::
				 : "xmm0", "xmm7", "xmm15");
	look(sig, info, context);
}

/* SSE and x87 state: saved in the frame, restored from it. */
TEST(vector_registers_survive)
{
	unsigned long a = 0x1234567890abcdef, b = 0, c = 0, x87;
	double value = 2.5, back = 0;

	MUST(on_signal(SIGUSR1, clobber_vectors, SA_SIGINFO));
	__asm__ volatile("movq %4, %%xmm0\n"
			 "movq %4, %%xmm15\n"
			 "fldl %5\n"
			 "mov $62, %%eax\n"
			 "syscall\n"
			 "movq %%xmm0, %0\n"
			 "movq %%xmm15, %1\n"
			 "fstpl %2\n"
			 : "=&r"(b), "=&r"(c), "=m"(back), "=&a"(x87)
			 : "r"(a), "m"(value), "D"(sys(SYS_getpid)), "S"((long)SIGUSR1)
			 : "rcx", "r11", "xmm0", "xmm15", "memory");
	IS(caught, 1);
	IS(b, a);
	IS(c, a);
	TRUE(back == 2.5);
	SAME(seen_fp + 160, &a, 8);	      /* XMM0 of the FXSAVE image */
	SAME(seen_fp + 160 + 15 * 16, &a, 8); /* XMM15 */
}

static void change_xmm(int sig, siginfo_t *info, void *context)
{
	struct kernel_ucontext *uc = context;
	unsigned long value = 0x42;

	memcpy((char *)uc->fpstate + 160, &value, 8);
	catch_signal(sig, info, context);
}

TEST(handler_may_change_vector_registers)
{
	unsigned long value = 0;

	MUST(on_signal(SIGUSR1, change_xmm, SA_SIGINFO));
	__asm__ volatile("pxor %%xmm0, %%xmm0\n"
			 "mov $62, %%eax\n"
			 "syscall\n"
			 "movq %%xmm0, %0\n"
			 : "=r"(value)
			 : "D"(sys(SYS_getpid)), "S"((long)SIGUSR1)
			 : "rax", "rcx", "r11", "xmm0", "memory");
	IS(value, 0x42);
}

static bool have_avx(void)
{
	unsigned a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return (c >> 28 & 1) && (c >> 27 & 1);
}

static void clobber_avx(int sig, siginfo_t *info, void *context)
{
	__asm__ volatile("vxorps %%ymm5, %%ymm5, %%ymm5; vxorps %%ymm6, %%ymm6, %%ymm6" ::: "xmm5", "xmm6");
	look(sig, info, context);
}

TEST(avx_survives)
{
	unsigned long in[4] = {1, 2, 3, 4}, out[4] = {0, 0, 0, 0};
	unsigned magic;

	if (!have_avx())
		skip("no AVX on this processor");
	MUST(on_signal(SIGUSR1, clobber_avx, SA_SIGINFO));
	__asm__ volatile("vmovups (%0), %%ymm5\n"
			 "mov $62, %%eax\n"
			 "syscall\n"
			 "vmovups %%ymm5, (%1)\n"
			 "vzeroupper\n"
			 :
			 : "r"(in), "r"(out), "D"(sys(SYS_getpid)), "S"((long)SIGUSR1)
			 : "rax", "rcx", "r11", "xmm5", "memory");
	SAME(in, out, sizeof(in));
	memcpy(&magic, seen_fp + 464, 4);
	IS(magic, 0x46505853); /* extended state is announced */
}

/* A damaged frame kills; it does not hurt the kernel. */
static void return_badly(void *arg)
{
	unsigned long sp = (unsigned long)arg;

	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; hlt" ::"r"(sp));
}

static void damage(int sig, siginfo_t *info, void *context)
{
	struct kernel_ucontext *uc = context;
	static int how;

	(void)sig, (void)info;
	how = caught;
	if (how == 1)
		uc->gregs[RIP] = 0xffffffff81000000ul;
	else if (how == 2)
		uc->gregs[RIP] = 0x8000000000000000ul; /* SYSRET or IRET to a non-canonical address */
	else if (how == 3)
		uc->gregs[RSP] = 0x8000000000000000ul;
	else if (how == 4)
		uc->gregs[CSGSFS] = 0x10; /* kernel code selector */
	else if (how == 5)
		uc->fpstate = 0xffffffff81000000ul;
	else if (how == 6)
		memset((void *)uc->fpstate, 0xff, 832); /* reserved bits of MXCSR and of the XSAVE header */
	else if (how == 7)
		uc->gregs[EFL] = ~0ul;
}

static void damaged(void *arg)
{
	caught = (int)(long)arg;
	MUST(on_signal(SIGUSR1, damage, SA_SIGINFO));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	if (caught == 3)
		*(volatile char *)__builtin_alloca(64) = 0;
}

TEST(damaged_frames)
{
	IS(in_child(return_badly, BAD_UNMAPPED), KILLED(SIGSEGV));
	IS(in_child(return_badly, BAD_KERNEL), KILLED(SIGSEGV));
	IS(in_child(return_badly, BAD_NONCANONICAL), KILLED(SIGSEGV));
	for (long how = 1; how <= 5; how++)
		if ((in_child(damaged, (void *)how) & 0x7f) == 0)
			note("damage %ld was survived", how);
	IS(in_child(damaged, (void *)1L), KILLED(SIGSEGV));
	IS(in_child(damaged, (void *)2L), KILLED(SIGSEGV));
	IS(in_child(damaged, (void *)5L), KILLED(SIGSEGV));
	in_child(damaged, (void *)6L); /* kill or clean: only the kernel must survive */
	in_child(damaged, (void *)7L);
	IS(sys(SYS_getppid) > 0, 1);
}
