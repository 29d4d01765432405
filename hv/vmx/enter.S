/* SPDX-License-Identifier: MIT */
/*
 * The world switch, and NMIs that find the processor in hv. There is no global interrupt flag as on SVM:
 * a kick's NMI can come between the last look at cpu->kicks and VM entry. So that look is made here, and
 * an NMI from then on leads to the way back instead of into the guest.
 */
#define VMCS_HOST_RSP_FIELD 0x6c14 /* VMCS_HOST_RSP */

	.text

/* u32 vmx_enter(u64 *gpr, const u32 *kicks, u32 resume) */
	.globl vmx_enter
	.hidden vmx_enter
vmx_enter:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rdi
	movl $VMCS_HOST_RSP_FIELD, %eax
	vmwrite %rsp, %rax
enter_window:
	cmpl $0, (%rsi)
	jne enter_abort
	cmpl $0, %edx
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
	jne 1f
	vmlaunch
	jmp enter_failed
1:	vmresume
enter_window_end:
enter_failed:
	movl $2, %eax
	jmp 2f
enter_abort:
	movl $1, %eax
2:	addq $8, %rsp
	jmp 3f

/* Where exits arrive: RSP as above. The guest's values are then dropped, against speculative use. */
	.globl vmx_exited
	.hidden vmx_exited
vmx_exited:
	pushq %rax
	movq 8(%rsp), %rax
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
	popq %rcx
	movq %rcx, 0(%rax)
	addq $8, %rsp
	xorl %eax, %eax
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
3:	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	cld
	ret

/* The vector of NMIs while hv runs. In the window the interrupted registers do not matter any more. */
	.balign 16
	.globl vmx_nmi
	.hidden vmx_nmi
vmx_nmi:
	pushq %rax
	leaq enter_window(%rip), %rax
	cmpq %rax, 8(%rsp)
	jb 1f
	leaq enter_window_end(%rip), %rax
	cmpq %rax, 8(%rsp)
	jae 1f
	leaq enter_abort(%rip), %rax
	movq %rax, 8(%rsp)
1:	popq %rax
	jmp trap_nmi

/* void vmx_take_nmi(void): an NMI exit has consumed the NMI and left NMIs blocked until an IRET (SDM
 * 28.3.1). Both are made up for: the handler is entered as by an interrupt here, and returns by IRET. */
	.globl vmx_take_nmi
	.hidden vmx_take_nmi
vmx_take_nmi:
	movq %rsp, %rax
	movl %ss, %ecx
	pushq %rcx
	pushq %rax
	pushfq
	movl %cs, %ecx
	pushq %rcx
	leaq 1f(%rip), %rcx
	pushq %rcx
	jmp trap_nmi
1:	ret

	.section .note.GNU-stack, "", @progbits
