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
#include <hv/cpuid.h>
#include <hv/smp.h>
#include <x86/asm.h>
#include <x86/defs.h>
#include <x86/trap.h>

#define HOST_CODE 0x08
#define HOST_DATA 0x10
#define HOST_TASK 0x18 /* hv has no TSS, but 27.2.3 wants a selector */
/* TSC ticks that a child may run from the first entry of a dispatch on, looked at when it enters with IF = 0:
 * Bochs holds external interrupts back from such an entry on. Elsewhere they end it before. */
#define TIMER_TICKS 2000000u

struct vmx_maps vmx_maps;
struct vp *vmx_current[MAX_CPUS];

/* By REG_ from REG_KERNEL_GS_BASE on. */
static const u32 switched_msrs[] = {MSR_KERNEL_GS_BASE, MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SFMASK};
_Static_assert(sizeof(switched_msrs) / sizeof(u32) == REGS - REG_KERNEL_GS_BASE, "enum reg");

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
	const char *why = vmx_check();
	u64 control;

	if (why)
		return why;
	control = rdmsr(MSR_FEATURE_CONTROL);
	if (!(control & FEATURE_CONTROL_LOCK))
		wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX);
	write_cr0((cpu->launch_cr0 | rdmsr(MSR_VMX_CR0_FIXED0)) & rdmsr(MSR_VMX_CR0_FIXED1));
	write_cr4((read_cr4() | rdmsr(MSR_VMX_CR4_FIXED0)) & rdmsr(MSR_VMX_CR4_FIXED1));
	if (cpuid(7, 0).ebx & CPUID_7_TRACE)
		wrmsr(MSR_RTIT_CTL, 0);
	if (cpuid(6, 0).eax & CPUID_6_FEEDBACK)
		wrmsr(MSR_HW_FEEDBACK_CONFIG, 0);
	*(u32 *)cpu->vendor = vmx_caps.revision;
	if (!vmxon(ptr_phys(cpu->vendor)))
		return NULL;
	write_cr4(read_cr4() & ~CR4_VMXE);
	write_cr0(cpu->launch_cr0);
	return "VMXON failed";
}

static void cpu_disable(struct cpu *cpu)
{
	if (!(read_cr4() & CR4_VMXE))
		return;
	vmxoff();
	write_cr4(read_cr4() & ~CR4_VMXE);
	write_cr0(cpu->launch_cr0);
}

/* ---- The current VMCS ---------------------------------------------------------------------------- */

/* A root VP may be asked about before its processor has its own stack. */
static struct vp **current_of(const struct vp *vp)
{
	return &vmx_current[vmx_is_root(vp) ? vp->index : this_cpu()->index];
}

struct vp *vmx_open(struct vp *vp)
{
	struct vp **current = current_of(vp), *former = *current;

	if (former != vp) {
		assert(!vmptrld(ptr_phys(vp->control)));
		*current = vp;
	}
	return former;
}

void vmx_close(struct vp *vp, struct vp *former)
{
	if (former == vp)
		return;
	assert(!vmclear(ptr_phys(vp->control)));
	vmx_vp(vp)->launched = 0;
	assert(!vmptrld(ptr_phys(former->control)));
	*current_of(vp) = former;
}

static const struct vmx_controls *controls_of(struct vp *vp)
{
	return vmx_is_root(vp) ? &vmx_caps.root : &vmx_caps.child;
}

static void write_zeros(const u16 *fields, u32 count)
{
	for (u32 i = 0; i < count; i++)
		vmwrite(fields[i], 0);
}

static void set_control(enum vmcs_field field, u32 *held, u32 value)
{
	if (*held != value)
		vmwrite(field, value);
	*held = value;
}

/* SDM 25.5, checked as 27.2.2 to 27.2.4 say. RSP is written by each entry. FS, GS and SYSENTER are not
 * used by hv. Limits and rights come from the exit itself (28.5.2). */
