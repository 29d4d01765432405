/* SPDX-License-Identifier: MIT */
/* CPUID as guests see it. */
#ifndef HV_CPUID_H
#define HV_CPUID_H

#include <abi/hypercall.h>
#include <hv/vp.h>
#include <x86/asm.h>

bool cpuid_is_hv_leaf(u32 leaf);
/* The hypervisor's own leaves; zeros where there is none. */
struct cpuid cpuid_hv(u32 leaf, u64 privileges);
void cpuid_set(struct vp *vp, struct cpuid r);
void cpuid_child(struct vp *vp);

#endif
