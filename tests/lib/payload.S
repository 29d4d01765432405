/* SPDX-License-Identifier: MIT */
/*
 * What the test machines execute: 64-bit code at CPL 0, RDI = address of the VP's data page, RSI = VP
 * index. Position-independent, copied page by page; results go to the data page.
 */
#define MSR_EOI 0x40000070
#define MSR_ICR 0x40000071
#define MSR_REF 0x40000020
#define MSR_STIMER_CONFIG 0x400000b0
#define MSR_STIMER_COUNT 0x400000b1
#define IDT 0x2c0000
#define DATA 0x200000
#define TIMER_CONFIG 0x1301 /* enabled, vector 0x30, direct */

	.text
	.balign 4096
	.globl payload_start
payload_start:

	.section .data.hypercalls, "aw"
	.globl hypercall_sites
hypercall_sites:
	.previous

	/* VMMCALL; vm.c makes VMCALL of it where that is the processor's. */
	.macro hypercall
	.pushsection .data.hypercalls, "aw"
	.quad .Lcall\@ - payload_start
	.popsection
.Lcall\@:
	vmmcall
	.endm

	.macro payload name
	.balign 16
	.globl \name
\name:
	.endm

	.macro write_msr index
	movl $\index, %ecx
	movq %rax, %rdx
	shrq $32, %rdx
	wrmsr
	.endm

payload payload_halt
	hlt
	movq $1, (%rdi)
	hlt
	movq $2, (%rdi)
	hlt
1:	jmp 1b

payload payload_out
	movl $0x4e00, %edx
	movl $0x12345678, %eax
	outl %eax, %dx
	movq $1, (%rdi)
	inl %dx, %eax
	movq %rax, 8(%rdi)
	hlt
1:	jmp 1b

payload payload_spin
1:	incq (%rdi)
	jmp 1b

/* Touches the address in data[1], then writes it when data[2]. */
payload payload_touch
	movq 8(%rdi), %rax
	movq (%rax), %rcx
	movq %rcx, (%rdi)
	cmpq $0, 16(%rdi)
	je 1f
	movq $0x77, (%rax)
1:	hlt
	jmp payload_touch

/* Jumps to the address in data[1]. */
payload payload_jump
	jmp *8(%rdi)

payload payload_triple_fault
	ud2

payload payload_cpuid
	movl $100, %r15d
1:	xorl %ecx, %ecx
	movl 8(%rdi), %eax
	cpuid
	movl %eax, 16(%rdi)
	movl %ebx, 20(%rdi)
	movl %ecx, 24(%rdi)
	movl %edx, 28(%rdi)
	decl %r15d
	jnz 1b
	hlt
	jmp payload_cpuid

/* Hypercall: data[1] input value, data[2] RDX, data[3] R8; result in data[0]. */
payload payload_hypercall
	movq 8(%rdi), %rcx
	movq 16(%rdi), %rdx
	movq 24(%rdi), %r8
	hypercall
	movq %rax, (%rdi)
	hlt
	jmp payload_hypercall

/* data[1] times NotifyLongSpinWait; data[0] = ticks that took. */
payload payload_clock
	movq 8(%rdi), %r15
	rdtsc
	movl %eax, %r14d
1:	movl $0x10008, %ecx
	xorl %edx, %edx
	hypercall
	decq %r15
	jnz 1b
	rdtsc
	subl %r14d, %eax
	movl %eax, (%rdi)
	hlt
	jmp payload_clock

/* All call codes there can be, with wild arguments: counts answers 2 and 6 in data[1], data[2], others in
 * data[3]. */
payload payload_hypercall_storm
	xorl %ebx, %ebx
1:	movl %ebx, %ecx
	cmpl $0x5d, %ebx
	je 3f
	cmpl $8, %ebx
	je 3f
	movq $-8, %rdx
	movq $-16, %r8
	hypercall
	cmpw $2, %ax
	jne 2f
	incq 8(%rdi)
	jmp 3f
2:	cmpw $6, %ax
	jne 4f
	incq 16(%rdi)
	jmp 3f
4:	incq 24(%rdi)
3:	incl %ebx
	cmpl $0x8200, %ebx
	jne 1b
	hlt
	jmp payload_hypercall_storm

/* IDT: vector data[1] goes to handler_count, 13 to handler_skip, 6 to handler_skip. */
	.macro gate vector, handler
	movl $\vector, %eax
	leaq \handler(%rip), %rdx
	call set_gate
	.endm

set_gate: /* RAX vector, RDX handler */
	shll $4, %eax
	addl $IDT, %eax
	movw %dx, (%rax)
	movw $0x10, 2(%rax)
	movw $0x8e00, 4(%rax)
	shrq $16, %rdx
	movw %dx, 6(%rax)
	shrq $16, %rdx
	movl %edx, 8(%rax)
	movl $0, 12(%rax)
	ret

