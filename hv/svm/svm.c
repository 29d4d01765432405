/* SPDX-License-Identifier: MIT */
/* The SVM half of the vendor line: enable, run, inject, flush; and the table of operations. */
#include "svm.h"
#include <hv/assert.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/partition.h>
#include <hv/smp.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define CPUID_SVM (1u << 2) /* 80000001 ECX */
#define CPUID_NP (1u << 0)  /* 8000000a EDX */
#define CPUID_NRIPS (1u << 3)
#define CPUID_CLEAN (1u << 5)
#define CPUID_FLUSH (1u << 6)
#define CPUID_DECODE (1u << 7)

struct svm_features svm_features;
struct svm_maps svm_maps;

static const struct slat_format npt_format = {
	.table = PTE_P | PTE_W | PTE_U,
	.leaf = PTE_U, /* nested walks are user accesses (APM2 15.25.5) */
	.large = PTE_PS,
	.read = PTE_P,
	.write = PTE_W,
	.no_execute = PTE_NX,
	.accessed = PTE_A,
	.dirty = PTE_D,
	.present = PTE_P,
};

static bool present(void)
{
	return cpuid(0x80000000, 0).eax >= 0x8000000a && cpuid(0x80000001, 0).ecx & CPUID_SVM;
}

static const char *check(void)
{
	struct cpuid features;

	if (!present())
		return "the processor has no SVM";
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return "SVM is disabled by the firmware";
	features = cpuid(0x8000000a, 0);
	if (!(features.edx & CPUID_NP))
		return "the processor has no nested paging";
	if (features.ebx < 4)
		return "the processor has too few address space identifiers";
	if (read_cr4() & CR4_LA57)
		return "the firmware runs with 5-level page tables";
	if (rdmsr(MSR_EFER) & EFER_SVME)
		return "another hypervisor uses SVM already";
	return NULL;
}

static void setup(void)
{
	struct cpuid f = cpuid(0x8000000a, 0), extended = cpuid(0x80000001, 0);

	svm_features = (struct svm_features){
		.asids = f.ebx,
		.efer = EFER_SCE | EFER_LME | (extended.edx & 1u << 20 ? EFER_NXE : 0) |
			(extended.edx & 1u << 25 ? EFER_FFXSR : 0) | (extended.ecx & 1u << 17 ? EFER_TCE : 0),
		.nrips = f.edx & CPUID_NRIPS,
		.flush_by_asid = f.edx & CPUID_FLUSH,
		.clean_bits = f.edx & CPUID_CLEAN,
		.decode_assists = f.edx & CPUID_DECODE,
	};
	svm_setup_maps();
}

static const char *cpu_enable(struct cpu *cpu)
{
	const char *why = check();

	if (why)
		return why;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, ptr_phys(cpu->vendor));
	cpu->asid_next = ASID_ROOT + 1;
	cpu->asid_limit = svm_features.asids;
	cpu->asid_generation = 1;
	svm_clgi();
	return NULL;
}

static void cpu_disable(struct cpu *cpu)
{
	(void)cpu;
	if (!(rdmsr(MSR_EFER) & EFER_SVME))
		return;
	wrmsr(MSR_VM_HSAVE_PA, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SVME);
}

/* ---- Children -------------------------------------------------------------------------------- */

static struct vmcb_segment segment(u16 selector, u16 attributes, u32 limit)
{
	return (struct vmcb_segment){selector, attributes, limit, 0};
}

/* The state after reset (APM2 14.1.3), but for CS: a child starts where its VMM says. */
static void child_reset(struct vp *vp, struct vmcb *v)
{
	struct vmcb_segment data = segment(0, 0x93, 0xffff), table = segment(0, 0, 0xffff);

	vmcb_set_cs(v, segment(0, 0x9b, 0xffff));
	vmcb_set_ss(v, data);
	vmcb_set_ds(v, data);
	vmcb_set_es(v, data);
	v->fs = v->gs = data;
	v->ldtr = segment(0, 0x82, 0xffff);
	v->tr = segment(0, 0x8b, 0xffff);
	vmcb_set_gdtr(v, table);
	vmcb_set_idtr(v, table);
	vmcb_set_cr0(v, CR0_ET | CR0_NW | CR0_CD);
	vmcb_set_efer(v, EFER_SVME);
	vmcb_set_dr6(v, 0xffff0ff0);
	vmcb_set_dr7(v, 0x400);
	vmcb_set_g_pat(v, 0x0007040600070406ULL);
	vp->rflags = RFLAGS_FIXED;
}

