/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts after the assembly: faults of user mode become page-ins or signals, faults of the
 * kernel are fixed up in user copies or end the machine. Also the last steps back to user mode.
 */
#include <abi/registers.h>
#include <uvm/kernel.h>

enum { TRAP_DE, TRAP_DB, TRAP_NMI, TRAP_BP, TRAP_UD = 6, TRAP_NP = 11, TRAP_SS, TRAP_PF = 14 };
enum { TRAP_MF = 16, TRAP_AC, TRAP_XM = 19 };

struct extable_entry {
	u64 insn;
	u64 fixup;
};
extern const struct extable_entry extable_start[], extable_end[];

struct irq_handler {
	void (*func)(void *arg);
	void *arg;
};
static struct irq_handler irq_handlers[256];

void trap_from_user(struct pt_regs *regs, u32 vector);
void trap_from_kernel(struct pt_regs *regs, u32 vector);
void trap_special(struct pt_regs *regs, u32 vector);

static u64 read_cr2(void)
{
	u64 v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static void smap_close(void)
{
	if (cpu_smap)
		__asm__ volatile("clac" ::: "memory");
}

void irq_set_handler(u8 vector, void (*handler)(void *arg), void *arg)
{
	irq_handlers[vector] = (struct irq_handler){handler, arg};
}

static void irq_dispatch(u32 vector)
{
	struct cpu *cpu = this_cpu();

	cpu->irqs[vector]++;
	wrmsr(HV_MSR_EOI, 0);
	if (vector == VECTOR_TLB)
		cpu_flush_pending();
	else if (vector == VECTOR_RESCHED)
		cpu->need_resched = 1;
	else if (irq_handlers[vector].func)
		irq_handlers[vector].func(irq_handlers[vector].arg);
	else if (vector != VECTOR_SPURIOUS)
		pr_warn("interrupt %u has no handler", vector);
}

void user_enter(void)
{
	struct cpu *cpu = this_cpu();
	u64 now = rdtsc();

	cpu->task->utime += now - cpu->stamp;
	cpu->stamp = now;
	kernel_lock();
}

void user_return(struct pt_regs *regs)
{
	struct task *t = current;
	struct cpu *cpu;
	u64 now;

	for (;;) {
		if (this_cpu()->need_resched)
			sched_resched();
		else if (t->signal_flag || t->restore_mask)
			signal_deliver(regs);
		else if (unlikely(regs->rip >= USER_END)) /* only a signal frame can ask for that */
			signal_fault(t, SIGSEGV, SI_KERNEL, 0);
		else
			break;
	}
	cpu = this_cpu();
	now = rdtsc();
	t->stime += now - cpu->stamp;
	cpu->stamp = now;
	kernel_unlock();
}

/* Where the x87 or SSE state says why it complained. */
static int fpe_code(u32 status)
{
	return status & 1      ? 7 /* FPE_FLTINV */
	       : status & 4    ? 3 /* FPE_FLTDIV */
	       : status & 8    ? 4 /* FPE_FLTOVF */
	       : status & 0x12 ? 5 /* FPE_FLTUND */
	       : status & 0x20 ? 6 /* FPE_FLTRES */
			       : 0;
}

static int x87_code(void)
{
	u16 sw, cw;

	__asm__ volatile("fnstsw %0" : "=m"(sw));
	__asm__ volatile("fnstcw %0" : "=m"(cw));
	return fpe_code(sw & ~cw & 0x3f);
}

static int sse_code(void)
{
	u32 mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	return fpe_code(mxcsr & ~(mxcsr >> 7) & 0x3f);
}

static void exception_signal(struct task *t, struct pt_regs *regs, u32 vector)
{
	static const struct {
		u8 signal;
		u8 code;
	} faults[TRAP_XM + 1] = {
		[TRAP_DE] = {SIGFPE, 1}, [TRAP_DB] = {SIGTRAP, 2},	  [TRAP_BP] = {SIGTRAP, SI_KERNEL},
		[TRAP_UD] = {SIGILL, 2}, [TRAP_NP] = {SIGBUS, SI_KERNEL}, [TRAP_SS] = {SIGBUS, SI_KERNEL},
		[TRAP_MF] = {SIGFPE, 0}, [TRAP_AC] = {SIGBUS, 1},	  [TRAP_XM] = {SIGFPE, 0},
	};
	int signal = vector <= TRAP_XM ? faults[vector].signal : 0;
	int code = vector == TRAP_MF ? x87_code() : vector == TRAP_XM ? sse_code() : faults[vector].code;

	if (vector == TRAP_DB)
		regs->rflags &= ~RFLAGS_TF;
	if (signal)
		signal_fault(t, signal, code, vector == TRAP_AC ? 0 : regs->rip);
	else
		signal_fault(t, SIGSEGV, SI_KERNEL, 0);
}

static void user_page_fault(struct task *t, u64 addr, u64 error)
{
	struct fault_result r;

	if (addr >= USER_END) {
		signal_fault(t, SIGSEGV, addr >> 47 == 0 || addr >> 47 == 0x1ffff ? 1 : SI_KERNEL, addr);
		return;
	}
	r = mm_fault(t->mm, addr, fault_access(error));
	if (r.signal)
		signal_fault(t, r.signal, r.code, addr);
}

void trap_from_user(struct pt_regs *regs, u32 vector)
{
	struct task *t = current;
	u64 error = regs->orig_rax;
	u64 cr2 = vector == TRAP_PF ? read_cr2() : 0;

	smap_close();
	regs->orig_rax = (u64)-1;
	user_enter();
	if (vector >= 32) {
		irq_dispatch(vector);
	} else {
		t->trap_number = vector;
		t->trap_error = error;
		if (vector == TRAP_PF) {
			t->trap_cr2 = cr2;
			user_page_fault(t, cr2, error);
		} else {
			exception_signal(t, regs, vector);
		}
	}
	user_return(regs);
}

static const struct extable_entry *fixup_of(const struct pt_regs *regs)
{
	for (const struct extable_entry *e = extable_start; e < extable_end; e++)
		if (e->insn == regs->rip)
			return e;
	return NULL;
}

static void print_regs(const struct pt_regs *r)
{
	pr_err("rip %016lx rsp %016lx rflags %08lx cs %02lx", r->rip, r->rsp, r->rflags, r->cs);
	pr_err("rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
	pr_err("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
	pr_err("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", r->r9, r->r10, r->r11, r->r12);
	pr_err("r13 %016lx r14 %016lx r15 %016lx cr2 %016lx", r->r13, r->r14, r->r15, read_cr2());
}

static __noreturn void die(const struct pt_regs *regs, u32 vector)
{
	print_regs(regs);
	backtrace(regs->rip, regs->rbp);
	panic("exception %u error %lx in kernel mode", vector, regs->orig_rax);
}

/* A fault of the kernel on user memory: bring the page in, or let the copy report it. */
static void kernel_page_fault(struct pt_regs *regs, u64 addr, u64 error)
{
	const struct extable_entry *fixup = fixup_of(regs);
	struct task *t = current;

	if (addr >= USER_END || !fixup || !t->mm)
		die(regs, TRAP_PF);
	if (mm_fault(t->mm, addr, fault_access(error | FAULT_ERROR_USER)).signal)
		regs->rip = fixup->fixup;
}

void trap_from_kernel(struct pt_regs *regs, u32 vector)
{
	u64 cr2 = vector == TRAP_PF ? read_cr2() : 0;

	smap_close();
	if (vector >= 32) { /* only sched_idle and sched_point let interrupts in, without the lock */
		kernel_lock();
		irq_dispatch(vector);
		kernel_unlock();
	} else if (vector == TRAP_PF) {
		kernel_page_fault(regs, cr2, regs->orig_rax);
	} else {
		const struct extable_entry *fixup = fixup_of(regs);

		if (!fixup)
			die(regs, vector);
		regs->rip = fixup->fixup;
	}
}

/* Here this_cpu() may not be used, nor anything that does. */
void trap_special(struct pt_regs *regs, u32 vector)
{
	if (vector == TRAP_DB || vector == TRAP_NMI) /* the step that SYSCALL ends; NMIs nobody sends */
		return;
	pr_err("double fault: kernel stack overflow?");
	die(regs, vector);
}