load_idt:
	gate 6, handler_fault
	gate 13, handler_fault_error
	gate 0x30, handler_count
	gate 0x31, handler_count2
	gate 2, handler_nmi
	subq $16, %rsp
	movw $0x7ff, 6(%rsp)
	movq $IDT, 8(%rsp)
	lidt 6(%rsp)
	addq $16, %rsp
	ret

	/* The fault's vector to data[4]; goes on at R14. */
handler_fault:
	movq $6, 32(%rdi)
	movq %r14, (%rsp)
	iretq
handler_fault_error:
	addq $8, %rsp
	movq $13, 32(%rdi)
	movq %r14, (%rsp)
	iretq
handler_count:
	incq 40(%rdi)
	pushq %rax
	pushq %rcx
	pushq %rdx
	xorl %eax, %eax
	write_msr MSR_EOI
	popq %rdx
	popq %rcx
	popq %rax
	iretq
handler_count2:
	incq 48(%rdi)
	pushq %rax
	pushq %rcx
	pushq %rdx
	movq 40(%rdi), %rax
	movq %rax, 56(%rdi)
	xorl %eax, %eax
	write_msr MSR_EOI
	popq %rdx
	popq %rcx
	popq %rax
	iretq
handler_nmi:
	incq 64(%rdi)
	iretq

/* Counts interrupts 0x30 in data[5], 0x31 in data[6]; data[7]: how many 0x30 had come before 0x31. */
payload payload_interrupts
	call load_idt
	movq $1, (%rdi)
	sti
1:	hlt
	jmp 1b

/* CR8 = data[1], then waits for interrupts; data[2]: CR8 whenever it looks. */
payload payload_priority
	call load_idt
	movq 8(%rdi), %rax
	movq %rax, %cr8
	sti
1:	movq %cr8, %rax
	movq %rax, 16(%rdi)
	hlt
	jmp 1b

/* Steps once, over an instruction that exits. data[1]: traps, data[2]: where the last one came, data[3]: where it
 * should, data[4]: DR6 then. */
payload payload_step
	call load_idt
	gate 1, handler_debug
	leaq 1f(%rip), %r14
	movq %r14, 24(%rdi)
	pushfq
	orq $0x100, (%rsp)
	popfq
	cpuid
1:	nop
	hlt
	jmp 1b
handler_debug:
	incq 8(%rdi)
	movq (%rsp), %rax
	movq %rax, 16(%rdi)
	movq %dr6, %rax
	movq %rax, 32(%rdi)
	andq $~0x100, 16(%rsp)
	iretq

/* Waits with IF = 0 until data[1] is set, then opens up. */
payload payload_window
	call load_idt
	movq $1, (%rdi)
1:	cmpq $0, 8(%rdi)
	je 1b
	sti
	nop
2:	hlt
	jmp 2b

/* RDMSR of data[1] to data[2]; data[4] = 13 if it faults. */
payload payload_rdmsr
	call load_idt
2:	movq $0, 32(%rdi)
	leaq 1f(%rip), %r14
	movl 8(%rdi), %ecx
	rdmsr
	movl %eax, 16(%rdi)
	movl %edx, 20(%rdi)
1:	hlt
	jmp 2b

/* WRMSR of data[2] to data[1]. */
payload payload_wrmsr
	call load_idt
2:	movq $0, 32(%rdi)
	leaq 1f(%rip), %r14
	movl 8(%rdi), %ecx
	movl 16(%rdi), %eax
	movl 20(%rdi), %edx
	wrmsr
1:	hlt
	jmp 2b

/* All MSRs of three ranges are read and written back; data[1] counts those that did not fault. */
payload payload_msr_storm
	call load_idt
	movq $0, 8(%rdi)
	leaq msr_table(%rip), %r8
	movl $3, %r9d
1:	movl (%r8), %ebx
	movl $0x2000, %ebp
2:	leaq 3f(%rip), %r14
	movl %ebx, %ecx
	cmpl $0xc0000080, %ebx
	je 3f
	cmpl $0x830, %ebx
	je 3f
	rdmsr
	wrmsr
	incq 8(%rdi)
3:	incl %ebx
	decl %ebp
	jnz 2b
	addq $4, %r8
	decl %r9d
	jnz 1b
	movq $1, (%rdi)
	hlt
msr_table:
	.long 0, 0x40000000, 0xc0010000

