/* SPDX-License-Identifier: MIT */
/* CPUID: the root sees its machine without the virtualization extensions and with the leaves of this
 * hypervisor; a child sees a chosen subset (cpuid_child). */
#include <hv/cpuid.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/vendor.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define LEAF1_VMX (1u << 5)
#define LEAF1_OSXSAVE (1u << 27)
#define LEAF1_HYPERVISOR (1u << 31)
#define LEAF7_OSPKE (1u << 4)
#define EXT1_SVM (1u << 2)
#define EXT1_SKINIT (1u << 12)
#define LEAF_SVM 0x8000000au

#define FEATURE_DIRECT_TIMERS (1u << 19)
#define HV_LEAF_LAST 0x40000fffu

bool cpuid_is_hv_leaf(u32 leaf)
{
	return leaf >= HV_CPUID_VENDOR && leaf <= HV_LEAF_LAST;
}

struct cpuid cpuid_hv(u32 leaf, u64 privileges)
{
	switch (leaf) {
	case HV_CPUID_VENDOR:
		return (struct cpuid){HV_CPUID_LIMITS, HV_VENDOR_EBX, HV_VENDOR_ECX, HV_VENDOR_EDX};
	case HV_CPUID_INTERFACE:
		return (struct cpuid){HV_INTERFACE_HV1, 0, 0, 0};
	case HV_CPUID_VERSION:
		return (struct cpuid){HV_ABI_VERSION, NACELLE_VERSION_MAJOR << 16 | NACELLE_VERSION_MINOR, 0, 0};
	case HV_CPUID_FEATURES:
		return (struct cpuid){(u32)privileges, (u32)(privileges >> 32), 0, FEATURE_DIRECT_TIMERS};
	case HV_CPUID_RECOMMENDATIONS:
		return (struct cpuid){0, 0xffffffff, 0, 0};
	case HV_CPUID_LIMITS:
		return (struct cpuid){HV_MAX_VPS, cpu_count, 0, 0};
	case HV_CPUID_VS_VENDOR:
		return (struct cpuid){HV_CPUID_VS_PROPERTIES, HV_VENDOR_EBX, HV_VENDOR_ECX, HV_VENDOR_EDX};
	case HV_CPUID_VS_INTERFACE:
		return (struct cpuid){HV_INTERFACE_VS1, HV_ABI_VERSION, 0, 0};
	default:
		return (struct cpuid){0};
	}
}

/* CPUID executes with hv's CR4: patch the two bits that mirror the guest's. */
static u32 mirror(u32 value, u32 bit, bool on)
{
	return on ? value | bit : value & ~bit;
}

void cpuid_set(struct vp *vp, struct cpuid r)
{
	vp->gpr[RAX] = r.eax;
	vp->gpr[RBX] = r.ebx;
	vp->gpr[RCX] = r.ecx;
	vp->gpr[RDX] = r.edx;
}

void cpuid_root(struct vp *vp)
{
	u32 leaf = (u32)vp->gpr[RAX], subleaf = (u32)vp->gpr[RCX];
	struct paging_state paging;
	struct cpuid r;

	if (cpuid_is_hv_leaf(leaf))
		return cpuid_set(vp, cpuid_hv(leaf, root_partition.privileges));
	r = cpuid(leaf, subleaf);
	if (leaf == 1) {
		vendor->paging_state(vp, &paging);
		r.ecx = mirror((r.ecx & ~LEAF1_VMX) | LEAF1_HYPERVISOR, LEAF1_OSXSAVE, paging.cr4 & CR4_OSXSAVE);
	} else if (leaf == 7 && subleaf == 0) {
		vendor->paging_state(vp, &paging);
		r.ecx = mirror(r.ecx, LEAF7_OSPKE, paging.cr4 & CR4_PKE);
	} else if (leaf == 0x80000001) {
		r.ecx &= ~(EXT1_SVM | EXT1_SKINIT);
	} else if (leaf == LEAF_SVM) {
		r = (struct cpuid){0};
	}
	cpuid_set(vp, r);
}
