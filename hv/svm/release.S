/* SPDX-License-Identifier: MIT */
/* The way out of guest mode: load the state that root.c collected and go on natively. Offsets are those
 * of struct release_state, asserted there. */
	.text
/* void svm_release(const struct release_state *) */
	.globl svm_release
	.hidden svm_release
svm_release:
	movq 152(%rdi), %rax
	movq %rax, %cr3
	movq 160(%rdi), %rax
	movq %rax, %cr4
	movq 144(%rdi), %rax
	movq %rax, %cr0
	lgdt 176(%rdi)
	lidt 186(%rdi)
	movw 200(%rdi), %ax
	movw %ax, %ds
	movw 202(%rdi), %ax
	movw %ax, %es
	/* GIF must be 1 before SVM goes off; RFLAGS.IF is still 0. */
	stgi
	movl $0xc0000080, %ecx
	movl 168(%rdi), %eax
	movl 172(%rdi), %edx
	wrmsr
	/* The frame of an IRETQ, on the guest's stack below its red zone. */
	movq 32(%rdi), %rsp
	movq %rsp, %rbx
	subq $128, %rsp
	movzwl 198(%rdi), %eax
	pushq %rax
	pushq %rbx
	pushq 136(%rdi)
	movzwl 196(%rdi), %eax
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
