/* SPDX-License-Identifier: MIT */
/* Exchange of the extended state (x87, SSE, AVX, XCR0) between the root and a child's VP. */
#pragma once

#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/vp.h>

/* XCR0 bits a child may have on this machine. */
u64 fpu_child_mask(void);
void fpu_reset(struct vp *vp);
void fpu_begin(struct cpu *cpu, struct vp *vp);
void fpu_end(struct cpu *cpu, struct vp *vp);
/* May a child's XCR0 hold that? */
bool fpu_valid_xcr0(u64 value);
/* An XSETBV that exits; the root may have all that the processor offers. */
void fpu_xsetbv(struct vp *vp, const struct vp_exit *exit, bool root);
