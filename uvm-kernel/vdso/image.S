/* SPDX-License-Identifier: MIT */
/* The linked vDSO as data of the kernel. */
	.section .rodata
	.balign 8
	.globl vdso_image, vdso_image_end
vdso_image:
	.incbin VDSO_IMAGE
vdso_image_end:
	.section .note.GNU-stack, "", @progbits
