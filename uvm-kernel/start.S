/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of every VP: abi/boot_block.h says what the machine looks like here. VP 0 takes its
 * idle stack and goes to C; the others wait until VP 0 has made theirs.
 */
	.section .text.start, "ax"
	.globl start
start:
	cld
	xorl	%ebp, %ebp
	testl	%esi, %esi
	jnz	1f
	leaq	boot_stack_top(%rip), %rsp
	call	kernel_main
	ud2

1:	pause
	movq	cpu_start_stack(,%rsi,8), %rsp
	testq	%rsp, %rsp
	jz	1b
	movl	%esi, %edi
	call	cpu_secondary_main
	ud2

	.section .bss
	.balign 4096
boot_stack:
	.skip	8192
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
