/* SPDX-License-Identifier: MIT */
/*
 * Exceptions inside hv: every vector is fatal but the NMI, by which processors wake each other. There
 * is no task register and so no stack switch: TR belongs to the guests.
 */
#include "macros.S"
#include <hv/config.h>

/* Vectors 8, 10 to 14, 17, 21, 29 and 30 push an error code. */
#define PUSHES_ERROR 0x60227d00

	.text
	function trap_vectors
	.set i, 0
	.rept 32
	.balign 16
	.if !(PUSHES_ERROR >> i & 1)
	pushq $0
	.endif
	pushq $i
	jmp trap_common
	.set i, i + 1
	.endr

	.balign 16
trap_common:
	.irp r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pushq %\r
	.endr
	movq %rsp, %rdi
	andq $-16, %rsp
	cld
	call panic_trap
	ud2

/* Every physical NMI ends here: in the wait loop below, or in the window that the vendor opens after an
 * NMI exit. At most one kick is under way to a processor (cpu->nmi_sent), so an NMI without one is the
 * machine's and goes to the root. The wait loop must not fall asleep after its check. */
#define CPU_NMI_SENT 0
#define CPU_KICKS 4
#define KICK_NMI 8
	function trap_nmi
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
	function trap_wait
	cmpl $0, (%rdi)
	jne trap_wait_end
	hlt
trap_wait_end:
	ret

	.section .note.GNU-stack, "", @progbits
