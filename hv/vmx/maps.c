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

/* What the root must not have: VMX, what makes the processor write to physical addresses past EPT
 * (SDM 33.2.7, Processor Trace; 15.6.1, hardware feedback), and the debug store, whose records of precise
 * events would go through whatever page tables are in use. */
static const struct {
	u32 first, last;
} hidden[] = {
	{MSR_FEATURE_CONTROL, MSR_FEATURE_CONTROL},
	{MSR_VMX_FIRST, MSR_VMX_LAST},
	{MSR_PEBS_ENABLE, MSR_PEBS_ENABLE},
	{MSR_DS_AREA, MSR_DS_AREA},
	{MSR_RTIT_FIRST, MSR_RTIT_LAST},
	{MSR_HW_FEEDBACK_PTR, MSR_HW_FEEDBACK_CONFIG},
};

void vmx_setup_maps(void)
{
	memset(vmx_maps.child_msr, 0xff, sizeof(vmx_maps.child_msr));
	msr_set_maps(vmx_maps.root_msr, vmx_maps.child_msr, set_msr);
	set_msr(vmx_maps.child_msr, MSR_EFER, 0);
	set_msr(vmx_maps.child_msr, MSR_PAT, 0);
	for (u32 range = 0; range < sizeof(hidden) / sizeof(hidden[0]); range++)
		for (u32 i = hidden[range].first; i <= hidden[range].last; i++)
			set_msr(vmx_maps.root_msr, i, ACCESS_READ | ACCESS_WRITE);
}
