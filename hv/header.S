/* SPDX-License-Identifier: MIT */
/* The first bytes of the image: struct hv_image_header of abi/boot_info.h, which the loader reads. */
#include <hv/config.h>
#include "build_id.h"

#define BOOT_INFO_VERSION_ASM 3 /* main.c asserts that it equals BOOT_INFO_VERSION */

	.section .header, "a"
	.balign 16
	.globl hv_image_header
	.hidden hv_image_header
hv_image_header:
	.ascii "NACLLHV1"
	.long BOOT_INFO_VERSION_ASM
	.long hv_image_header_end - hv_image_header
	.quad hv_init - hv_image_header
	.quad hv_prepare - hv_image_header
	.quad hv_enter - hv_image_header
	.quad hv_leave - hv_image_header
	.quad hv_image_end - hv_image_header
	.quad hv_file_end - hv_image_header
	.quad hv_relocations - hv_image_header
	.quad hv_relocations_end - hv_image_header
	.quad RESERVE_FIXED
	.quad RESERVE_PER_CPU
	.quad RESERVE_PER_FRAME
	.asciz BUILD_ID
	.org hv_image_header + 144
hv_image_header_end:

	.section .note.GNU-stack, "", @progbits