/* Delivering #AC or #DB can repeat for ever without taking interrupts; #MC is the root's. */
static void intercept_exceptions(struct vp *vp, u32 vectors)
{
	vectors |= 1u << EXC_DB | 1u << EXC_AC | 1u << EXC_MC;
	if (vmcb_get_intercept_exceptions(svm_vmcb(vp)) != vectors)
		vmcb_set_intercept_exceptions(svm_vmcb(vp), vectors);
}

static void intercept_debug(struct vp *vp, bool on)
{
	vmcb_set_intercept_dr_read(svm_vmcb(vp), on ? 0xffff : 0);
	vmcb_set_intercept_dr_write(svm_vmcb(vp), on ? 0xffff : 0);
}

static void vp_init(struct vp *vp)
{
	struct vmcb *v = svm_vmcb(vp);

	vmcb_set_intercept_misc1(v, INTERCEPT_INTR | INTERCEPT_NMI | INTERCEPT_INIT | INTERCEPT_RDPMC |
					    INTERCEPT_CPUID | INTERCEPT_INVD | INTERCEPT_HLT |
					    INTERCEPT_INVLPGA | INTERCEPT_IOIO | INTERCEPT_MSR |
					    INTERCEPT_TASK_SWITCH | INTERCEPT_FERR_FREEZE |
					    INTERCEPT_SHUTDOWN);
	vmcb_set_intercept_misc2(v, INTERCEPT_VMRUN | INTERCEPT_VMMCALL | INTERCEPT_VMLOAD |
					    INTERCEPT_VMSAVE | INTERCEPT_STGI | INTERCEPT_CLGI |
					    INTERCEPT_SKINIT | INTERCEPT_RDTSCP | INTERCEPT_WBINVD |
					    INTERCEPT_MONITOR | INTERCEPT_MWAIT | INTERCEPT_MWAIT_ARMED |
					    INTERCEPT_XSETBV | INTERCEPT_RDPRU);
	intercept_exceptions(vp, 0);
	intercept_debug(vp, true);
	vmcb_set_iopm_base(v, ptr_phys(svm_maps.child_io));
	vmcb_set_msrpm_base(v, ptr_phys(svm_maps.child_msr));
	vmcb_set_v_intr(v, V_INTR_MASKING);
	vmcb_set_np_enable(v, 1);
	vmcb_set_n_cr3(v, vp->partition->slat.top);
	child_reset(vp, v);
}

/* A VP gets a fresh identifier whenever the processor, or what the processor's TLB may hold, differs. */
static void choose_asid(struct vp *vp, struct cpu *cpu, struct vmcb *v)
{
	bool stale = __atomic_exchange_n(&vp->flush, 0, __ATOMIC_SEQ_CST);

	v->tlb_control = TLB_FLUSH_NOTHING;
	if (!stale && vp->last_cpu == cpu && vp->asid_generation == cpu->asid_generation)
		return;
	if (vp->last_cpu != cpu)
		v->clean = 0;
	if (cpu->asid_next == cpu->asid_limit) {
		cpu->asid_generation++;
		cpu->asid_next = ASID_ROOT + 1;
		v->tlb_control = TLB_FLUSH_ALL;
	}
	vp->asid = cpu->asid_next++;
	vp->asid_generation = cpu->asid_generation;
	vp->last_cpu = cpu;
	vmcb_set_asid(v, vp->asid);
}

static void check_before_entry(struct vp *vp, struct vmcb *v)
{
	const char *rule = svm_check_vmcb(v);

	if (rule) {
		svm_dump(vp);
		panic("VMCB of partition %lu vp %u: %s", vp->partition->id, vp->index, rule);
	}
}

static void vp_run(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);
	struct cpu *cpu = this_cpu();

	v->rax = vp->gpr[RAX];
	v->rsp = vp->gpr[RSP];
	v->rip = vp->rip;
	v->rflags = vp->rflags;
	if (vp != cpu->root_vp)
		choose_asid(vp, cpu, v);
	if (HV_DEBUG)
		check_before_entry(vp, v);
	if (vp == cpu->root_vp) {
		svm_enter_root(ptr_phys(v), vp->gpr);
		v->tlb_control = TLB_FLUSH_NOTHING;
	} else {
		svm_enter_child(ptr_phys(v), vp->gpr, ptr_phys(cpu->root_vp->control));
	}
	v->clean = svm_features.clean_bits ? CLEAN_ALL : 0;
	vp->gpr[RAX] = v->rax;
	vp->gpr[RSP] = v->rsp;
	vp->rip = v->rip;
	vp->rflags = v->rflags;
	v->event_inject = 0;
	svm_translate_exit(vp, exit);
}

