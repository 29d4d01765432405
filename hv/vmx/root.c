/* SPDX-License-Identifier: MIT */
/*
 * The root VP's VMCS: from the processor's live state at launch (the firmware goes on as a guest), from
 * the architecture's start-up state at SIPI, and back to the bare processor.
 */
#include "vmx.h"
#include <hv/assert.h>
#include <x86/asm.h>
#include <x86/defs.h>

struct segment {
	u16 selector;
	u32 rights, limit;
	u64 base;
};

void vmx_write_segment(u32 segment, u16 selector, u32 rights, u32 limit, u64 base)
{
	vmwrite(VMCS_GUEST_ES + 2 * segment, selector);
	vmwrite(VMCS_GUEST_ES_LIMIT + 2 * segment, limit);
	vmwrite(VMCS_GUEST_ES_RIGHTS + 2 * segment, rights);
	vmwrite(VMCS_GUEST_ES_BASE + 2 * segment, base);
}

/* ---- Controls ----------------------------------------------------------------------------------------- */

/* Everything of a VMCS that never changes. Fields that a control of value 0 switches off (the I/O bitmaps,
 * the TPR page, VMFUNC, …) are not read by the processor and stay unwritten. */
void vmx_write_constants(struct vp *vp, const struct vmx_controls *c, u64 msr_bitmap, u16 vpid)
{
	struct vmx_vp *s = vmx_vp(vp);

	s->pin = c->pin;
	s->primary = c->primary;
	vmwrite(VMCS_PIN, c->pin);
	vmwrite(VMCS_PRIMARY, c->primary);
	vmwrite(VMCS_SECONDARY, c->secondary);
	vmwrite(VMCS_EXIT, c->exit);
	vmwrite(VMCS_ENTRY, c->entry);
	vmwrite(VMCS_MSR_BITMAP, msr_bitmap);
	vmwrite(VMCS_VPID, vpid); /* not 0: 27.2.1.1 */
	vmwrite(VMCS_EPTP, vmx_eptp(vp));
	vmwrite(VMCS_EXCEPTIONS, 0);
	vmwrite(VMCS_PF_MASK, 0); /* #PF as the exception bitmap says, whatever its error code (26.2) */
	vmwrite(VMCS_PF_MATCH, 0);
	vmwrite(VMCS_CR3_TARGETS, 0);
	vmwrite(VMCS_EXIT_MSR_STORE, 0); /* no MSR lists: child_begin and child_end exchange (27.4, 28.4) */
	vmwrite(VMCS_EXIT_MSR_LOAD, 0);
	vmwrite(VMCS_ENTRY_MSR_LOAD, 0);
	vmwrite(VMCS_ENTRY_EVENT, 0);
	vmwrite(VMCS_TSC_OFFSET, 0);
	vmwrite(VMCS_LINK, ~0ULL); /* no shadow VMCS: 27.3.1.5 */
	if (c->secondary & CPU2_XSAVES)
		vmwrite(VMCS_XSS_BITMAP, 0); /* no exits (26.1.3); the same for PCONFIG */
	if (c->secondary & CPU2_PCONFIG)
		vmwrite(VMCS_PCONFIG_BITMAP, 0);
	vmwrite(VMCS_GUEST_ACTIVITY, ACTIVITY_ACTIVE);
	vmwrite(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmwrite(VMCS_GUEST_PENDING_DEBUG, 0);
	vmwrite(VMCS_GUEST_DEBUGCTL, 0);
	for (u32 i = 0; i < 4; i++)
		vmwrite(VMCS_GUEST_PDPTE + 2 * i, 0);
}

/* ---- Launch ------------------------------------------------------------------------------------------- */

/* A segment as its descriptor in the current GDT says; a null selector is unusable. */
static struct segment live_segment(u16 selector, u64 gdt_base)
{
	const u64 *at = (const u64 *)(gdt_base + (selector & ~7u));
	struct segment s = {.selector = selector, .rights = RIGHTS_UNUSABLE};
	u32 limit;

	if (!(selector & ~3u))
		return s;
	limit = (u32)(*at & 0xffff) | (u32)(*at >> 32 & 0xf0000);
	s.rights = (u32)(*at >> 40 & 0xf0ff);
	s.limit = s.rights & RIGHTS_GRANULAR ? limit << 12 | 0xfff : limit;
	s.base = (*at >> 16 & 0xffffff) | (*at >> 32 & 0xff000000);
	if (!(s.rights & RIGHTS_CODE_DATA))
		s.base |= at[1] << 32; /* LDT and TSS: 16 bytes in 64-bit mode */
	return s;
}

static void put_segment(u32 number, struct segment s)
{
	vmx_write_segment(number, s.selector, s.rights, s.limit, s.base);
}

static u16 task_register(void)
{
	u16 v;

	__asm__ volatile("str %0" : "=r"(v));
	return v;
}

static u16 local_table(void)
{
	u16 v;

	__asm__ volatile("sldt %0" : "=r"(v));
	return v;
}

static u16 read_fs_selector(void)
{
	u16 v;

	__asm__ volatile("mov %%fs, %0" : "=r"(v));
	return v;
}

static u16 read_gs_selector(void)
{
	u16 v;

	__asm__ volatile("mov %%gs, %0" : "=r"(v));
	return v;
}

static void capture_segments(void)
{
	struct descriptor_ptr gdtr = read_gdtr(), idtr = read_idtr();
	struct segment fs = live_segment(read_fs_selector(), gdtr.base);
	struct segment gs = live_segment(read_gs_selector(), gdtr.base);
	struct segment tr = live_segment(task_register(), gdtr.base);

	put_segment(SEG_CS, live_segment(read_cs(), gdtr.base));
	put_segment(SEG_SS, live_segment(read_ss(), gdtr.base));
	put_segment(SEG_DS, live_segment(read_ds(), gdtr.base));
	put_segment(SEG_ES, live_segment(read_es(), gdtr.base));
	fs.base = rdmsr(MSR_FS_BASE);
	gs.base = rdmsr(MSR_GS_BASE);
	put_segment(SEG_FS, fs);
	put_segment(SEG_GS, gs);
	put_segment(SEG_LDTR, live_segment(local_table(), gdtr.base));
	/* TR must be usable (27.3.1.2); after reset it is a busy 32-bit TSS at 0. */
	if (tr.rights & RIGHTS_UNUSABLE)
		tr = (struct segment){0, 0x8b, 0xffff, 0};
	put_segment(SEG_TR, tr);
	vmwrite(VMCS_GUEST_GDTR_LIMIT, gdtr.limit);
	vmwrite(VMCS_GUEST_GDTR_BASE, gdtr.base);
	vmwrite(VMCS_GUEST_IDTR_LIMIT, idtr.limit);
	vmwrite(VMCS_GUEST_IDTR_BASE, idtr.base);
}

static void new_vmcs(struct vp *vp)
{
	*(u32 *)vp->control = vmx_caps.revision;
	vmclear(ptr_phys(vp->control));
	vmptrld(ptr_phys(vp->control));
	*vmx_vp(vp) = (struct vmx_vp){0};
	vmx_cpus[vp->index].current = vp;
}

void vmx_root_capture(struct vp *vp, const struct launch_frame *frame)
{
	new_vmcs(vp);
	vmx_write_constants(vp, &vmx_caps.root, ptr_phys(vmx_maps.root_msr), VPID_ROOT);
	vmwrite(VMCS_CR0_MASK, vmx_caps.cr0_fixed);
	vmwrite(VMCS_CR4_MASK, vmx_caps.cr4_fixed);
	capture_segments();
	vmwrite(VMCS_GUEST_CR3, read_cr3());
	vmx_put_efer(rdmsr(MSR_EFER));
	vmx_put_cr4(vp, read_cr4() & ~CR4_VMXE);
	vmx_put_cr0(vp, vmx_cpus[vp->index].launch_cr0);
	vmwrite(VMCS_GUEST_PAT, rdmsr(MSR_PAT));
	vmwrite(VMCS_GUEST_DR7, read_dr7());
	vmwrite(VMCS_GUEST_DEBUGCTL, rdmsr(MSR_DEBUGCTL));
	vmwrite(VMCS_GUEST_SYSENTER_CS, rdmsr(MSR_SYSENTER_CS));
	vmwrite(VMCS_GUEST_SYSENTER_ESP, rdmsr(MSR_SYSENTER_ESP));
	vmwrite(VMCS_GUEST_SYSENTER_EIP, rdmsr(MSR_SYSENTER_EIP));
	vmx_ept_flush(vp);

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

/* ---- SIPI --------------------------------------------------------------------------------------------- */

/* SDM table 10-1, column INIT, with what INIT leaves alone: CD and NW, the FPU, most MSRs. */
void vmx_root_start(struct vp *vp, u8 vector)
{
	u64 caching = vmx_get_cr0() & (CR0_CD | CR0_NW);
	u32 launched = vmx_vp(vp)->launched, host_set = vmx_vp(vp)->host_set;

	vmx_write_constants(vp, &vmx_caps.root, ptr_phys(vmx_maps.root_msr), VPID_ROOT);
	*vmx_vp(vp) = (struct vmx_vp){.pin = vmx_caps.root.pin,
				      .primary = vmx_caps.root.primary,
				      .launched = (u8)launched,
				      .host_set = (u8)host_set};
	vmx_write_segment(SEG_CS, (u16)(vector << 8), 0x9b, 0xffff, (u64)vector << 12);
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
	vmx_put_cr0(vp, CR0_ET | caching);
	vmwrite(VMCS_GUEST_DR7, 0x400);
	vmwrite(VMCS_GUEST_SYSENTER_CS, 0);
	vmwrite(VMCS_GUEST_SYSENTER_ESP, 0);
	vmwrite(VMCS_GUEST_SYSENTER_EIP, 0);
	write_cr2(0);
	write_dr6(0xffff0ff0);

	for (unsigned i = 0; i < GPRS; i++)
		vp->gpr[i] = 0;
	vp->gpr[RDX] = cpuid(1, 0).eax;
	vp->rip = 0;
	vp->rflags = RFLAGS_FIXED;
	vp->nmi_masked = false;
}

/* ---- Release ------------------------------------------------------------------------------------------ */

/* What release.S loads, in this order of offsets. */
struct release_state {
	u64 gpr[GPRS];
	u64 rip, rflags, cr0, cr3, cr4;
	struct descriptor_ptr gdtr, idtr;
	u16 cs, ss, ds, es, fs, gs, tr, ldtr;
};

_Static_assert(offsetof(struct release_state, rip) == 128, "release.S");
_Static_assert(offsetof(struct release_state, cr4) == 160, "release.S");
_Static_assert(offsetof(struct release_state, gdtr) == 168, "release.S");
_Static_assert(offsetof(struct release_state, idtr) == 178, "release.S");
_Static_assert(offsetof(struct release_state, cs) == 188, "release.S");
_Static_assert(offsetof(struct release_state, ldtr) == 202, "release.S");

static u16 guest_selector(u32 segment)
{
	return (u16)vmread(VMCS_GUEST_ES + 2 * segment);
}

/* LTR wants a free TSS: the busy flag in the guest's table is taken back before. */
static void free_task_segment(u64 gdt_base, u16 selector)
{
	if (selector & ~3u)
		*(u64 *)(gdt_base + (selector & ~7u)) &= ~(1ULL << 41);
}

static void load_msrs(void)
{
	wrmsr(MSR_EFER, vmread(VMCS_GUEST_EFER));
	wrmsr(MSR_PAT, vmread(VMCS_GUEST_PAT));
	wrmsr(MSR_DEBUGCTL, vmread(VMCS_GUEST_DEBUGCTL));
	wrmsr(MSR_SYSENTER_CS, vmread(VMCS_GUEST_SYSENTER_CS));
	wrmsr(MSR_SYSENTER_ESP, vmread(VMCS_GUEST_SYSENTER_ESP));
	wrmsr(MSR_SYSENTER_EIP, vmread(VMCS_GUEST_SYSENTER_EIP));
	write_dr7(vmread(VMCS_GUEST_DR7));
}

/* Only for a root that still runs on identity-mapped page tables, as the firmware does: the switch back
 * happens while both worlds map hv's code at the same address. */
bool vmx_root_release(struct vp *vp)
{
	static struct release_state states[MAX_CPUS];
	struct release_state *s = &states[vp->index];
	u64 fs_base, gs_base;

	if (!(vmread(VMCS_GUEST_EFER) & EFER_LMA) || vmx_get_cr4() & CR4_LA57)
		return false;
	for (unsigned i = 0; i < GPRS; i++)
		s->gpr[i] = vp->gpr[i];
	s->rip = vp->rip;
	s->rflags = vp->rflags;
	s->cr0 = vmx_get_cr0();
	s->cr3 = vmread(VMCS_GUEST_CR3);
	s->cr4 = vmx_get_cr4();
	s->gdtr = (struct descriptor_ptr){(u16)vmread(VMCS_GUEST_GDTR_LIMIT), vmread(VMCS_GUEST_GDTR_BASE)};
	s->idtr = (struct descriptor_ptr){(u16)vmread(VMCS_GUEST_IDTR_LIMIT), vmread(VMCS_GUEST_IDTR_BASE)};
	s->cs = guest_selector(SEG_CS);
	s->ss = guest_selector(SEG_SS);
	s->ds = guest_selector(SEG_DS);
	s->es = guest_selector(SEG_ES);
	s->fs = guest_selector(SEG_FS);
	s->gs = guest_selector(SEG_GS);
	s->tr = guest_selector(SEG_TR);
	s->ldtr = guest_selector(SEG_LDTR);
	fs_base = vmread(VMCS_GUEST_ES_BASE + 2 * SEG_FS);
	gs_base = vmread(VMCS_GUEST_ES_BASE + 2 * SEG_GS);
	free_task_segment(s->gdtr.base, s->tr);
	load_msrs();
	vmclear(ptr_phys(vp->control));
	vmxoff();
	wrmsr(MSR_FS_BASE, fs_base);
	wrmsr(MSR_GS_BASE, gs_base);
	vmx_release(s);
}
