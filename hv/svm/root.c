/* SPDX-License-Identifier: MIT */
/*
 * The root VP's VMCB: from the processor's live state at launch (the firmware goes on as a guest), from
 * the architecture's start-up state at SIPI, and back to the bare processor.
 */
#include "svm.h"
#include <hv/assert.h>
#include <hv/partition.h>
#include <x86/asm.h>
#include <x86/defs.h>

/* A segment as its descriptor in the current GDT says; a null selector is unusable. */
static struct vmcb_segment live_segment(u16 selector, u64 gdt_base)
{
	struct vmcb_segment s = {.selector = selector};
	u64 d;
	u32 limit;

	if (!(selector & ~3u))
		return s;
	d = *(const u64 *)(gdt_base + (selector & ~7u));
	limit = (u32)(d & 0xffff) | (u32)(d >> 32 & 0xf0000);
	s.attributes = (u16)((d >> 40 & 0xff) | (d >> 44 & 0xf00));
	s.limit = d & 1ULL << 55 ? limit << 12 | 0xfff : limit;
	s.base = (d >> 16 & 0xffffff) | (d >> 32 & 0xff000000);
	return s;
}

static void set_intercepts(struct vp *vp, struct vmcb *v)
{
	vmcb_set_intercept_misc1(v, INTERCEPT_NMI | INTERCEPT_INIT | INTERCEPT_CPUID | INTERCEPT_INVLPGA |
					    INTERCEPT_MSR | INTERCEPT_SHUTDOWN);
	vmcb_set_intercept_misc2(v, INTERCEPT_VMRUN | INTERCEPT_VMMCALL | INTERCEPT_VMLOAD |
					    INTERCEPT_VMSAVE | INTERCEPT_STGI | INTERCEPT_CLGI |
					    INTERCEPT_SKINIT);
	vmcb_set_msrpm_base(v, ptr_phys(svm_maps.root_msr));
	vmcb_set_asid(v, ASID_ROOT);
	vmcb_set_np_enable(v, 1);
	vmcb_set_n_cr3(v, vp->partition->slat.top);
	v->tlb_control = TLB_FLUSH_ALL;
}

void svm_root_capture(struct vp *vp, const struct launch_frame *frame)
{
	struct vmcb *v = svm_vmcb(vp);
	struct descriptor_ptr gdtr = read_gdtr(), idtr = read_idtr();

	set_intercepts(vp, v);
	vmcb_set_gdtr(v, (struct vmcb_segment){.limit = gdtr.limit, .base = gdtr.base});
	vmcb_set_idtr(v, (struct vmcb_segment){.limit = idtr.limit, .base = idtr.base});
	vmcb_set_cs(v, live_segment(read_cs(), gdtr.base));
	vmcb_set_ss(v, live_segment(read_ss(), gdtr.base));
	vmcb_set_ds(v, live_segment(read_ds(), gdtr.base));
	vmcb_set_es(v, live_segment(read_es(), gdtr.base));
	vmcb_set_cr0(v, read_cr0());
	vmcb_set_cr2(v, read_cr2());
	vmcb_set_cr3(v, read_cr3());
	vmcb_set_cr4(v, read_cr4());
	vmcb_set_efer(v, rdmsr(MSR_EFER) | EFER_SVME);
	vmcb_set_dr6(v, read_dr6());
	vmcb_set_dr7(v, read_dr7());
	vmcb_set_g_pat(v, rdmsr(MSR_PAT));
	svm_vmsave(ptr_phys(v)); /* FS, GS, TR, LDTR, system call MSRs */

	vp->gpr[RAX] = 0; /* hv_enter's result */
	vp->gpr[RSP] = (u64)(frame + 1);
	vp->gpr[RBX] = frame->rbx;
	vp->gpr[RBP] = frame->rbp;
	vp->gpr[R12] = frame->r12;
	vp->gpr[R13] = frame->r13;
	vp->gpr[R14] = frame->r14;
	vp->gpr[R15] = frame->r15;
	vp->rip = frame->rip;
	vp->rflags = frame->rflags;
}

