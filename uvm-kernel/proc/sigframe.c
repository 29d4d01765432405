/* SPDX-License-Identifier: MIT */
/*
 * Signal frames as Linux lays them out on x86-64: registers, mask and FPU image on the user stack, and the
 * way back by rt_sigreturn.
 */
#include <uvm/kernel.h>

#define SA_RESTORER 0x04000000UL
#define SA_ONSTACK 0x08000000UL
#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM 0x80000000U
#define RED_ZONE 128
#define FP_XSTATE_MAGIC1 0x46505853U
#define FP_XSTATE_MAGIC2 0x46505845U
#define FP_SW_OFFSET 464
#define XSTATE_HEADER 512
#define UC_FP_XSTATE 1
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate, reserved[8];
};
ABI_SIZE(struct sigcontext, 256);

struct stack {
	u64 sp;
	u32 flags, pad;
	u64 size;
};

struct ucontext {
	u64 flags, link;
	struct stack stack;
	struct sigcontext mc;
	sigset_t sigmask;
};

struct sigframe {
	u64 return_address;
	struct ucontext uc;
	struct siginfo info;
};
ABI_OFFSET(struct sigframe, info, 8 + 304);

struct fp_sw {
	u32 magic1, extended_size;
	u64 features;
	u32 xstate_size, pad[7];
};

static u32 fp_frame_size(void)
{
	return fpu_size() + (cpu_xsave ? 4 : 0);
}

u32 sigframe_size_max(void)
{
	return (u32)sizeof(struct sigframe) + fp_frame_size() + 64 + 16 + 8;
}

static bool on_altstack(const struct task *t, u64 sp)
{
	if (t->altstack_flags & SS_AUTODISARM)
		return false;
	return t->altstack_size && sp > t->altstack_sp && sp - t->altstack_sp <= t->altstack_size;
}

static u32 altstack_state(const struct task *t, u64 sp)
{
	return !t->altstack_size ? SS_DISABLE : on_altstack(t, sp) ? SS_ONSTACK : 0;
}

static u64 frame_top(const struct task *t, const struct pt_regs *regs, const struct sigaction *a)
{
	u64 sp = regs->rsp - RED_ZONE;

	if (a->flags & SA_ONSTACK && altstack_state(t, regs->rsp) == 0)
		return t->altstack_sp + t->altstack_size;
	return sp;
}

static int push_fpu(struct task *t, u64 fp)
{
	u32 size = fpu_size();
	struct fp_sw sw = {FP_XSTATE_MAGIC1, size + 4, fpu_features(), size, {0}};

	fpu_save(t->fpu);
	if (copy_to_user((void *)fp, t->fpu, size))
		return -EFAULT;
	if (cpu_xsave && (copy_to_user((void *)(fp + FP_SW_OFFSET), &sw, sizeof(sw)) ||
			  put_user(FP_XSTATE_MAGIC2, (u32 *)(fp + size))))
		return -EFAULT;
	return 0;
}

/* What frame and registers call by the same names. */
#define FOR_REGISTERS(copy)                                                                               \
	copy(r8) copy(r9) copy(r10) copy(r11) copy(r12) copy(r13) copy(r14) copy(r15) copy(rdi) copy(rsi) \
		copy(rbp) copy(rbx) copy(rdx) copy(rax) copy(rcx) copy(rsp) copy(rip)

static void save_registers(const struct task *t, struct sigcontext *mc, const struct pt_regs *r)
{
#define COPY(name) mc->name = r->name;
	FOR_REGISTERS(COPY)
#undef COPY
	mc->rflags = r->rflags;
	mc->cs = SELECTOR_USER_CS;
	mc->ss = SELECTOR_USER_DS;
	mc->err = t->trap_error;
	mc->trapno = t->trap_number;
	mc->cr2 = t->trap_cr2;
}

static struct stack altstack(const struct task *t, u64 sp)
{
	return (struct stack){.sp = t->altstack_sp,
			      .flags = altstack_state(t, sp) | (t->altstack_flags & SS_AUTODISARM),
			      .size = t->altstack_size};
}

