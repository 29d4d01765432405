/* SPDX-License-Identifier: MIT */
/*
 * The loader's three entry points (abi/boot_info.h). They run on the firmware's stack and page tables;
 * hv_enter leaves both for good when launch() hands it a processor.
 */
#include <hv/config.h>

	.text
	.globl hv_init
	.hidden hv_init
hv_init:
	jmp launch_init

/* int hv_enter(struct boot_info *, u32 index). The pushes make a struct launch_frame. */
	.globl hv_enter
	.hidden hv_enter
hv_enter:
	pushfq
	cli
	cld
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdx
	movq %rsp, %rbp
	andq $-16, %rsp
	call launch_enter
	testq %rax, %rax
	jz 1f
	/* From here on hv's own world: page tables, stack, descriptor tables. */
	movq %rax, %rdi
	movq %rdx, %rsp
	jmp launch_run
1:	movq %rbp, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popfq
	movl $1, %eax
	ret

	.globl hv_leave
	.hidden hv_leave
hv_leave:
	jmp launch_leave

/* void start_load_cs(void): CS from our GDT; the others are left to the caller. */
	.globl start_load_cs
	.hidden start_load_cs
start_load_cs:
	popq %rax
	pushq $0x08
	pushq %rax
	lretq

	.section .note.GNU-stack, "", @progbits