/* APM2 14.1.3, with what INIT leaves alone: CD and NW, the FPU, most MSRs. */
void svm_root_start(struct vp *vp, u8 vector)
{
	struct vmcb *v = svm_vmcb(vp);
	struct vmcb_segment data = {.attributes = 0x93, .limit = 0xffff}, table = {.limit = 0xffff};
	u64 caching = vmcb_get_cr0(v) & (CR0_CD | CR0_NW);

	svm_vmsave(ptr_phys(v));
	vmcb_set_cs(v, (struct vmcb_segment){(u16)(vector << 8), 0x9b, 0xffff, (u64)vector << 12});
	vmcb_set_ss(v, data);
	vmcb_set_ds(v, data);
	vmcb_set_es(v, data);
	v->fs = v->gs = data;
	v->ldtr = (struct vmcb_segment){0, 0x82, 0xffff, 0};
	v->tr = (struct vmcb_segment){0, 0x8b, 0xffff, 0};
	vmcb_set_gdtr(v, table);
	vmcb_set_idtr(v, table);
	vmcb_set_cpl(v, 0);
	vmcb_set_cr0(v, CR0_ET | caching);
	vmcb_set_cr2(v, 0);
	vmcb_set_cr3(v, 0);
	vmcb_set_cr4(v, 0);
	vmcb_set_efer(v, EFER_SVME);
	vmcb_set_dr6(v, 0xffff0ff0);
	vmcb_set_dr7(v, 0x400);
	v->interrupt_state = 0;
	v->event_inject = 0;
	vmcb_set_intercept_misc1(v, vmcb_get_intercept_misc1(v) & ~INTERCEPT_IRET);
	v->tlb_control = TLB_FLUSH_ALL;
	svm_vmload(ptr_phys(v));

	for (unsigned i = 0; i < GPRS; i++)
		vp->gpr[i] = 0;
	vp->gpr[RDX] = cpuid(1, 0).eax;
	vp->rip = 0;
	vp->rflags = RFLAGS_FIXED;
	vp->nmi_masked = false;
}

/* What release.S loads, in this order of offsets. */
struct release_state {
	u64 gpr[GPRS];
	u64 rip, rflags, cr0, cr3, cr4, efer;
	struct descriptor_ptr gdtr, idtr;
	u16 cs, ss, ds, es;
};

_Static_assert(offsetof(struct release_state, rip) == 128, "release.S");
_Static_assert(offsetof(struct release_state, cr3) == 152, "release.S");
_Static_assert(offsetof(struct release_state, efer) == 168, "release.S");
_Static_assert(offsetof(struct release_state, gdtr) == 176, "release.S");
_Static_assert(offsetof(struct release_state, idtr) == 186, "release.S");
_Static_assert(offsetof(struct release_state, cs) == 196, "release.S");

/* Only for a root that still runs on identity-mapped page tables, as the firmware does: the switch back
 * happens while both worlds map hv's code at the same address. */
bool svm_root_release(struct vp *vp)
{
	static struct release_state states[MAX_CPUS];
	struct vmcb *v = svm_vmcb(vp);
	struct release_state *s = &states[vp->index];

	if (!(vmcb_get_efer(v) & EFER_LMA) || vmcb_get_cr4(v) & CR4_LA57)
		return false;
	for (unsigned i = 0; i < GPRS; i++)
		s->gpr[i] = vp->gpr[i];
	s->rip = vp->rip;
	s->rflags = vp->rflags;
	s->cr0 = vmcb_get_cr0(v);
	s->cr3 = vmcb_get_cr3(v);
	s->cr4 = vmcb_get_cr4(v);
	s->efer = vmcb_get_efer(v) & ~EFER_SVME;
	s->gdtr = (struct descriptor_ptr){(u16)v->gdtr_.limit, v->gdtr_.base};
	s->idtr = (struct descriptor_ptr){(u16)v->idtr_.limit, v->idtr_.base};
	s->cs = v->cs_.selector;
	s->ss = v->ss_.selector;
	s->ds = v->ds_.selector;
	s->es = v->es_.selector;
	wrmsr(MSR_VM_HSAVE_PA, 0);
	svm_release(s);
}
