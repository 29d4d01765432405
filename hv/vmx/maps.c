/* SPDX-License-Identifier: MIT */
/* MSR bitmaps (SDM 25.6.9): which MSRs exit for the root and for children. Children exit on all but those
 * that VM entries and exits, or child_begin and child_end, exchange anyway. */
#include "vmx.h"
#include <hv/string.h>
#include <x86/defs.h>

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

	set_bit(part, index & 0x1fff, exits & ACCESS_READ);
	set_bit(part + WRITES, index & 0x1fff, exits & ACCESS_WRITE);
}

void vmx_setup_maps(void)
{
	memset(vmx_maps.child_msr, 0xff, sizeof(vmx_maps.child_msr));
	msr_set_maps(vmx_maps.root_msr, vmx_maps.child_msr, set_msr);
	set_msr(vmx_maps.child_msr, MSR_EFER, 0);
	set_msr(vmx_maps.child_msr, MSR_PAT, 0);
	set_msr(vmx_maps.root_msr, MSR_FEATURE_CONTROL, ACCESS_READ | ACCESS_WRITE);
	for (u32 i = MSR_VMX_FIRST; i <= MSR_VMX_LAST; i++)
		set_msr(vmx_maps.root_msr, i, ACCESS_READ | ACCESS_WRITE);
}
