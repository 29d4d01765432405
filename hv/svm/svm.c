/* SPDX-License-Identifier: MIT */
/* The SVM half of the vendor line: enable, run, flush; and the table of operations. */
#include "svm.h"
#include <hv/assert.h>
#include <hv/partition.h>
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
	.no_execute = PTE_NX,
	.accessed = PTE_A,
	.dirty = PTE_D,
};

static bool present(void)
{
	return cpuid(0x80000000, 0).eax >= 0x8000000a && cpuid(0x80000001, 0).ecx & CPUID_SVM;
}

static const char *check(void)
{
	struct cpuid features = cpuid(0x8000000a, 0);
	const struct rule rules[] = {
		{!(features.edx & CPUID_NP), "the processor has no nested paging"},
		{features.ebx < 4, "the processor has too few address space identifiers"},
		{read_cr4() & CR4_LA57, "the firmware runs with 5-level page tables"},
		{rdmsr(MSR_EFER) & EFER_SVME, "another hypervisor uses SVM already"},
	};

	return rdmsr(MSR_VM_CR) & VM_CR_SVMDIS ? "SVM is disabled by the firmware" : FIRST_BROKEN(rules);
}

static void setup(void)
{
	struct cpuid f = cpuid(0x8000000a, 0);

	svm_features = (struct svm_features){
		.asids = f.ebx,
		.nrips = f.edx & CPUID_NRIPS,
		.flush_by_asid = f.edx & CPUID_FLUSH,
		.clean = f.edx & CPUID_CLEAN ? CLEAN_ALL : 0,
		.decode_assists = f.edx & CPUID_DECODE,
		.root_intercepts = svm_intercepts(true),
		.child_intercepts = svm_intercepts(false),
		.hidden = {cpuid(0xd, 1).eax & 1u << 3, cpuid(7, 0).ecx & 1u << 7},
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
	cpu->asid_generation = 1;
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

/* ---- One entry and exit ---------------------------------------------------------------------- */

static void vp_init(struct vp *vp)
{
	bool root = partition_is_root(vp->partition);
	u64 intercepts = root ? svm_features.root_intercepts : svm_features.child_intercepts;
	struct vmcb *v = svm_vmcb(vp);

	v->clean = 0;
	v->intercept_misc1_ = (u32)intercepts;
	v->intercept_misc2_ = (u32)(intercepts >> 32);
	svm_vp(vp)->windows = ~0u;
	v->v_intr_ = root ? 0 : V_INTR_MASKING;
	v->iopm_base_ = ptr_phys(svm_maps.child_io);
	v->msrpm_base_ = ptr_phys(root ? svm_maps.root_msr : svm_maps.child_msr);
	v->np_enable_ = 1;
	v->n_cr3_ = vp->partition->slat.top;
	v->asid_ = ASID_ROOT; /* a child's is chosen at entry */
	v->tlb_control = TLB_FLUSH_ALL;
	state_reset(vp);
	if (root) /* from now on physical events wait for a guest (APM2 15.17) */
		svm_clgi();
}

/* A VP gets a fresh identifier whenever the processor, or what the processor's TLB may hold, differs. */
static void choose_asid(struct vp *vp, struct cpu *cpu, struct vmcb *v)
{
	bool stale = __atomic_load_n(&vp->flush, __ATOMIC_SEQ_CST) &&
		     __atomic_exchange_n(&vp->flush, 0, __ATOMIC_SEQ_CST);

	v->tlb_control = TLB_FLUSH_NOTHING;
	if (!stale && vp->last_cpu == cpu && vp->asid_generation == cpu->asid_generation)
		return;
	if (vp->last_cpu != cpu)
		v->clean = 0;
	if (cpu->asid_next == svm_features.asids) {
		cpu->asid_generation++;
		cpu->asid_next = ASID_ROOT + 1;
		v->tlb_control = TLB_FLUSH_ALL;
	}
	vp->asid = cpu->asid_next++;
	vp->asid_generation = cpu->asid_generation;
	vp->last_cpu = cpu;
	vmcb_set_asid(v, vp->asid);
}

/* A virtual interrupt that is intercepted exits as soon as it could be taken (APM2 15.21.4); the IRET after
 * an NMI opens the way for the next one. */
static void set_windows(struct vp *vp, struct vmcb *v)
{
	u32 wanted = vp->vapic.tpr >> 4 | (u32)vp->window << 8 | (u32)vp->nmi_masked << 9;
	u64 intercepts = partition_is_root(vp->partition) ? svm_features.root_intercepts
							  : svm_features.child_intercepts;

	if (svm_vp(vp)->windows == wanted)
		return;
	svm_vp(vp)->windows = wanted;
	vmcb_set_intercept_misc1(v, (u32)(intercepts | vp->window * SVM_INTERCEPT(SVM_EXIT_VINTR) |
					  vp->nmi_masked * SVM_INTERCEPT(SVM_EXIT_IRET)));
	vmcb_set_v_intr(v, (v->v_intr_ & V_INTR_MASKING) | vp->vapic.tpr >> 4 |
				   (vp->window ? V_IRQ | V_INTR_PRIORITY | V_IGNORE_TPR : 0));
}

/* The priority is the low byte of v_intr, and of what set_windows() wrote last. */
static void take_priority(struct vp *vp, const struct vmcb *v)
{
	if ((u8)v->v_intr_ == (u8)svm_vp(vp)->windows)
		return;
	vp->vapic.tpr = (u8)(v->v_intr_ << 4);
	svm_vp(vp)->windows = ~0u;
}

static void set_child_intercepts(const struct vp *vp, struct vmcb *v)
{
	u32 debug = vp->debug_loaded ? 0 : ~0u;

	if (v->intercept_dr_ != debug)
		vmcb_set_intercept_dr(v, debug);
}

/* An instruction was skipped with RFLAGS.TF = 1: its trap comes before anything else. */
static __attribute__((noinline)) void deliver_step(struct vp *vp, struct vmcb *v)
{
	vp->step = false;
	if (vp->event)
		return;
	svm_write(vp, REG_DR6, v->dr6_ | DR6_STEP);
	vp_fault(vp, EXC_DB);
}

static void vp_run(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);
	struct cpu *cpu = this_cpu();
	bool root = vp == cpu->root_vp;

	if (vp->step)
		deliver_step(vp, v);
	v->rax = vp->gpr[RAX];
	v->rsp = vp->gpr[RSP];
	v->rip = vp->rip;
	v->rflags = vp->rflags;
	v->event_inject = vp->event;
	v->interrupt_state = vp->shadow;
	set_windows(vp, v);
	if (!root) {
		choose_asid(vp, cpu, v);
		set_child_intercepts(vp, v);
	}
	if (HV_DEBUG)
		state_check_entry(vp);
	if (root) {
		svm_enter_root(vp->gpr, ptr_phys(v));
		v->tlb_control = TLB_FLUSH_NOTHING;
	} else {
		svm_enter_child(vp->gpr, ptr_phys(v), ptr_phys(cpu->root_vp->control));
		take_priority(vp, v);
	}
	v->clean = svm_features.clean;
	vp->gpr[RAX] = v->rax;
	vp->gpr[RSP] = v->rsp;
	vp->rip = v->rip;
	vp->rflags = v->rflags;
	vp->event = 0;
	vp->shadow = v->interrupt_state & INTERRUPT_SHADOW;
	svm_translate_exit(vp, exit);
}

/* FS, GS, TR, LDTR and system call MSRs are in the processor. */
static void root_reset(struct vp *vp)
{
	svm_vmsave(ptr_phys(vp->control));
	vp_init(vp);
	svm_vmload(ptr_phys(vp->control));
}

/* No intercept keeps a child from XSAVES and XRSTORS, nor from CR4.CET: with these two at 0 they reach
 * nothing of the root's. */
static const u32 hidden_msrs[SVM_HIDDEN] = {MSR_XSS, MSR_U_CET};

static void child_begin(struct vp *vp)
{
	u32 exceptions = vp->partition->exceptions | EXCEPTIONS_ALWAYS;
	struct cpu *cpu = this_cpu();

	if (svm_vmcb(vp)->intercept_exceptions_ != exceptions)
		vmcb_set_intercept_exceptions(svm_vmcb(vp), exceptions);
	svm_vmsave(ptr_phys(cpu->root_vp->control));
	for (u32 i = 0; i < SVM_HIDDEN; i++) {
		cpu->hidden[i] = svm_features.hidden[i] ? rdmsr(hidden_msrs[i]) : 0;
		if (cpu->hidden[i])
			wrmsr(hidden_msrs[i], 0);
	}
}

/* svm_enter_child has loaded the rest again. */
static void child_end(struct vp *vp)
{
	struct cpu *cpu = this_cpu();

	(void)vp;
	for (u32 i = 0; i < SVM_HIDDEN; i++) {
		if (cpu->hidden[i])
			wrmsr(hidden_msrs[i], cpu->hidden[i]);
	}
}

static void flush(struct vp *vp)
{
	if (partition_is_root(vp->partition))
		svm_vmcb(vp)->tlb_control = svm_features.flush_by_asid ? TLB_FLUSH_ASID : TLB_FLUSH_ALL;
	else
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
}

const struct vendor_ops svm_ops = {
	.name = "SVM",
	.processor_vendor = 0,
	.slat = &npt_format,
	.present = present,
	.check = check,
	.setup = setup,
	.cpu_enable = cpu_enable,
	.cpu_disable = cpu_disable,
	.vp_init = vp_init,
	.vp_run = vp_run,
	.root_reset = root_reset,
	.child_begin = child_begin,
	.child_end = child_end,
	.read = svm_read,
	.write = svm_write,
	.get_segment = svm_get_segment,
	.set_segment = svm_set_segment,
	.broken_rule = svm_broken_rule,
	.kernel_code64 = svm_kernel_code64,
	.flush = flush,
	.take_nmi = svm_take_nmi,
	.wait_nmi = svm_wait_nmi,
	.dump = svm_dump,
};
