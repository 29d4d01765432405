/* SPDX-License-Identifier: MIT */
/*
 * The world switch, and NMIs that find the processor in hv. There is no global interrupt flag as on SVM:
 * a kick's NMI can come between the last look at cpu->kicks and VM entry. So that look is made here, and
 * an NMI from then on leads to the way back instead of into the guest.
 */
#include "../x86/macros.S"

#define VMCS_HOST_RSP_FIELD 0x6c14 /* VMCS_HOST_RSP */

	.text

/* u32 vmx_enter(u64 *gpr, const u32 *kicks, u32 resume) */
	function vmx_enter
	push_saved
	pushq %rdi
	movl $VMCS_HOST_RSP_FIELD, %eax
	vmwrite %rsp, %rax
enter_window:
	cmpl $0, (%rsi)
	jne enter_abort
	cmpl $0, %edx
	movq 0(%rdi), %rax
	load_gprs
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
	function vmx_exited
	pushq %rax
	movq 8(%rsp), %rax
	store_gprs
	popq %rcx
	movq %rcx, 0(%rax)
	addq $8, %rsp
	xorl %eax, %eax
	xorl %ecx, %ecx
3:	pop_saved
	cld
	ret

/* The vector of NMIs while hv runs. In the window the interrupted registers do not matter any more. */
	function vmx_nmi
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
	function vmx_take_nmi
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
