/* SPDX-License-Identifier: MIT */
/*
 * The VMX half of the vendor line: enable, run, inject, flush; and the table of operations.
 *
 * A VMCS must be active on one processor only (SDM 25.11.1). The root's is its processor's for ever. A
 * child's becomes current for a dispatch or for one register access and is cleared after it, so the next
 * one may come from anywhere.
 */
#include "vmx.h"
#include <hv/assert.h>
#include <hv/log.h>
#include <hv/smp.h>
#include <x86/asm.h>
#include <x86/defs.h>
#include <x86/trap.h>

#define HOST_CODE 0x08
#define HOST_DATA 0x10
#define HOST_TASK 0x18 /* hv has no TSS, but 27.2.3 wants a selector */
#define PAT_RESET 0x0007040600070406ULL

/* TSC ticks that a child may run with IF = 0 from an entry. External interrupts end it before on a
 * processor that follows the manual. */
#define TIMER_TICKS 2000000u

struct vmx_maps vmx_maps;
struct vmx_cpu vmx_cpus[MAX_CPUS];

static const u32 switched_msrs[SWITCHED] = {
	[SWITCH_STAR] = MSR_STAR,
	[SWITCH_LSTAR] = MSR_LSTAR,
	[SWITCH_CSTAR] = MSR_CSTAR,
	[SWITCH_SFMASK] = MSR_SFMASK,
	[SWITCH_KERNEL_GS_BASE] = MSR_KERNEL_GS_BASE,
};

static bool present(void)
{
	return cpuid(1, 0).ecx & 1u << 5;
}

static void setup(void)
{
	vmx_caps_init();
	vmx_ept_init();
	vmx_setup_maps();
	trap_set_nmi(vmx_nmi);
}

/* SDM 24.8 "Restrictions on VMX Operation": CR0 and CR4 need their fixed bits before VMXON. */
static const char *cpu_enable(struct cpu *cpu)
{
	struct vmx_cpu *c = &vmx_cpus[cpu->index];
	const char *why = vmx_check();
	u64 control;

	if (why)
		return why;
	control = rdmsr(MSR_FEATURE_CONTROL);
	if (!(control & FEATURE_CONTROL_LOCK))
		wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX);
	c->launch_cr0 = read_cr0();
	write_cr0((c->launch_cr0 | rdmsr(MSR_VMX_CR0_FIXED0)) & rdmsr(MSR_VMX_CR0_FIXED1));
	write_cr4((read_cr4() | rdmsr(MSR_VMX_CR4_FIXED0)) & rdmsr(MSR_VMX_CR4_FIXED1));
	*(u32 *)cpu->vendor = vmx_caps.revision;
	if (vmxon(ptr_phys(cpu->vendor)))
		return NULL;
	write_cr4(read_cr4() & ~CR4_VMXE);
	write_cr0(c->launch_cr0);
	return "VMXON failed";
}

static void cpu_disable(struct cpu *cpu)
{
	if (!(read_cr4() & CR4_VMXE))
		return;
	vmxoff();
	write_cr4(read_cr4() & ~CR4_VMXE);
	write_cr0(vmx_cpus[cpu->index].launch_cr0);
}

/* ---- The current VMCS ---------------------------------------------------------------------------- */

struct vp *vmx_open(struct vp *vp)
{
	struct vmx_cpu *c = &vmx_cpus[this_cpu()->index];
	struct vp *former = c->current;

	if (former == vp)
		return former;
	assert(!vmx_is_root(vp));
	vmptrld(ptr_phys(vp->control));
	c->current = vp;
	return former;
}

void vmx_close(struct vp *vp, struct vp *former)
{
	if (former == vp)
		return;
	vmclear(ptr_phys(vp->control));
	vmx_vp(vp)->launched = 0;
	vmptrld(ptr_phys(former->control));
	vmx_cpus[this_cpu()->index].current = former;
}

/* SDM 25.5, checked as 27.2.2 to 27.2.4 say. RSP is written by each entry. FS, GS and SYSENTER are not
 * used by hv. Limits and rights come from the exit itself (28.5.2). */
