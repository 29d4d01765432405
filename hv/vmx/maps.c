/* SPDX-License-Identifier: MIT */
/* MSR bitmaps (SDM 25.6.9): which MSRs exit for the root and for children. Children exit on all but those
 * that VM entries and exits, or child_begin and child_end, exchange anyway. */
#include "vmx.h"
#include <hv/string.h>
#include <x86/defs.h>

#define READ 1u
#define WRITE 2u
#define HIGH_FIRST 0xc0000000u
#define HIGH 1024u /* offsets in the bitmap */
#define WRITES 2048u

static void set_bit(u8 *map, u32 bit, bool on)
{
	map[bit / 8] = (u8)((map[bit / 8] & ~(1u << bit % 8)) | (on ? 1u : 0) << bit % 8);
}

static void set_msr(u8 *map, u32 index, u32 exits)
{
	u8 *part = index >= HIGH_FIRST ? map + HIGH : map;

	set_bit(part, index & 0x1fff, exits & READ);
	set_bit(part + WRITES, index & 0x1fff, exits & WRITE);
}

void vmx_setup_maps(void)
{
	static const u32 switched[] = {MSR_STAR,	   MSR_LSTAR,	    MSR_CSTAR,
				       MSR_SFMASK,	   MSR_FS_BASE,	    MSR_GS_BASE,
				       MSR_KERNEL_GS_BASE, MSR_SYSENTER_CS, MSR_SYSENTER_ESP,
				       MSR_SYSENTER_EIP,   MSR_EFER,	    MSR_PAT};

	set_msr(vmx_maps.root_msr, MSR_APIC_BASE, WRITE);
	set_msr(vmx_maps.root_msr, MSR_X2APIC_ICR, WRITE);
	set_msr(vmx_maps.root_msr, MSR_FEATURE_CONTROL, READ | WRITE);
	for (u32 i = MSR_VMX_FIRST; i <= MSR_VMX_LAST; i++)
		set_msr(vmx_maps.root_msr, i, READ | WRITE);

	memset(vmx_maps.child_msr, 0xff, sizeof(vmx_maps.child_msr));
	for (unsigned i = 0; i < sizeof(switched) / sizeof(switched[0]); i++)
		set_msr(vmx_maps.child_msr, switched[i], 0);
	set_msr(vmx_maps.child_msr, MSR_TSC, WRITE);
}
