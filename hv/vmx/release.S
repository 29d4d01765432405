/* SPDX-License-Identifier: MIT */
/* The way out of guest mode, after VMXOFF: load the state that root.c collected and go on natively. Offsets
 * are those of struct release_state, asserted there. FS and GS get their selectors before their bases. */
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

	.text

	/* A selector load clears the base: keep it. */
	.macro load_with_base segment, offset, msr
	movl $\msr, %ecx
	rdmsr
	movw \offset(%rdi), %bx
	movw %bx, %\segment
	wrmsr
	.endm

/* void vmx_release(const struct release_state *) */
	.globl vmx_release
	.hidden vmx_release
vmx_release:
	movq 152(%rdi), %rax
	movq %rax, %cr3
	movq 160(%rdi), %rax
	movq %rax, %cr4
	movq 144(%rdi), %rax
	movq %rax, %cr0
	lgdt 168(%rdi)
	lidt 178(%rdi)
	movw 192(%rdi), %ax
	movw %ax, %ds
	movw 194(%rdi), %ax
	movw %ax, %es
	load_with_base fs, 196, MSR_FS_BASE
	load_with_base gs, 198, MSR_GS_BASE
	lldt 202(%rdi)
	testw $0xfffc, 200(%rdi)
	jz 1f
	ltr 200(%rdi)
1:	/* The frame of an IRETQ, on the guest's stack below its red zone. */
	movq 32(%rdi), %rsp
	movq %rsp, %rbx
	subq $128, %rsp
	movzwl 190(%rdi), %eax
	pushq %rax
	pushq %rbx
	pushq 136(%rdi)
	movzwl 188(%rdi), %eax
	pushq %rax
	pushq 128(%rdi)
	movq 0(%rdi), %rax
	movq 8(%rdi), %rcx
	movq 16(%rdi), %rdx
	movq 24(%rdi), %rbx
	movq 40(%rdi), %rbp
	movq 48(%rdi), %rsi
	movq 64(%rdi), %r8
	movq 72(%rdi), %r9
	movq 80(%rdi), %r10
	movq 88(%rdi), %r11
	movq 96(%rdi), %r12
	movq 104(%rdi), %r13
	movq 112(%rdi), %r14
	movq 120(%rdi), %r15
	movq 56(%rdi), %rdi
	iretq

	.section .note.GNU-stack, "", @progbits
