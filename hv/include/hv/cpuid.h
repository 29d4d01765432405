/* SPDX-License-Identifier: MIT */
/* CPUID as guests see it. */
#pragma once

#include <hv/vp.h>
#include <x86/asm.h>

/* What would write to memory past the nested tables: hidden from the root, and turned off at launch. */
#define CPUID_6_FEEDBACK (1u << 19)
#define CPUID_6_THREAD_DIRECTOR (1u << 23)
#define CPUID_7_TRACE (1u << 25)

/* What the guest asks for in RAX and RCX; and the answer into its registers. */
struct cpuid cpuid_root(struct vp *vp);
struct cpuid cpuid_child(struct vp *vp);
void cpuid_set(struct vp *vp, struct cpuid r);