static void write_host(void)
{
	struct descriptor_ptr gdtr = read_gdtr(), idtr = read_idtr();

	vmwrite(VMCS_HOST_CR0, read_cr0());
	vmwrite(VMCS_HOST_CR3, read_cr3());
	vmwrite(VMCS_HOST_CR4, read_cr4());
	vmwrite(VMCS_HOST_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	vmwrite(VMCS_HOST_PAT, PAT_RESET);
	vmwrite(VMCS_HOST_CS, HOST_CODE);
	vmwrite(VMCS_HOST_SS, HOST_DATA);
	vmwrite(VMCS_HOST_DS, HOST_DATA);
	vmwrite(VMCS_HOST_ES, HOST_DATA);
	vmwrite(VMCS_HOST_FS, 0);
	vmwrite(VMCS_HOST_GS, 0);
	vmwrite(VMCS_HOST_TR, HOST_TASK);
	vmwrite(VMCS_HOST_FS_BASE, 0);
	vmwrite(VMCS_HOST_GS_BASE, 0);
	vmwrite(VMCS_HOST_TR_BASE, 0);
	vmwrite(VMCS_HOST_GDTR_BASE, gdtr.base);
	vmwrite(VMCS_HOST_IDTR_BASE, idtr.base);
	vmwrite(VMCS_HOST_SYSENTER_CS, 0);
	vmwrite(VMCS_HOST_SYSENTER_ESP, 0);
	vmwrite(VMCS_HOST_SYSENTER_EIP, 0);
	vmwrite(VMCS_HOST_RIP, (u64)vmx_exited);
}

/* ---- Children -------------------------------------------------------------------------------------- */

/* The state after reset (SDM table 10-1), but for CS: a child starts where its VMM says. */
static void child_reset(struct vp *vp)
{
	struct vmx_vp *s = vmx_vp(vp);

	vmx_write_segment(SEG_CS, 0, 0x9b, 0xffff, 0);
	for (u32 i = SEG_ES; i <= SEG_GS; i++) {
		if (i != SEG_CS)
			vmx_write_segment(i, 0, 0x93, 0xffff, 0);
	}
	vmx_write_segment(SEG_LDTR, 0, 0x82, 0xffff, 0);
	vmx_write_segment(SEG_TR, 0, 0x8b, 0xffff, 0);
	vmwrite(VMCS_GUEST_GDTR_LIMIT, 0xffff);
	vmwrite(VMCS_GUEST_GDTR_BASE, 0);
	vmwrite(VMCS_GUEST_IDTR_LIMIT, 0xffff);
	vmwrite(VMCS_GUEST_IDTR_BASE, 0);
	vmwrite(VMCS_GUEST_CR3, 0);
	vmx_put_efer(0);
	vmx_put_cr4(vp, 0);
	vmx_put_cr0(vp, CR0_ET | CR0_NW | CR0_CD);
	vmwrite(VMCS_GUEST_PAT, PAT_RESET);
	vmwrite(VMCS_GUEST_DR7, 0x400);
	vmwrite(VMCS_GUEST_SYSENTER_CS, 0);
	vmwrite(VMCS_GUEST_SYSENTER_ESP, 0);
	vmwrite(VMCS_GUEST_SYSENTER_EIP, 0);
	s->dr6 = 0xffff0ff0;
	vp->rflags = RFLAGS_FIXED;
}

static void intercept_debug(struct vp *vp, bool on)
{
	vmx_vp(vp)->debug_exits = on;
}

/* Delivering #AC or #DB can repeat for ever without taking interrupts; #MC is the root's. */
static void intercept_exceptions(struct vp *vp, u32 vectors)
{
	struct vmx_vp *s = vmx_vp(vp);

	vectors |= 1u << EXC_DB | 1u << EXC_AC | 1u << EXC_MC;
	if (s->exceptions != vectors)
		vmwrite(VMCS_EXCEPTIONS, vectors);
	s->exceptions = vectors;
}

static void vp_init(struct vp *vp)
{
	struct vp *former;

	*vmx_vp(vp) = (struct vmx_vp){0};
	*(u32 *)vp->control = vmx_caps.revision;
	vmclear(ptr_phys(vp->control));
	former = vmx_open(vp);
	vmx_write_constants(vp, &vmx_caps.child, ptr_phys(vmx_maps.child_msr), (u16)VPID_CHILD(vp->index));
	if (vmx_caps.preemption_timer)
		vmwrite(VMCS_PREEMPTION_TIMER, TIMER_TICKS >> vmx_caps.timer_shift);
	vmwrite(VMCS_CR0_MASK, vmx_caps.cr0_fixed | CR0_CD | CR0_NW);
	vmwrite(VMCS_CR4_MASK, vmx_caps.cr4_fixed | CR4_MCE | ~vmx_caps.cr4_child);
	child_reset(vp);
	intercept_exceptions(vp, 0);
	intercept_debug(vp, true);
	vmx_close(vp, former);
}

static void exchange_msrs(u64 *save, const u64 *load)
{
	for (u32 i = 0; i < SWITCHED; i++) {
		save[i] = rdmsr(switched_msrs[i]);
		if (save[i] != load[i])
			wrmsr(switched_msrs[i], load[i]);
	}
}

/* CR2, DR6 and the system call MSRs are the root's until here. */
static void child_begin(struct vp *vp)
{
	struct vmx_cpu *c = &vmx_cpus[this_cpu()->index];
	struct vmx_vp *s = vmx_vp(vp);

	vmx_open(vp);
	if (vmx_caps.flush_l1d)
		wrmsr(MSR_FLUSH_CMD, FLUSH_L1D);
	exchange_msrs(c->root_msr, s->msr);
	c->root_cr2 = read_cr2();
	write_cr2(s->cr2);
	c->root_dr6 = read_dr6();
	if (c->root_dr6 != s->dr6)
		write_dr6(s->dr6);
}

static void child_end(struct vp *vp)
{
	struct vmx_cpu *c = &vmx_cpus[this_cpu()->index];
	struct vmx_vp *s = vmx_vp(vp);

	exchange_msrs(s->msr, c->root_msr);
	s->cr2 = read_cr2();
	write_cr2(c->root_cr2);
	s->dr6 = read_dr6();
	if (c->root_dr6 != s->dr6)
		write_dr6(c->root_dr6);
	vmx_close(vp, this_cpu()->root_vp);
}

/* ---- One entry and exit -------------------------------------------------------------------------------- */

static void set_control(enum vmcs_field field, u32 *held, u32 value)
{
	if (*held != value)
		vmwrite(field, value);
	*held = value;
}

/* An NMI cannot be injected in the shadow of STI or MOV SS (27.2.1.3): it waits for its window. */
static bool nmi_must_wait(const struct vmx_vp *s)
{
	return s->event & EVENT_VALID && (s->event & EVENT_TYPE) == EVENT_NMI &&
	       s->interruptibility & (SHADOW_STI | SHADOW_MOV_SS);
}

static void prepare_windows(struct vp *vp, struct vmx_vp *s)
{
	const struct vmx_controls *base = vmx_is_root(vp) ? &vmx_caps.root : &vmx_caps.child;
	u32 primary = base->primary, pin = base->pin;

	if (s->window)
		primary |= CPU_INTERRUPT_WINDOW;
	if (nmi_must_wait(s) || (vp->vapic.nmi && s->interruptibility & BLOCKED_NMI))
		primary |= CPU_NMI_WINDOW;
	if (!vmx_is_root(vp)) {
		if (!s->debug_exits)
			primary &= ~CPU_MOV_DR;
		if (vmx_caps.preemption_timer && !(vp->rflags & RFLAGS_IF))
			pin |= PIN_PREEMPTION_TIMER;
	}
	set_control(VMCS_PRIMARY, &s->primary, primary);
	set_control(VMCS_PIN, &s->pin, pin);
}

static void prepare_event(struct vp *vp, struct vmx_vp *s)
{
	if (s->interruptibility != s->interruptibility_field)
		vmwrite(VMCS_GUEST_INTERRUPTIBILITY, s->interruptibility);
	s->interruptibility_field = s->interruptibility;
	if (s->step)
		vmwrite(VMCS_GUEST_PENDING_DEBUG, vmread(VMCS_GUEST_PENDING_DEBUG) | PENDING_DEBUG_BS);
	s->step = 0;
	if (!s->event || nmi_must_wait(s))
		return;
	if (s->event & EVENT_HAS_ERROR) /* real mode pushes none, and the entry would fail (27.2.1.3) */
		s->event = vmread(VMCS_GUEST_CR0) & CR0_PE ? s->event : s->event & ~EVENT_HAS_ERROR;
	vmwrite(VMCS_ENTRY_EVENT, s->event);
	vmwrite(VMCS_ENTRY_ERROR, s->event_error);
	(void)vp;
}

static void prepare_child(struct vp *vp, struct cpu *cpu)
{
	bool stale = __atomic_exchange_n(&vp->flush, 0, __ATOMIC_SEQ_CST);

	if (stale || vp->last_cpu != cpu)
		vmx_ept_flush(vp);
	vp->last_cpu = cpu;
	if (vmx_caps.clear_buffers) {
		static const u16 selector = HOST_DATA;

		__asm__ volatile("verw %0" : : "m"(selector) : "cc");
	}
}

static void check_before_entry(struct vp *vp)
{
	const char *rule = vmx_check_guest(vp);

	if (rule) {
		vmx_dump(vp);
		panic("VMCS of partition %lu vp %u: %s", vp->partition->id, vp->index, rule);
	}
}

static void collect(struct vp *vp, struct vmx_vp *s)
{
	bool waits = nmi_must_wait(s);

	s->launched = 1;
	vp->gpr[RSP] = vmread(VMCS_GUEST_RSP);
	vp->rip = vmread(VMCS_GUEST_RIP);
	vp->rflags = vmread(VMCS_GUEST_RFLAGS);
	s->interruptibility = s->interruptibility_field = (u32)vmread(VMCS_GUEST_INTERRUPTIBILITY);
	if (!waits)
		s->event = 0;
}

static void vp_run(struct vp *vp, struct vp_exit *exit)
{
	struct cpu *cpu = this_cpu();
	struct vmx_vp *s = vmx_vp(vp);
	u32 outcome, reason = REASON_ABORTED;

	if (!s->host_set)
		write_host();
	s->host_set = 1;
	if (vp != cpu->root_vp)
		prepare_child(vp, cpu);
	vmwrite(VMCS_GUEST_RSP, vp->gpr[RSP]);
	vmwrite(VMCS_GUEST_RIP, vp->rip);
	vmwrite(VMCS_GUEST_RFLAGS, vp->rflags);
	prepare_windows(vp, s);
	prepare_event(vp, s);
	if (HV_DEBUG)
		check_before_entry(vp);
	outcome = vmx_enter(vp->gpr, &cpu->kicks, s->launched);
	if (outcome == 2) {
		vmx_dump(vp);
		panic("VM entry refused: error %lu", vmread(VMCS_INSTRUCTION_ERROR));
	}
	if (outcome == 0) {
		collect(vp, s);
		reason = (u32)vmread(VMCS_EXIT_REASON);
	}
	vmx_translate_exit(vp, exit, reason);
	vp->nmi_masked = s->interruptibility & BLOCKED_NMI;
}

static void flush(struct vp *vp)
{
	if (vp == this_cpu()->root_vp)
		vmx_ept_flush(vp);
	else
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
}

/* ---- Events ----------------------------------------------------------------------------------------------
 */

void vmx_set_event(struct vp *vp, u32 event, u32 error)
{
	vmx_vp(vp)->event = event;
	vmx_vp(vp)->event_error = error;
}

static void inject_exception(struct vp *vp, u8 vector, s64 error_code)
{
	vmx_set_event(vp, vector | EVENT_EXCEPTION | EVENT_VALID | (error_code >= 0 ? EVENT_HAS_ERROR : 0),
		      error_code >= 0 ? (u32)error_code : 0);
}

static void inject_interrupt(struct vp *vp, u8 vector)
{
	vmx_set_event(vp, vector | EVENT_EXTERNAL | EVENT_VALID, 0);
}

/* From the entry on, NMIs are blocked until the guest's IRET (27.6.1.2). */
static void inject_nmi(struct vp *vp)
{
	vmx_set_event(vp, EXC_NMI | EVENT_NMI | EVENT_VALID, 0);
	vp->nmi_masked = true;
}

static bool injection_pending(struct vp *vp)
{
	return vmx_vp(vp)->event & EVENT_VALID;
}

/* A skipped instruction counts as executed: with TF set, its trap follows. */
static void end_shadow(struct vp *vp)
{
	struct vmx_vp *s = vmx_vp(vp);

	s->interruptibility &= ~(SHADOW_STI | SHADOW_MOV_SS);
	if (vp->rflags & RFLAGS_TF)
		s->step = 1;
}

static bool interruptible(struct vp *vp)
{
	return vp->rflags & RFLAGS_IF && !(vmx_vp(vp)->interruptibility & (SHADOW_STI | SHADOW_MOV_SS));
}

static void request_window(struct vp *vp, bool on)
{
	vmx_vp(vp)->window = on;
}

static void wait_nmi(const u32 *flags)
{
	trap_wait(flags);
}

const struct vendor_ops vmx_ops = {
	.name = "VMX",
	.processor_vendor = 1,
	.hypercall_length = 3,
	.slat = &vmx_ept_format,
	.present = present,
	.check = vmx_check,
	.setup = setup,
	.cpu_enable = cpu_enable,
	.cpu_disable = cpu_disable,
	.root_capture = vmx_root_capture,
	.root_start = vmx_root_start,
	.root_release = vmx_root_release,
	.vp_init = vp_init,
	.vp_run = vp_run,
	.child_begin = child_begin,
	.child_end = child_end,
	.get_register = vmx_get_register,
	.set_register = vmx_set_register,
	.state_invalid = vmx_state_invalid,
	.inject_exception = inject_exception,
	.inject_interrupt = inject_interrupt,
	.inject_nmi = inject_nmi,
	.injection_pending = injection_pending,
	.end_shadow = end_shadow,
	.interruptible = interruptible,
	.request_window = request_window,
	.flush = flush,
	.paging_state = vmx_paging_state,
	.kernel_code64 = vmx_kernel_code64,
	.intercept_exceptions = intercept_exceptions,
	.intercept_debug = intercept_debug,
	.take_nmi = vmx_take_nmi,
	.wait_nmi = wait_nmi,
	.dump = vmx_dump,
};
