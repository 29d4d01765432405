/* SPDX-License-Identifier: MIT */
/* Permission maps: which MSRs exit for the root and for children (APM2 15.11). Children exit on all
 * I/O ports, and on all MSRs but those that VMLOAD and VMSAVE switch anyway. */
#include "svm.h"
#include <hv/string.h>
#include <x86/defs.h>

#define READ 1u
#define WRITE 2u

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
	static const u32 switched[] = {MSR_STAR,	 MSR_LSTAR,	  MSR_CSTAR,	      MSR_SFMASK,
				       MSR_FS_BASE,	 MSR_GS_BASE,	  MSR_KERNEL_GS_BASE, MSR_SYSENTER_CS,
				       MSR_SYSENTER_ESP, MSR_SYSENTER_EIP};

	set_msr(svm_maps.root_msr, MSR_EFER, READ | WRITE);
	set_msr(svm_maps.root_msr, MSR_VM_CR, READ | WRITE);
	set_msr(svm_maps.root_msr, MSR_VM_HSAVE_PA, READ | WRITE);
	set_msr(svm_maps.root_msr, MSR_APIC_BASE, WRITE);
	set_msr(svm_maps.root_msr, MSR_X2APIC_ICR, WRITE);

	memset(svm_maps.child_msr, 0xff, sizeof(svm_maps.child_msr));
	memset(svm_maps.child_io, 0xff, sizeof(svm_maps.child_io));
	for (unsigned i = 0; i < sizeof(switched) / sizeof(switched[0]); i++)
		set_msr(svm_maps.child_msr, switched[i], 0);
	set_msr(svm_maps.child_msr, MSR_TSC, WRITE);
}
