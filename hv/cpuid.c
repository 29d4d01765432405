/* SPDX-License-Identifier: MIT */
/* CPUID: the root sees its machine without the virtualization extensions and with the leaves of this
 * hypervisor; a child sees a chosen subset (cpuid_child). */
#include <hv/cpuid.h>
#include <hv/fpu.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/vendor.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define LEAF1_VMX (1u << 5)
#define LEAF1_DTES64 (1u << 2)
#define LEAF1_DS_CPL (1u << 4)
#define LEAF1_DS (1u << 21) /* precise events would write records through a child's page tables */
#define LEAF1_OSXSAVE (1u << 27)
#define LEAF1_HYPERVISOR (1u << 31)
#define LEAF7_OSPKE (1u << 4)
#define EXT1_SVM (1u << 2)
#define EXT1_SKINIT (1u << 12)
#define EXT8_INVLPGB (1u << 3) /* #UD in guests, as it is not enabled in the VMCB */
#define LEAF_SVM 0x8000000au

#define FEATURE_DIRECT_TIMERS (1u << 19)
#define HV_LEAF_LAST 0x40000fffu

static bool is_hv_leaf(u32 leaf)
{
	return leaf >= HV_CPUID_VENDOR && leaf <= HV_LEAF_LAST;
}

/* The hypervisor's own leaves; zeros where there is none. */
static struct cpuid hv_leaf(u32 leaf, u64 privileges)
{
	switch (leaf) {
	case HV_CPUID_VENDOR:
		return (struct cpuid){HV_CPUID_LIMITS, HV_VENDOR_EBX, HV_VENDOR_ECX, HV_VENDOR_EDX};
	case HV_CPUID_INTERFACE:
		return (struct cpuid){HV_INTERFACE_HV1, 0, 0, 0};
	case HV_CPUID_VERSION:
		return (struct cpuid){HV_ABI_VERSION, NACELLE_VERSION_MAJOR << 16 | NACELLE_VERSION_MINOR, 0,
				      0};
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

struct cpuid cpuid_root(struct vp *vp)
{
	u32 leaf = (u32)vp->gpr[RAX], subleaf = (u32)vp->gpr[RCX];
	struct cpuid r;

	if (is_hv_leaf(leaf))
		return hv_leaf(leaf, root_partition.privileges);
	r = cpuid(leaf, subleaf);
	if (leaf == 1) {
		r.edx &= ~LEAF1_DS;
		r.ecx &= ~(LEAF1_VMX | LEAF1_DTES64 | LEAF1_DS_CPL);
		r.ecx = mirror(r.ecx | LEAF1_HYPERVISOR, LEAF1_OSXSAVE,
			       vendor->read(vp, REG_CR4) & CR4_OSXSAVE);
	} else if (leaf == 6) {
		r.eax &= ~(CPUID_6_FEEDBACK | CPUID_6_THREAD_DIRECTOR);
	} else if (leaf == 7 && subleaf == 0) {
		r.ebx &= ~CPUID_7_TRACE;
		r.ecx = mirror(r.ecx, LEAF7_OSPKE, vendor->read(vp, REG_CR4) & CR4_PKE);
	} else if (leaf == 0x80000001) {
		r.ecx &= ~(EXT1_SVM | EXT1_SKINIT);
	} else if (leaf == 0x80000008) {
		r.ebx &= ~EXT8_INVLPGB;
	} else if (leaf == LEAF_SVM) {
		r = (struct cpuid){0};
	}
	return r;
}

/* ---- Children ------------------------------------------------------------------------------------- */

/* What a child may see of leaf 1, 7 and 80000001: everything else of them is 0. */
#define CHILD_1_ECX                                                                                      \
	(1u << 0 | 1u << 1 | 1u << 9 | 1u << 12 | 1u << 13 | 1u << 17 | 1u << 19 | 1u << 20 | 1u << 22 | \
	 1u << 23 | 1u << 25 | 1u << 26 | 1u << 28 | 1u << 29 | 1u << 30)
#define CHILD_1_EDX 0x078bab7du /* no VME, MCE, MTRR, MCA, serial number, thermal bits */
#define CHILD_7_EBX                                                                                   \
	(1u << 0 | 1u << 3 | 1u << 5 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 10 | 1u << 18 | 1u << 19 | \
	 1u << 20 | 1u << 23 | 1u << 24 | 1u << 29)
#define CHILD_7_ECX (1u << 2 | 1u << 8 | 1u << 9 | 1u << 10)
#define CHILD_7_EDX (1u << 4)
#define CHILD_EXT1_ECX (1u << 0 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8)
#define CHILD_EXT1_EDX 0x25d3ab7du /* the same and SYSCALL, NX, MMXEXT, 1 GiB pages, long mode */
#define LEAF1_X2APIC (1u << 21)
#define LEAF_MAX 0xdu
#define EXTENDED_MAX 0x80000008u
#define XSAVE_HEADER_END 576u
#define INVARIANT_TSC (1u << 8)

static struct cpuid child_leaf1(struct vp *vp)
{
	struct cpuid r = cpuid(1, 0);

	r.ebx = (r.ebx & 0xff00) | vp->partition->vp_count << 16 | vp->index << 24;
	r.ecx = (r.ecx & CHILD_1_ECX) | LEAF1_HYPERVISOR | LEAF1_X2APIC;
	r.ecx = mirror(r.ecx, LEAF1_OSXSAVE, vendor->read(vp, REG_CR4) & CR4_OSXSAVE);
	r.edx &= CHILD_1_EDX;
	return r;
}

static struct cpuid child_leaf7(u32 subleaf)
{
	struct cpuid r = cpuid(7, 0);

	if (subleaf)
		return (struct cpuid){0};
	return (struct cpuid){0, r.ebx & CHILD_7_EBX, r.ecx & CHILD_7_ECX, r.edx & CHILD_7_EDX};
}

/* XSAVE in the standard format, components x87, SSE, AVX. */
static struct cpuid child_leaf_xsave(u32 subleaf)
{
	struct cpuid r = cpuid(0xd, subleaf), avx;

	switch (subleaf) {
	case 0:
		avx = cpuid(0xd, 2);
		r.eax = (u32)fpu_child_mask();
		r.ecx = r.eax & XCR0_AVX ? avx.eax + avx.ebx : XSAVE_HEADER_END;
		r.edx = 0;
		return r;
	case 1:
		return (struct cpuid){r.eax & 1, 0, 0, 0};
	case 2:
		return fpu_child_mask() & XCR0_AVX ? r : (struct cpuid){0};
	default:
		return (struct cpuid){0};
	}
}

static struct cpuid child_extended(u32 leaf)
{
	struct cpuid r = cpuid(leaf, 0);

	switch (leaf) {
	case 0x80000000:
		return (struct cpuid){r.eax < EXTENDED_MAX ? r.eax : EXTENDED_MAX, r.ebx, r.ecx, r.edx};
	case 0x80000001:
		return (struct cpuid){r.eax, 0, r.ecx & CHILD_EXT1_ECX, r.edx & CHILD_EXT1_EDX};
	case 0x80000007:
		return (struct cpuid){0, 0, 0, r.edx & INVARIANT_TSC};
	case 0x80000008:
		return (struct cpuid){(r.eax & 0xff00) | HV_CHILD_GPA_BITS, 0, 0, 0};
	default:
		return leaf < EXTENDED_MAX ? r : (struct cpuid){0};
	}
}

struct cpuid cpuid_child(struct vp *vp)
{
	u32 leaf = (u32)vp->gpr[RAX], subleaf = (u32)vp->gpr[RCX];
	struct cpuid r;

	if (is_hv_leaf(leaf))
		return hv_leaf(leaf, vp->partition->privileges);
	if (leaf >= 0x80000000)
		return child_extended(leaf);
	switch (leaf) {
	case 0:
		r = cpuid(0, 0);
		r.eax = r.eax < LEAF_MAX ? r.eax : LEAF_MAX;
		return r;
	case 1:
		return child_leaf1(vp);
	case 7:
		return child_leaf7(subleaf);
	case 0xd:
		return child_leaf_xsave(subleaf);
	default:
		return (struct cpuid){0};
	}
}
