/* SPDX-License-Identifier: MIT */
/* Both sides are saved and restored with every component on that the processor has, whatever XCR0 the
 * guest chose: registers exist also while XCR0 hides them from XSAVE. */
#include <hv/fpu.h>
#include <hv/state.h>
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
	xrstor(vp->fpu, everything()); /* what a child cannot have is in its initial state */
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

/* SDM 13.3 "Enabling the XSAVE Feature Set and XSAVE-Enabled Features". */
static bool valid(u64 value, u64 offered)
{
	u64 avx512 = value >> 5 & 7, tiles = value >> 17 & 3;

	if (value & ~offered || !(value & XCR0_X87) || (value & XCR0_AVX && !(value & XCR0_SSE)))
		return false;
	if (avx512 && (avx512 != 7 || !(value & XCR0_AVX)))
		return false;
	return (tiles == 0 || tiles == 3) && (value >> 3 & 1) == (value >> 4 & 1);
}

bool fpu_valid_xcr0(u64 value)
{
	return valid(value, fpu_child_mask());
}

void fpu_xsetbv(struct vp *vp, const struct vp_exit *exit, bool root)
{
	u64 value = (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32;

	if (state_paging(vp).cpl || (u32)vp->gpr[RCX] ||
	    !valid(value, root ? everything() : fpu_child_mask()))
		return vp_fault(vp, EXC_GP);
	vp->xcr0 = value;
	xsetbv(value);
	vp_skip(vp, exit->length);
}
