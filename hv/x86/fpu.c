/* SPDX-License-Identifier: MIT */
/* Both sides are saved and restored with every component on that the processor has, whatever XCR0 the
 * guest chose: registers exist also while XCR0 hides them from XSAVE. */
#include <hv/fpu.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define CHILD_MAX (XCR0_X87 | XCR0_SSE | XCR0_AVX)
#define MXCSR_RESET 0x1f80u
#define MXCSR_OFFSET 24

static u64 all; /* every component of the processor */

static u64 everything(void)
{
	if (!all) {
		struct cpuid c = cpuid(0xd, 0);

		all = c.eax | (u64)c.edx << 32;
	}
	return all;
}

u64 fpu_child_mask(void)
{
	return everything() & CHILD_MAX;
}

/* XSTATE_BV = 0 means the initial state, but for MXCSR, which is always loaded. */
void fpu_reset(struct vp *vp)
{
	*(u32 *)(vp->fpu + MXCSR_OFFSET) = MXCSR_RESET;
	vp->xcr0 = XCR0_X87;
}

void fpu_begin(struct cpu *cpu, struct vp *vp)
{
	cpu->fpu_mask = xgetbv();
	if (cpu->fpu_mask != everything())
		xsetbv(everything());
	xsave(cpu->fpu_area, everything());
	xrstor(vp->fpu, fpu_child_mask());
	if (vp->xcr0 != everything())
		xsetbv(vp->xcr0);
}

void fpu_end(struct cpu *cpu, struct vp *vp)
{
	/* Not every emulator intercepts XSETBV: believe the register. */
	vp->xcr0 = xgetbv() & everything();
	if (vp->xcr0 != everything())
		xsetbv(everything());
	xsave(vp->fpu, fpu_child_mask());
	xrstor(cpu->fpu_area, everything());
	if (cpu->fpu_mask != everything())
		xsetbv(cpu->fpu_mask);
}

bool fpu_valid_xcr0(u64 value)
{
	return value & XCR0_X87 && !(value & ~fpu_child_mask()) && !(value & XCR0_AVX && !(value & XCR0_SSE));
}

void fpu_set_xcr0(struct vp *vp, u64 value)
{
	vp->xcr0 = value;
	xsetbv(value);
}
