/* SPDX-License-Identifier: MIT */
/*
 * The world switch. GIF is 0 on both sides of VMRUN. RAX and RSP travel in the VMCB, the other general
 * registers here. Host FS, GS, TR, LDTR and the system call MSRs are never used by hv, so the root's
 * stay in the processor; around a child they are exchanged (APM2 15.5).
 */
	.text

	.macro load_registers
	movq 8(%rsi), %rcx
	movq 16(%rsi), %rdx
	movq 24(%rsi), %rbx
	movq 40(%rsi), %rbp
	movq 56(%rsi), %rdi
	movq 64(%rsi), %r8
	movq 72(%rsi), %r9
	movq 80(%rsi), %r10
	movq 88(%rsi), %r11
	movq 96(%rsi), %r12
	movq 104(%rsi), %r13
	movq 112(%rsi), %r14
	movq 120(%rsi), %r15
	movq 48(%rsi), %rsi
	.endm

	/* RAX is the address of gpr[]. Values of the guest are then dropped, against speculative use. */
	.macro store_registers
	movq %rcx, 8(%rax)
	movq %rdx, 16(%rax)
	movq %rbx, 24(%rax)
	movq %rbp, 40(%rax)
	movq %rsi, 48(%rax)
	movq %rdi, 56(%rax)
	movq %r8, 64(%rax)
	movq %r9, 72(%rax)
	movq %r10, 80(%rax)
	movq %r11, 88(%rax)
	movq %r12, 96(%rax)
	movq %r13, 104(%rax)
	movq %r14, 112(%rax)
	movq %r15, 120(%rax)
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	.endm

	.macro push_saved
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm

	.macro pop_saved
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	.endm

/* void svm_enter_root(u64 vmcb, u64 *gpr) */
	.globl svm_enter_root
	.hidden svm_enter_root
svm_enter_root:
	push_saved
	pushq %rsi
	movq %rdi, %rax
	load_registers
	vmrun %rax
	popq %rax
	store_registers
	pop_saved
	ret

/* void svm_enter_child(u64 vmcb, u64 *gpr, u64 root_vmcb)
 * RFLAGS.IF = 1 at VMRUN lets physical interrupts end the child (APM2 15.21.1); GIF = 0 keeps them
 * from being taken here. */
	.globl svm_enter_child
	.hidden svm_enter_child
svm_enter_child:
	push_saved
	pushq %rdx
	pushq %rsi
	movq %rdi, %rax
	load_registers
	vmload %rax
	sti
	vmrun %rax
	cli
	vmsave %rax
	popq %rax
	store_registers
	popq %rax
	vmload %rax
	pop_saved
	ret

/* void svm_take_nmi(void): GIF = 1 for one instruction; the pending NMI meets a bare IRETQ. */
	.globl svm_take_nmi
	.hidden svm_take_nmi
svm_take_nmi:
	stgi
	nop
	clgi
	ret

/* void svm_wait_nmi(const u32 *flags): sleep until an NMI, unless a flag is set already. */
	.globl svm_wait_nmi
	.hidden svm_wait_nmi
svm_wait_nmi:
	stgi
	call trap_wait
	clgi
	ret

/* void svm_vmsave(u64 vmcb), void svm_vmload(u64 vmcb), void svm_clgi(void) */
	.globl svm_vmsave
	.hidden svm_vmsave
svm_vmsave:
	movq %rdi, %rax
	vmsave %rax
	ret
	.globl svm_vmload
	.hidden svm_vmload
svm_vmload:
	movq %rdi, %rax
	vmload %rax
	ret
	.globl svm_clgi
	.hidden svm_clgi
svm_clgi:
	clgi
	ret

	.section .note.GNU-stack, "", @progbits
