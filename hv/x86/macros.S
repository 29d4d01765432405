/* SPDX-License-Identifier: MIT */
/* What the world switches of both vendors and the entry points share. */

	.macro function name
	.balign 16
	.globl \name
	.hidden \name
\name:
	.endm

	/* What a called function must preserve. */
	.macro push_saved
	.irp r, rbx, rbp, r15, r14, r13, r12
	pushq %\r
	.endr
	.endm

	.macro pop_saved
	.irp r, r12, r13, r14, r15, rbp, rbx
	popq %\r
	.endr
	.endm

	/* From gpr[] at RDI, all but RAX and RSP. Flags stay. */
	.macro load_gprs
	movq 8(%rdi), %rcx
	movq 16(%rdi), %rdx
	movq 24(%rdi), %rbx
	movq 40(%rdi), %rbp
	movq 48(%rdi), %rsi
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	movq 8 * \n(%rdi), %r\n
	.endr
	movq 56(%rdi), %rdi
	.endm

	/* The same to gpr[] at RAX. Values of the guest are then dropped, against speculative use. */
	.macro store_gprs
	movq %rcx, 8(%rax)
	movq %rdx, 16(%rax)
	movq %rbx, 24(%rax)
	movq %rbp, 40(%rax)
	movq %rsi, 48(%rax)
	movq %rdi, 56(%rax)
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	movq %r\n, 8 * \n(%rax)
	.endr
	.irp r, ecx, edx, esi, edi, r8d, r9d, r10d, r11d
	xorl %\r, %\r
	.endr
	.endm
