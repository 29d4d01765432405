/* SPDX-License-Identifier: MIT */
/*
 * The root VP's state: from the processor's live state at launch (the firmware goes on as a guest), from the
 * architecture's start-up state at SIPI.
 */
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/asm.h>
#include <x86/defs.h>

/* A segment as its descriptor in the current GDT says. */
static struct segment live_segment(u16 selector, u64 gdt_base)
{
	const u64 *at = (const u64 *)(gdt_base + (selector & ~7u));
	struct segment s = {.selector = selector};

	if (!(selector & ~3u))
		return s;
	s.attributes = *at >> 40 & SEGMENT_ATTRIBUTES;
	s.limit = (u32)(*at & 0xffff) | (u32)(*at >> 32 & 0xf0000);
	if (s.attributes & SEGMENT_GRANULAR)
		s.limit = s.limit << 12 | 0xfff;
	s.base = (*at >> 16 & 0xffffff) | (*at >> 32 & 0xff000000);
	if (!(s.attributes & SEGMENT_CODE_DATA))
		s.base |= at[1] << 32; /* LDT and TSS: 16 bytes in 64-bit mode */
	return s;
}

static void capture_segments(struct vp *vp)
{
	struct descriptor_ptr gdtr = read_gdtr(), idtr = read_idtr();
	const u16 selectors[] = {read_es(), read_cs(), read_ss(),  read_ds(),
				 read_fs(), read_gs(), read_ldtr()};
	struct segment tr = live_segment(read_tr(), gdtr.base);

	for (u32 n = SEG_ES; n <= SEG_LDTR; n++) {
		struct segment s = live_segment(selectors[n], gdtr.base);

		if (n == SEG_FS || n == SEG_GS)
			s.base = rdmsr(n == SEG_FS ? MSR_FS_BASE : MSR_GS_BASE);
		vendor->set_segment(vp, n, s);
	}
	if (tr.attributes & SEGMENT_PRESENT) /* otherwise as after reset: VMX wants one (SDM 27.3.1.2) */
		vendor->set_segment(vp, SEG_TR, tr);
	vendor->set_segment(vp, SEG_GDTR, (struct segment){.base = gdtr.base, .limit = gdtr.limit});
	vendor->set_segment(vp, SEG_IDTR, (struct segment){.base = idtr.base, .limit = idtr.limit});
}

void root_capture(struct cpu *cpu, const struct launch_frame *frame)
{
	struct vp *vp = cpu->root_vp;

	vendor->vp_init(vp);
	capture_segments(vp);
	vendor->write(vp, REG_CR3, read_cr3());
	vendor->write(vp, REG_EFER, rdmsr(MSR_EFER));
	vendor->write(vp, REG_CR4, cpu->launch_cr4);
	vendor->write(vp, REG_CR0, cpu->launch_cr0);
	vendor->write(vp, REG_CR2, read_cr2());
	vendor->write(vp, REG_DR6, read_dr6());
	vendor->write(vp, REG_DR7, read_dr7());
	vendor->write(vp, REG_PAT, rdmsr(MSR_PAT));
	vendor->write(vp, REG_SYSENTER_CS, rdmsr(MSR_SYSENTER_CS));
	vendor->write(vp, REG_SYSENTER_EIP, rdmsr(MSR_SYSENTER_EIP));
	vendor->write(vp, REG_SYSENTER_ESP, rdmsr(MSR_SYSENTER_ESP));
	vp->gpr[RSP] = (u64)(frame + 1);
	vp->gpr[RBX] = frame->rbx;
	vp->gpr[RBP] = frame->rbp;
	memcpy(&vp->gpr[R12], frame->r12_r15, sizeof(frame->r12_r15));
	vp->rip = frame->rip;
	vp->rflags = frame->rflags;
	vendor->flush(vp);
}

/* What INIT leaves alone: CD and NW, the FPU, most MSRs. */
void root_start(struct vp *vp, u8 vector)
{
	u64 caching = vendor->read(vp, REG_CR0) & (CR0_CD | CR0_NW);

	vendor->root_reset(vp);
	vendor->set_segment(vp, SEG_CS,
			    (struct segment){(u64)vector << 12, 0xffff, (u16)(vector << 8), 0x9b});
	vendor->write(vp, REG_CR0, CR0_ET | caching);
	vp->gpr[RDX] = cpuid(1, 0).eax;
	vendor->flush(vp);
}
