/* SPDX-License-Identifier: MIT */
/*
 * The loader's entry point that takes a processor (abi/boot_info.h), and the way out. It runs on the firmware's stack
 * and page tables, and leaves both for good when launch_enter() hands it a processor.
 */
#include "macros.S"

#define MSR_EFER 0xc0000080
#define MSR_FS_BASE 0xc0000100

	.text
/* int hv_enter(struct boot_info *, u32 index). The pushes make a struct launch_frame. */
	function hv_enter
	pushfq
	cli
	cld
	push_saved
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
	pop_saved
	popfq
	movl $1, %eax
	ret

/* void start_load_cs(void): CS from our GDT; the others are left to the caller. */
	function start_load_cs
	popq %rax
	pushq $0x08
	pushq %rax
	lretq

	.macro write_msr index, value
	movl $\index, %ecx
	movl \value(%rdi), %eax
	movl \value + 4(%rdi), %edx
	wrmsr
	.endm

/* void start_release(const struct release_state *): go on natively with the state that root_vp.c collected. Its
 * selectors stand at 212 in the order ES CS SS DS FS GS LDTR TR. */
	function start_release
	movq 152(%rdi), %rax
	movq %rax, %cr3
	movq 160(%rdi), %rax
	movq %rax, %cr4
	movq 144(%rdi), %rax
	movq %rax, %cr0
	write_msr MSR_EFER, 168
	lgdt 192(%rdi)
	lidt 202(%rdi)
	movw 212(%rdi), %es
	movw 218(%rdi), %ds
	movw 220(%rdi), %fs
	movw 222(%rdi), %gs
	write_msr MSR_FS_BASE, 176
	write_msr MSR_FS_BASE + 1, 184
	lldt 224(%rdi)
	testw $0xfffc, 226(%rdi)
	jz 1f
	ltr 226(%rdi)
1:	/* The frame of an IRETQ, on the guest's stack below its red zone. */
	movq 32(%rdi), %rsp
	movq %rsp, %rbx
	subq $128, %rsp
	movzwl 216(%rdi), %eax
	pushq %rax
	pushq %rbx
	pushq 136(%rdi)
	movzwl 214(%rdi), %eax
	pushq %rax
	pushq 128(%rdi)
	movq 0(%rdi), %rax
	load_gprs
	iretq

	.section .note.GNU-stack, "", @progbits
