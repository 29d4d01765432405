/* SPDX-License-Identifier: MIT */
/*
 * Exceptions inside hv: every vector is fatal but the NMI, by which processors wake each other. There
 * is no task register and so no stack switch: TR belongs to the guests.
 */
#include <hv/config.h>

	.text

	.macro vector n, error
	.balign 16
	.if \error == 0
	pushq $0
	.endif
	pushq $\n
	jmp trap_common
	.endm

	.balign 16
	.globl trap_vectors
	.hidden trap_vectors
trap_vectors:
	.set i, 0
	.rept 32
	.if i == 8 || (i >= 10 && i <= 14) || i == 17 || i == 21 || i == 29 || i == 30
	vector i, 1
	.else
	vector i, 0
	.endif
	.set i, i + 1
	.endr

	.balign 16
trap_common:
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	andq $-16, %rsp
	cld
	call trap_fatal
	ud2

/* Every physical NMI ends here: in the wait loop below, or in the window that the vendor opens after an
 * NMI exit. At most one kick is under way to a processor (cpu->nmi_sent), so an NMI without one is the
 * machine's and goes to the root. The wait loop must not fall asleep after its check. */
#define CPU_NMI_SENT 0
#define CPU_KICKS 4
#define KICK_NMI 8
	.balign 16
	.globl trap_nmi
	.hidden trap_nmi
trap_nmi:
	pushq %rax
	pushq %rdx
	movq %rsp, %rax
	orq $(STACK_SIZE - 1), %rax
	movq -7(%rax), %rax
	xorl %edx, %edx
	xchgl %edx, CPU_NMI_SENT(%rax)
	testl %edx, %edx
	jnz 1f
	lock orl $KICK_NMI, CPU_KICKS(%rax)
1:	leaq trap_wait(%rip), %rax
	cmpq %rax, 16(%rsp)
	jb 2f
	leaq trap_wait_end(%rip), %rax
	cmpq %rax, 16(%rsp)
	jae 2f
	movq %rax, 16(%rsp)
2:	popq %rdx
	popq %rax
	iretq

/* void trap_wait(const u32 *flags): HLT until an NMI, unless a flag is set. */
	.balign 16
	.globl trap_wait
	.hidden trap_wait
trap_wait:
	cmpl $0, (%rdi)
	jne trap_wait_end
	hlt
trap_wait_end:
	ret

	.section .note.GNU-stack, "", @progbits