/* The instructions a guest does not have: each must give #UD. data[1] counts. */
payload payload_undefined
	call load_idt
	xorl %eax, %eax
	xorl %ecx, %ecx
	.irp insn, "vmrun %rax", "vmload %rax", "vmsave %rax", "stgi", "clgi", "skinit %eax", "monitor", "mwait"
	leaq 1f(%rip), %r14
	movq $0, 32(%rdi)
	movq %rdi, %rax /* MONITOR may look at the address before it is intercepted */
	xorl %ecx, %ecx
	xorl %edx, %edx
	\insn
	jmp 2f
1:	cmpq $6, 32(%rdi)
	jne 2f
	incq 8(%rdi)
2:
	.endr
	hlt
	jmp payload_undefined

/* EFER and CR4 bits that do not exist: #GP each. data[1] counts faults. */
payload payload_reserved_bits
	call load_idt
	leaq 1f(%rip), %r14
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x1000, %eax /* SVME */
	movq $0, 32(%rdi)
	wrmsr
	jmp 2f
1:	incq 8(%rdi)
2:	leaq 1f(%rip), %r14
	rdmsr
	orl $0x80000000, %eax
	wrmsr
	jmp 2f
1:	incq 8(%rdi)
2:	leaq 1f(%rip), %r14
	xorl %ecx, %ecx
	xorl %edx, %edx
	movl $6, %eax /* XCR0 without x87 */
	movq %cr4, %rbx
	btsq $18, %rbx
	movq %rbx, %cr4
	xsetbv
	jmp 2f
1:	incq 8(%rdi)
2:	hlt
	jmp payload_reserved_bits

/* Timer: expiry data[1] (100 ns) from now; data[2] reference time at the interrupt, data[3] the wanted. */
payload payload_timer
	call load_idt
	movl $MSR_REF, %ecx
	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	addq 8(%rdi), %rax
	movq %rax, 24(%rdi)
	movq %rax, %rbx
	movl $TIMER_CONFIG, %eax
	write_msr MSR_STIMER_CONFIG
	movq %rbx, %rax
	write_msr MSR_STIMER_COUNT
	sti
1:	cmpq $0, 40(%rdi)
	jne 2f
	hlt
	jmp 1b
2:	movl $MSR_REF, %ecx
	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	movq %rax, 16(%rdi)
	movq $1, (%rdi)
	hlt
	jmp 2b

/* VP 0 sends vector 0x30 to VP data[1]; others count. */
payload payload_ipi
	call load_idt
	testl %esi, %esi
	jnz payload_ipi_target
1:	movq 8(%rdi), %rax
	shlq $32, %rax
	orq $0x30, %rax
	write_msr MSR_ICR
	incq (%rdi)
	hlt
	jmp 1b
payload_ipi_target:
	movq $1, (%rdi)
	sti
1:	hlt
	jmp 1b

/* Fills XMM0 with data[1]; after HLT writes it to data[2]. Also YMM and XCR0 as data[3] says. */
payload payload_fpu
	movq %cr4, %rax
	btsq $18, %rax
	movq %rax, %cr4
	xorl %ecx, %ecx
	xorl %edx, %edx
	movl 24(%rdi), %eax
	xsetbv
	movq 8(%rdi), %xmm0
	hlt
	movq %xmm0, 16(%rdi)
	movl $0, %ecx
	xgetbv
	movq %rax, 32(%rdi)
	hlt
1:	jmp 1b

/* Turns protection keys on, which it was not offered: PKRU to data[1], then its own value into it. */
payload payload_keys
	movq %cr4, %rax
	btsq $22, %rax
	movq %rax, %cr4
	xorl %ecx, %ecx
	rdpkru
	movq %rax, 8(%rdi)
	movl $0x30, %eax
	xorl %edx, %edx
	wrpkru
	movq $1, (%rdi)
	hlt
1:	jmp 1b

/* Debug registers: DR0 = data[1]; after HLT read back to data[2]. */
payload payload_debug
	movq 8(%rdi), %rax
	movq %rax, %dr0
	hlt
	movq %dr0, %rax
	movq %rax, 16(%rdi)
	hlt
1:	jmp 1b

/* INT1 twice; data[5] counts its #DB. */
payload payload_int1
	call load_idt
	gate 1, handler_count
	.byte 0xf1, 0xf1
1:	hlt
	jmp 1b

/* Delivers #AC for ever: an aligned stack push fault inside its own delivery is what hung real machines;
 * here it is enough that INT through an IDT that faults again does not stop the root. */
payload payload_fault_loop
	lidt empty_idt(%rip)
1:	int3
	jmp 1b
empty_idt:
	.word 0
	.quad 0

	.balign 4096
	.globl payload_end
payload_end:

	/* The list of those, by offset; ends with 0. */
	.section .data.hypercalls, "aw"
	.quad 0
	.previous

	.section .note.GNU-stack, "", @progbits
