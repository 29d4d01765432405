/* SPDX-License-Identifier: MIT */
/* Exchange of the extended state (x87, SSE, AVX, XCR0) between the root and a child's VP. */
#ifndef HV_FPU_H
#define HV_FPU_H

#include <hv/cpu.h>
#include <hv/vp.h>

/* XCR0 bits a child may have on this machine. */
u64 fpu_child_mask(void);
void fpu_reset(struct vp *vp);
void fpu_begin(struct cpu *cpu, struct vp *vp);
void fpu_end(struct cpu *cpu, struct vp *vp);
/* A child's XSETBV: false = #GP. */
bool fpu_valid_xcr0(u64 value);
void fpu_set_xcr0(struct vp *vp, u64 value);

#endif