int sigframe_push(struct pt_regs *regs, const struct sigaction *a, const struct siginfo *info, sigset_t mask)
{
	struct task *t = current;
	u64 fp = (frame_top(t, regs, a) - fp_frame_size()) & ~63UL;
	u64 at = ((fp - sizeof(struct sigframe)) & ~15UL) - 8;
	struct sigframe f = {.return_address = a->restorer, .info = *info};

	if (!(a->flags & SA_RESTORER))
		return -EFAULT;
	f.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (cpu_xsave ? UC_FP_XSTATE : 0);
	f.uc.stack = altstack(t, regs->rsp);
	save_registers(t, &f.uc.mc, regs);
	f.uc.mc.fpstate = fp;
	f.uc.mc.oldmask = mask;
	f.uc.sigmask = mask;
	if (push_fpu(t, fp) || copy_to_user((void *)at, &f, sizeof(f)))
		return -EFAULT;
	if (t->altstack_flags & SS_AUTODISARM) {
		t->altstack_sp = t->altstack_size = 0;
		t->altstack_flags = 0;
	}
	fpu_reset(t->fpu);
	fpu_load(t->fpu);
	regs->rip = a->handler;
	regs->rsp = at;
	regs->rdi = (u64)info->signo;
	regs->rsi = at + offsetof(struct sigframe, info);
	regs->rdx = at + offsetof(struct sigframe, uc);
	regs->rax = 0;
	regs->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	return 0;
}

/* Only what the processor takes without complaint; the rest of the header is zero. */
static void clean_header(char *image, u64 features)
{
	u64 *header = (u64 *)(image + XSTATE_HEADER);

	header[0] &= features;
	for (int i = 1; i < 8; i++)
		header[i] = 0;
}

static int restore_fpu(struct task *t, u64 fp)
{
	char *image = t->fpu;
	struct fp_sw sw;
	u64 features = fpu_features();
	u32 magic2 = 0;

	fpu_reset(image);
	if (!fp)
		fpu_load(image);
	if (!fp || (fp & 63 && cpu_xsave))
		return fp ? -EFAULT : 0;
	if (copy_from_user(image, (void *)fp, 512))
		return -EFAULT;
	*(u32 *)(image + 24) &= 0xffff; /* MXCSR: reserved bits would fault */
	if (cpu_xsave) {
		memcpy(&sw, image + FP_SW_OFFSET, sizeof(sw));
		if (sw.magic1 == FP_XSTATE_MAGIC1 && sw.xstate_size == fpu_size() &&
		    !get_user(magic2, (u32 *)(fp + fpu_size())) && magic2 == FP_XSTATE_MAGIC2) {
			if (copy_from_user(image + 512, (char *)fp + 512, fpu_size() - 512))
				return -EFAULT;
			clean_header(image, features & sw.features);
		} else {
			*(u64 *)(image + XSTATE_HEADER) = 3; /* a frame without extended state */
		}
	}
	return fpu_load_checked(image, features) ? 0 : -EFAULT;
}

static void restore_registers(struct pt_regs *r, const struct sigcontext *mc)
{
#define COPY(name) r->name = mc->name;
	FOR_REGISTERS(COPY)
#undef COPY
	r->rflags = (r->rflags & ~RFLAGS_USER) | (mc->rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
	r->cs = SELECTOR_USER_CS;
	r->ss = SELECTOR_USER_DS;
	r->orig_rax = (u64)-1;
}

static void set_altstack(struct task *t, const struct stack *s)
{
	t->altstack_sp = s->flags & SS_DISABLE ? 0 : s->sp;
	t->altstack_size = s->flags & SS_DISABLE ? 0 : s->size;
	t->altstack_flags = s->flags & SS_AUTODISARM;
}

long sys_rt_sigreturn(const struct sysargs *args __unused)
{
	struct task *t = current;
	struct pt_regs *regs = task_regs(t);
	struct sigframe f;
	u64 at = regs->rsp - 8;

	if (copy_from_user(&f, (void *)at, sizeof(f)))
		goto bad;
	signal_set_mask(f.uc.sigmask);
	restore_registers(regs, &f.uc.mc);
	if (restore_fpu(t, f.uc.mc.fpstate)) {
		fpu_reset(t->fpu);
		fpu_load(t->fpu);
		goto bad;
	}
	if (altstack_state(t, regs->rsp) != SS_ONSTACK)
		set_altstack(t, &f.uc.stack);
	return (long)regs->rax;
bad:
	regs->orig_rax = (u64)-1;
	signal_fault(t, SIGSEGV, SI_KERNEL, 0);
	return 0;
}

long sys_sigaltstack(const struct sysargs *args)
{
	struct task *t = current;
	u64 sp = task_regs(t)->rsp;
	struct stack old = altstack(t, sp), s;

	if (ARG_U64(0)) {
		u32 mode;

		if (copy_from_user(&s, ARG_PTR(0), sizeof(s)))
			return -EFAULT;
		if (on_altstack(t, sp))
			return -EPERM;
		mode = s.flags & ~SS_AUTODISARM;
		if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
			return -EINVAL;
		if (mode != SS_DISABLE && s.size < MAX(2048U, sigframe_size_max()))
			return -ENOMEM;
		set_altstack(t, &s);
	}
	return ARG_U64(1) ? copy_to_user(ARG_PTR(1), &old, sizeof(old)) : 0;
}
