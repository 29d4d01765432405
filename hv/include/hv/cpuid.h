/* SPDX-License-Identifier: MIT */
/* CPUID as guests see it. */
#pragma once

#include <hv/vp.h>
#include <x86/asm.h>

/* What the guest asks for in RAX and RCX; and the answer into its registers. */
struct cpuid cpuid_root(struct vp *vp);
struct cpuid cpuid_child(struct vp *vp);
void cpuid_set(struct vp *vp, struct cpuid r);