/* The root's FS, GS, TR, LDTR and system call MSRs stay in its VMCB meanwhile. */
static void child_begin(struct vp *vp)
{
	(void)vp;
	svm_vmsave(ptr_phys(this_cpu()->root_vp->control));
}

static void child_end(struct vp *vp)
{
	(void)vp; /* svm_enter_child loaded them again */
}

static void flush(struct vp *vp)
{
	if (vp == this_cpu()->root_vp)
		svm_vmcb(vp)->tlb_control = svm_features.flush_by_asid ? TLB_FLUSH_ASID : TLB_FLUSH_ALL;
	else
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void inject_exception(struct vp *vp, u8 vector, s64 error_code)
{
	u64 event = vector | EVENT_EXCEPTION | EVENT_VALID;

	if (error_code >= 0)
		event |= EVENT_HAS_ERROR | (u64)error_code << 32;
	svm_vmcb(vp)->event_inject = event;
}

static void inject_interrupt(struct vp *vp, u8 vector)
{
	svm_vmcb(vp)->event_inject = vector | EVENT_EXTERNAL | EVENT_VALID;
}

/* Until the guest's IRET another one has to wait. */
static void inject_nmi(struct vp *vp)
{
	struct vmcb *v = svm_vmcb(vp);

	v->event_inject = EXC_NMI | EVENT_NMI | EVENT_VALID;
	vp->nmi_masked = true;
	vmcb_set_intercept_misc1(v, vmcb_get_intercept_misc1(v) | INTERCEPT_IRET);
}

static bool injection_pending(struct vp *vp)
{
	return svm_vmcb(vp)->event_inject & EVENT_VALID;
}

static void end_shadow(struct vp *vp)
{
	svm_vmcb(vp)->interrupt_state &= ~INTERRUPT_SHADOW;
}

static bool interruptible(struct vp *vp)
{
	return vp->rflags & RFLAGS_IF && !(svm_vmcb(vp)->interrupt_state & INTERRUPT_SHADOW);
}

/* A virtual interrupt that is intercepted exits as soon as it could be taken (APM2 15.21.4). */
static void request_window(struct vp *vp, bool on)
{
	u64 control = on ? V_INTR_MASKING | V_IRQ | V_INTR_PRIORITY | V_IGNORE_TPR : V_INTR_MASKING;
	struct vmcb *v = svm_vmcb(vp);
	u32 misc1 = vmcb_get_intercept_misc1(v);
	u32 wanted = on ? misc1 | INTERCEPT_VINTR : misc1 & ~INTERCEPT_VINTR;

	if (wanted != misc1)
		vmcb_set_intercept_misc1(v, wanted);
	if (vmcb_get_v_intr(v) != control)
		vmcb_set_v_intr(v, control);
}

const struct vendor_ops svm_ops = {
	.name = "SVM",
	.processor_vendor = 0,
	.hypercall_length = 3,
	.slat = &npt_format,
	.present = present,
	.check = check,
	.setup = setup,
	.cpu_enable = cpu_enable,
	.cpu_disable = cpu_disable,
	.root_capture = svm_root_capture,
	.root_start = svm_root_start,
	.root_release = svm_root_release,
	.vp_init = vp_init,
	.vp_run = vp_run,
	.child_begin = child_begin,
	.child_end = child_end,
	.get_register = svm_get_register,
	.set_register = svm_set_register,
	.state_invalid = svm_state_invalid,
	.inject_exception = inject_exception,
	.inject_interrupt = inject_interrupt,
	.inject_nmi = inject_nmi,
	.injection_pending = injection_pending,
	.end_shadow = end_shadow,
	.interruptible = interruptible,
	.request_window = request_window,
	.flush = flush,
	.paging_state = svm_paging_state,
	.kernel_code64 = svm_kernel_code64,
	.intercept_exceptions = intercept_exceptions,
	.intercept_debug = intercept_debug,
	.take_nmi = svm_take_nmi,
	.wait_nmi = svm_wait_nmi,
	.dump = svm_dump,
};
