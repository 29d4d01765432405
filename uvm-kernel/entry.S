/* SPDX-License-Identifier: MIT */
/*
 * The border between user and kernel mode: system calls, exceptions, interrupts, and the switch between tasks.
 * Kernel GS and stack are set here and nowhere else; what happens then is syscall.c's and trap.c's.
 *
 * Offsets into struct cpu: 16 kernel_rsp, 24 user_rsp. Stack layout: struct pt_regs (uvm/regs.h).
 */
#define CPU_KERNEL_RSP 16
#define CPU_USER_RSP 24
#define USER_CS 0x33
#define USER_SS 0x2b

.macro PUSH regs:vararg
	.irp	reg, \regs
	pushq	%\reg
	.endr
.endm

.macro POP regs:vararg
	.irp	reg, \regs
	popq	%\reg
	.endr
.endm

/* After orig_rax and rdi: everything else, lowest address last. */
.macro PUSH_REST rax_value=%rax
	PUSH	rsi, rdx, rcx
	pushq	\rax_value
	PUSH	r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15
.endm

.macro POP_ALL
	POP	r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
.endm

/* No register but rsp and the saved ones may carry a user's value into speculation. */
.macro CLEAR_REGS
	.irp	reg, ebx, ebp, r12d, r13d, r14d, r15d
	xorl	%\reg, %\reg
	.endr
.endm

	.text
/* SYSCALL: rcx = rip, r11 = rflags, rsp still the user's; interrupts, TF, DF and AC are off by SFMASK. */
	.balign 64
	.globl syscall_entry
syscall_entry:
	swapgs
	movq	%rsp, %gs:CPU_USER_RSP
	movq	%gs:CPU_KERNEL_RSP, %rsp
	pushq	$USER_SS
	pushq	%gs:CPU_USER_RSP
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	%rax
	pushq	%rdi
	PUSH_REST $-38
	CLEAR_REGS
	movq	%rsp, %rdi
	call	syscall_handle

/* syscall_handle returned whether SYSRET may be used: everything is as SYSCALL left it and rip is canonical
 * (SYSRET to another address would fault in kernel mode on some processors). */
	testl	%eax, %eax
	jz	return_iret
	POP_ALL
	movq	24(%rsp), %r11		/* rflags */
	movq	32(%rsp), %rsp
	swapgs
	sysretq

	.globl return_iret
return_iret:
	POP_ALL
	addq	$8, %rsp
	swapgs
	iretq

/* A new task's first return to user mode: the switch lands here. */
	.globl task_first_return
task_first_return:
	movq	%rsp, %rdi
	call	task_first_run
	jmp	return_iret

/* A task of the kernel itself (idle, init before its exec): rbx(rbp popped as argument). */
	.globl task_first_kernel
task_first_kernel:
	movq	%rbp, %rdi
	xorl	%ebp, %ebp
	call	*%rbx
	ud2

/* void enter_user(struct pt_regs *regs), void cpu_run_idle(u64 stack_top) */
	.globl enter_user
enter_user:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	call	user_return
	jmp	return_iret
	.globl cpu_run_idle
cpu_run_idle:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	call	sched_idle
	ud2

/* Exceptions and interrupts: the stubs pushed orig_rax and rdi, edi = vector. */
trap_common:
	cld
	PUSH_REST
	CLEAR_REGS
	movl	%edi, %esi
	movq	%rsp, %rdi
	testb	$3, 0x88(%rsp)		/* cs */
	jz	1f
	swapgs
	call	trap_from_user
	jmp	return_iret
1:	call	trap_from_kernel
return_kernel:
	POP_ALL
	addq	$8, %rsp
	iretq

/* NMI and double fault come on stacks of their own, at any instruction: GS may be the user's, whatever its
 * value, so it is neither swapped nor used. */
trap_paranoid:
	cld
	PUSH_REST
	CLEAR_REGS
	movl	%edi, %esi
	movq	%rsp, %rdi
	call	trap_special
	jmp	return_kernel

/* #DB, too: some processors single-step into the kernel, with the user's stack. One of user mode moves to the
 * task's stack, where it may sleep. */
trap_debug:
	testb	$3, 24(%rsp)		/* cs */
	jz	trap_paranoid
	swapgs
	movq	%gs:CPU_KERNEL_RSP, %rdi
	swapgs
	xchgq	%rdi, %rsp
	.irp	from, 48, 40, 32, 24, 16, 8, 0
	pushq	\from(%rdi)
	.endr
	movl	$1, %edi
	jmp	trap_common

/* 256 stubs of 16 bytes; vectors 8, 10-14, 17, 21, 29, 30 come with an error code. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
	.else
	pushq	$0
	.endif
	pushq	%rdi
	movl	$vector, %edi
	.if (vector == 1)
	jmp	trap_debug
	.elseif (vector == 2) || (vector == 8)
	jmp	trap_paranoid
	.else
	jmp	trap_common
	.endif
	.set	vector, vector + 1
	.endr

/* void switch_stacks(u64 *save_rsp, u64 load_rsp): callee-saved registers and the stack, nothing else. */
	.globl switch_stacks
switch_stacks:
	PUSH	rbp, rbx, r12, r13, r14, r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	POP	r15, r14, r13, r12, rbx, rbp
	ret

	.section .note.GNU-stack, "", @progbits
