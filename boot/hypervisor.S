/* SPDX-License-Identifier: MIT */
/* The hypervisor's image as a part of nacelle.efi, so that a signature of the one covers the other. */

	.section .rodata
	.balign 8
	.globl hypervisor_start, hypervisor_end
	.hidden hypervisor_start, hypervisor_end
hypervisor_start:
	.incbin HYPERVISOR
hypervisor_end:

	.section .note.GNU-stack, "", @progbits
