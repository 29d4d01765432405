/* SPDX-License-Identifier: MIT */
/*
 * first: a container whose first instruction reads the time stamp counter. It spins in user mode for a while (so
 * that others can count its exits until now), prints "first <counter>" and ends. No library, no stack use before.
 */
#define SPIN 300000000

	.globl _start
	.text
_start:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %r12
	movq	%rax, %r13
	addq	$SPIN, %r13
1:	movl	$100000, %ecx
3:	decl	%ecx
	jnz	3b
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	cmpq	%r13, %rax
	jb	1b

	/* the counter in decimal, digits from the back */
	leaq	end(%rip), %rdi
	movq	%r12, %rax
	movl	$10, %ecx
2:	xorl	%edx, %edx
	divq	%rcx
	addb	$'0', %dl
	decq	%rdi
	movb	%dl, (%rdi)
	testq	%rax, %rax
	jnz	2b

	subq	$6, %rdi
	movl	$0x73726966, (%rdi)	/* "firs" */
	movw	$0x2074, 4(%rdi)	/* "t " */
	movq	%rdi, %rsi
	leaq	last(%rip), %rdx
	subq	%rsi, %rdx
	movl	$1, %edi
	movl	$1, %eax		/* write */
	syscall
	xorl	%edi, %edi
	movl	$231, %eax		/* exit_group */
	syscall

	.data
	.skip	32
end:	.ascii	"\n"
last:
	.section .note.GNU-stack, "", @progbits
