/* SPDX-License-Identifier: MIT */
/* Permission maps: which MSRs exit for the root and for children (APM2 15.11). Children exit on all
 * I/O ports, and on all MSRs but those that VMLOAD and VMSAVE switch anyway. */
#include "svm.h"
#include <hv/string.h>
#include <x86/defs.h>

static void set_msr(u8 *map, u32 index, u32 exits)
{
	u32 bit = (index & 0x1fff) * 2;
	u8 *byte;

	if (index >= 0xc0010000)
		bit += 0x1000 * 8;
	else if (index >= 0xc0000000)
		bit += 0x800 * 8;
	byte = &map[bit / 8];
	*byte = (u8)((*byte & ~(3u << bit % 8)) | exits << bit % 8);
}

void svm_setup_maps(void)
{
	memset(svm_maps.child_msr, 0xff, sizeof(svm_maps.child_msr));
	memset(svm_maps.child_io, 0xff, sizeof(svm_maps.child_io));
	msr_set_maps(svm_maps.root_msr, svm_maps.child_msr, set_msr);
	set_msr(svm_maps.root_msr, MSR_EFER, ACCESS_READ | ACCESS_WRITE);
	set_msr(svm_maps.root_msr, MSR_VM_CR, ACCESS_READ | ACCESS_WRITE);
	set_msr(svm_maps.root_msr, MSR_VM_HSAVE_PA, ACCESS_READ | ACCESS_WRITE);
}
