/* SPDX-License-Identifier: MIT */
/*
 * Versions of the contracts between the pieces. A reader refuses a block whose version differs and
 * names both numbers. Bump a number with every incompatible change of the structures it covers.
 */
#ifndef ABI_VERSION_H
#define ABI_VERSION_H

#define NACELLE_VERSION_MAJOR 0
#define NACELLE_VERSION_MINOR 1
#define NACELLE_VERSION_STRING "0.1"

#define BOOT_INFO_VERSION 3  /* boot_info.h: nacelle.efi and hv */
#define BOOT_BLOCK_VERSION 2 /* boot_block.h: nacelle-worker and uvm-kernel */
#define HV_ABI_VERSION 2     /* hypercall.h: hv and the mshv module; CPUID 0x40000081 EBX */

#endif
