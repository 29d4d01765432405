/* SPDX-License-Identifier: MIT */
/*
 * The loader's entry point that takes a processor (abi/boot_info.h). It runs on the firmware's stack and page tables,
 * and leaves both for good.
 */
#include "macros.S"

	.text
/* void hv_enter(struct boot_info *, u32 index). The pushes make a struct launch_frame. */
	function hv_enter
	pushfq
	cli
	cld
	push_saved
	movq %rsp, %rdx
	andq $-16, %rsp
	call launch_enter
	/* From here on hv's own world: page tables, stack, descriptor tables. */
	movq %rax, %rsp
	jmp launch_run

/* void start_load_cs(void): CS from our GDT; the others are left to the caller. */
	function start_load_cs
	popq %rax
	pushq $0x08
	pushq %rax
	lretq

	.section .note.GNU-stack, "", @progbits
