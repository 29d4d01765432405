/* SPDX-License-Identifier: MIT */
/*
 * The world switch. GIF is 0 on both sides of VMRUN. RAX and RSP travel in the VMCB, the other general
 * registers here. Host FS, GS, TR, LDTR and the system call MSRs are never used by hv, so the root's
 * stay in the processor; around a child they are exchanged (APM2 15.5).
 */
#include "../x86/macros.S"

	.text

/* void svm_enter_root(u64 *gpr, u64 vmcb) */
	function svm_enter_root
	push_saved
	pushq %rdi
	movq %rsi, %rax
	load_gprs
	vmrun %rax
	popq %rax
	store_gprs
	pop_saved
	ret

/* void svm_enter_child(u64 *gpr, u64 vmcb, u64 root_vmcb)
 * RFLAGS.IF = 1 at VMRUN lets physical interrupts end the child (APM2 15.21.1); GIF = 0 keeps them
 * from being taken here. */
	function svm_enter_child
	push_saved
	pushq %rdx
	pushq %rdi
	movq %rsi, %rax
	load_gprs
	vmload %rax
	sti
	vmrun %rax
	cli
	vmsave %rax
	popq %rax
	store_gprs
	popq %rax
	vmload %rax
	pop_saved
	ret

/* void svm_take_nmi(void): GIF = 1 for one instruction; the pending NMI meets a bare IRETQ. */
	function svm_take_nmi
	stgi
	nop
	clgi
	ret

/* void svm_wait_nmi(const u32 *flags): sleep until an NMI, unless a flag is set already. */
	function svm_wait_nmi
	stgi
	call trap_wait
	clgi
	ret

/* void svm_vmsave(u64 vmcb), void svm_vmload(u64 vmcb), void svm_clgi(void) */
	function svm_vmsave
	movq %rdi, %rax
	vmsave %rax
	ret
	function svm_vmload
	movq %rdi, %rax
	vmload %rax
	ret
	function svm_clgi
	clgi
	ret

	.section .note.GNU-stack, "", @progbits