static void write_host(void)
{
	static const u16 zero[] = {VMCS_HOST_ES + 2 * SEG_FS, VMCS_HOST_ES + 2 * SEG_GS,
				   VMCS_HOST_FS_BASE,	      VMCS_HOST_GS_BASE,
				   VMCS_HOST_TR_BASE,	      VMCS_HOST_SYSENTER_CS,
				   VMCS_HOST_SYSENTER_ESP,    VMCS_HOST_SYSENTER_EIP};

	write_zeros(zero, sizeof(zero) / sizeof(zero[0]));
	vmwrite(VMCS_HOST_CR0, read_cr0());
	vmwrite(VMCS_HOST_CR3, read_cr3());
	vmwrite(VMCS_HOST_CR4, read_cr4());
	vmwrite(VMCS_HOST_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	vmwrite(VMCS_HOST_PAT, PAT_RESET);
	for (u32 n = SEG_ES; n <= SEG_DS; n++)
		vmwrite(VMCS_HOST_ES + 2 * n, n == SEG_CS ? HOST_CODE : HOST_DATA);
	vmwrite(VMCS_HOST_TR, HOST_TASK);
	vmwrite(VMCS_HOST_GDTR_BASE, read_gdtr().base);
	vmwrite(VMCS_HOST_IDTR_BASE, read_idtr().base);
	vmwrite(VMCS_HOST_RIP, (u64)vmx_exited);
}

/* ---- Guests ------------------------------------------------------------------------------------------ */

/* What never changes. Fields that a control of value 0 switches off (the I/O bitmaps, the TPR page, VMFUNC,
 * …) are not read by the processor and stay unwritten. The zeros: #PF exits as the exception bitmap says,
 * whatever its error code (26.2); no MSR lists, child_begin and child_end exchange (27.4, 28.4); nothing
 * pending. */
static void write_constants(struct vp *vp, const struct vmx_controls *c)
{
	static const u16 zero[] = {VMCS_EXCEPTIONS,
				   VMCS_PF_MASK,
				   VMCS_PF_MATCH,
				   VMCS_CR3_TARGETS,
				   VMCS_EXIT_MSR_STORE,
				   VMCS_EXIT_MSR_LOAD,
				   VMCS_ENTRY_MSR_LOAD,
				   VMCS_ENTRY_EVENT,
				   VMCS_TSC_OFFSET,
				   VMCS_GUEST_ACTIVITY,
				   VMCS_GUEST_INTERRUPTIBILITY,
				   VMCS_GUEST_PENDING_DEBUG,
				   VMCS_GUEST_PDPTE,
				   VMCS_GUEST_PDPTE + 2,
				   VMCS_GUEST_PDPTE + 4,
				   VMCS_GUEST_PDPTE + 6};
	struct vmx_vp *s = vmx_vp(vp);
	bool root = vmx_is_root(vp);

	s->pin = c->pin;
	s->primary = c->primary;
	s->exceptions = s->interruptibility = 0;
	write_zeros(zero, sizeof(zero) / sizeof(zero[0]));
	vmwrite(VMCS_PIN, c->pin);
	vmwrite(VMCS_PRIMARY, c->primary);
	vmwrite(VMCS_SECONDARY, c->secondary);
	vmwrite(VMCS_EXIT, c->exit);
	vmwrite(VMCS_ENTRY, c->entry);
	vmwrite(VMCS_MSR_BITMAP, ptr_phys(root ? vmx_maps.root_msr : vmx_maps.child_msr));
	vmwrite(VMCS_VPID, root ? VPID_ROOT : VPID_CHILD(vp->index)); /* not 0: 27.2.1.1 */
	vmwrite(VMCS_EPTP, vmx_eptp(vp));
	vmwrite(VMCS_LINK, ~0ULL); /* no shadow VMCS: 27.3.1.5 */
	vmwrite(VMCS_GUEST_DEBUGCTL, root ? rdmsr(MSR_DEBUGCTL) : 0);
	vmwrite(VMCS_CR0_MASK, vmx_caps.cr0_fixed | (root ? 0 : CR0_CD | CR0_NW));
	vmwrite(VMCS_CR4_MASK, vmx_caps.cr4_fixed | (root ? 0 : CR4_MCE | ~state_cr4_bits()));
	if (c->secondary & CPU2_XSAVES)
		vmwrite(VMCS_XSS_BITMAP, 0); /* no exits (26.1.3); the same for PCONFIG */
	if (c->secondary & CPU2_PCONFIG)
		vmwrite(VMCS_PCONFIG_BITMAP, 0);
}

/* The root's VMCS is made current once, for ever; after INIT it stands already. */
static void vp_init(struct vp *vp)
{
	struct vp *former;

	if (!*(u32 *)vp->control) {
		*(u32 *)vp->control = vmx_caps.revision;
		assert(!vmclear(ptr_phys(vp->control)));
	}
	former = vmx_open(vp);
	write_constants(vp, controls_of(vp));
	state_reset(vp);
	if (!vmx_is_root(vp))
		vmx_close(vp, former);
}

/* What neither entries nor exits switch. */
static void exchange(u64 *save, const u64 *load)
{
	save[0] = read_cr2();
	write_cr2(load[0]);
	save[1] = read_dr6();
	if (save[1] != load[1])
		write_dr6(load[1]);
	for (u32 i = 2; i < KEPT; i++) {
		save[i] = rdmsr(switched_msrs[i - 2]);
		if (save[i] != load[i])
			wrmsr(switched_msrs[i - 2], load[i]);
	}
}

static void root_reset(struct vp *vp)
{
	u64 unused[KEPT];

	exchange(vmx_vp(vp)->kept, vmx_vp(vp)->kept);
	vp_init(vp);
	exchange(unused, vmx_vp(vp)->kept);
}

static void child_begin(struct vp *vp)
{
	u32 exceptions = vp->partition->exceptions | EXCEPTIONS_ALWAYS;

	vmx_open(vp);
	vmx_vp(vp)->end_tsc = rdtsc() + TIMER_TICKS;
	if (vmx_caps.flush_l1d)
		wrmsr(MSR_FLUSH_CMD, FLUSH_L1D);
	set_control(VMCS_EXCEPTIONS, &vmx_vp(vp)->exceptions, exceptions);
	exchange(vmx_vp(this_cpu()->root_vp)->kept, vmx_vp(vp)->kept);
}

static void child_end(struct vp *vp)
{
	exchange(vmx_vp(vp)->kept, vmx_vp(this_cpu()->root_vp)->kept);
	vmx_close(vp, this_cpu()->root_vp);
}

/* ---- One entry and exit -------------------------------------------------------------------------------- */

static bool nmi_is_next(const struct vp *vp)
{
	return vp->event && (vp->event & EVENT_TYPE) == EVENT_NMI;
}

static void prepare_controls(struct vp *vp, struct vmx_vp *s)
{
	u32 primary = controls_of(vp)->primary, pin = controls_of(vp)->pin;

	/* An NMI cannot be injected in the shadow of STI or MOV SS (27.3.1.5): it waits for its window, and
	 * the place of the event is free for what the instruction in the shadow brings. */
	if (nmi_is_next(vp) && vp->shadow) {
		vp->vapic.nmi = 1;
		vp->nmi_masked = false;
		vp->event = 0;
	}
	if (vp->window)
		primary |= CPU_INTERRUPT_WINDOW;
	if (vp->vapic.nmi)
		primary |= CPU_NMI_WINDOW;
	if (vp->debug_loaded)
		primary &= ~CPU_MOV_DR;
	if (!vmx_is_root(vp) && vmx_caps.preemption_timer && !(vp->rflags & RFLAGS_IF)) {
		u64 now = rdtsc();

		pin |= PIN_PREEMPTION_TIMER;
		vmwrite(VMCS_PREEMPTION_TIMER,
			now < s->end_tsc ? (s->end_tsc - now) >> vmx_caps.timer_shift : 0);
	}
	set_control(VMCS_PRIMARY, &s->primary, primary);
	set_control(VMCS_PIN, &s->pin, pin);
}

/* From the entry of an NMI on, NMIs are blocked until the guest's IRET (27.6.1.2), but not before. */
static void prepare_event(struct vp *vp, struct vmx_vp *s)
{
	u32 shadows = s->interruptibility & (SHADOW_STI | SHADOW_MOV_SS);
	u32 state = vp->nmi_masked && !nmi_is_next(vp) ? BLOCKED_NMI : 0;

	if (vp->shadow)
		state |= shadows ? shadows : SHADOW_STI;
	set_control(VMCS_GUEST_INTERRUPTIBILITY, &s->interruptibility, state);
	/* A child's single step in a shadow is pending, or the entry fails (27.3.1.5): a #DB that exits drops
	 * it. */
	if (vp->step || (vp->shadow && vp->rflags & RFLAGS_TF && !vmx_is_root(vp)))
		vmwrite(VMCS_GUEST_PENDING_DEBUG, vmread(VMCS_GUEST_PENDING_DEBUG) | PENDING_DEBUG_BS);
	vp->step = false;
	if (!vp->event)
		return;
	vmwrite(VMCS_ENTRY_EVENT, (u32)vp->event);
	vmwrite(VMCS_ENTRY_ERROR, vp->event >> 32);
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

static void collect(struct vp *vp, struct vmx_vp *s)
{
	vp->event = 0;
	s->launched = 1;
	s->interruptibility = (u32)vmread(VMCS_GUEST_INTERRUPTIBILITY);
	vp->shadow = s->interruptibility & (SHADOW_STI | SHADOW_MOV_SS);
	vp->nmi_masked = s->interruptibility & BLOCKED_NMI;
	vp->gpr[RSP] = vmread(VMCS_GUEST_RSP);
	vp->rip = vmread(VMCS_GUEST_RIP);
	vp->rflags = vmread(VMCS_GUEST_RFLAGS);
}

static void vp_run(struct vp *vp, struct vp_exit *exit)
{
	struct cpu *cpu = this_cpu();
	struct vmx_vp *s = vmx_vp(vp);
	u32 outcome;

	if (!s->host_set)
		write_host();
	s->host_set = 1;
	if (vp != cpu->root_vp)
		prepare_child(vp, cpu);
	vmwrite(VMCS_GUEST_RSP, vp->gpr[RSP]);
	vmwrite(VMCS_GUEST_RIP, vp->rip);
	vmwrite(VMCS_GUEST_RFLAGS, vp->rflags);
	prepare_controls(vp, s);
	prepare_event(vp, s);
	if (HV_DEBUG)
		state_check_entry(vp);
	outcome = vmx_enter(vp->gpr, &cpu->kicks, s->launched);
	if (outcome == 1) { /* a kick came first */
		*exit = (struct vp_exit){.kind = EXIT_HANDLED};
		return;
	}
	if (outcome == 2) {
		state_dump(vp);
		panic("VM entry refused: error %lu", vmread(VMCS_INSTRUCTION_ERROR));
	}
	collect(vp, s);
	vmx_translate_exit(vp, exit, (u32)vmread(VMCS_EXIT_REASON));
}

static void flush(struct vp *vp)
{
	if (vmx_is_root(vp))
		vmx_ept_flush(vp);
	else
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
}

const struct vendor_ops vmx_ops = {
	.name = "VMX",
	.processor_vendor = 1,
	.slat = &vmx_ept_format,
	.present = present,
	.check = vmx_check,
	.setup = setup,
	.cpu_enable = cpu_enable,
	.cpu_disable = cpu_disable,
	.vp_init = vp_init,
	.vp_run = vp_run,
	.root_reset = root_reset,
	.child_begin = child_begin,
	.child_end = child_end,
	.read = vmx_read,
	.write = vmx_write,
	.get_segment = vmx_get_segment,
	.set_segment = vmx_set_segment,
	.broken_rule = vmx_broken_rule,
	.kernel_code64 = vmx_kernel_code64,
	.flush = flush,
	.take_nmi = vmx_take_nmi,
	.wait_nmi = trap_wait,
	.dump = vmx_dump,
};
