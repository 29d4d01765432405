/* SPDX-License-Identifier: MIT */
/*
 * guest.S: what the guests of these tests do. Each piece is copied to CODE_GPA and starts there in 64-bit
 * mode with RDI = VP index; it may use only relative addresses.
 */
#define PORT 0x4e04
#define ICR 0x40000071
#define EOI 0x40000070
#define STIMER0_CONFIG 0x400000b0
#define STIMER0_COUNT 0x400000b1
#define TIME_REF_COUNT 0x40000020

	.section .rodata
	.macro piece name
	.globl guest_\name, guest_\name\()_end
	.balign 16
guest_\name:
	.endm
	.macro endpiece name
guest_\name\()_end:
	.endm
	.macro report		/* EAX to the VMM */
	mov $PORT, %dx
	out %eax, %dx
	.endm

	piece out
	mov $0x1234567890, %rbx
	mov $0xcafe, %eax
	report
	mov %ebx, %eax		/* RBX as the VMM left it */
	report
	hlt
	endpiece out

	piece spin
1:	pause
	jmp 1b
	endpiece spin

	piece halt
	cli
1:	hlt
	jmp 1b
	endpiece halt

	/* Writes every page of RAM above 1 MiB with its number, then reads all back. */
	piece touch
	mov $0x100000, %rdi
1:	mov %rdi, (%rdi)
	add $4096, %rdi
	cmp $0x800000, %rdi
	jb 1b
	mov $0x100000, %rdi
	xor %eax, %eax
2:	cmp %rdi, (%rdi)
	jne 3f
	inc %eax
3:	add $4096, %rdi
	cmp $0x800000, %rdi
	jb 2b
	report
	hlt
	endpiece touch

	/* Reads from and then writes to 1 GiB, where the tests put things or nothing. */
	piece beyond
	mov $0x40000000, %rdi
	mov (%rdi), %eax
	report
	movl $0x77, (%rdi)
	mov (%rdi), %eax
	report
	hlt
	endpiece beyond

	/* The sum of the first words of 16 pages at 1 GiB, again and again. */
	piece sums
1:	mov $0x40000000, %rdi
	xor %eax, %eax
2:	add (%rdi), %eax
	add $4096, %rdi
	cmp $0x40010000, %rdi
	jb 2b
	report
	jmp 1b
	endpiece sums

	/* Jumps to 1 GiB. */
	piece jump
	mov $0x40000000, %rdi
	jmp *%rdi
	endpiece jump

	piece triple
	lidt (%rsp)		/* zeroes: limit 0 */
	ud2
	endpiece triple

	/* VP 0 waits for VP 1's word in memory, and the other way round, 1000 times. */
	piece pingpong
	mov $0x20000, %rbx
	xor %ecx, %ecx
	test %edi, %edi
	jnz 3f
1:	lea 1(%ecx,%ecx), %eax
	mov %eax, (%rbx)
2:	pause
	lea 2(%ecx,%ecx), %eax
	cmp %eax, (%rbx)
	jne 2b
	inc %ecx
	cmp $1000, %ecx
	jb 1b
	mov %ecx, %eax
	report
	hlt
3:	pause
	lea 1(%ecx,%ecx), %eax
	cmp %eax, (%rbx)
	jne 3b
	inc %eax
	mov %eax, (%rbx)
	inc %ecx
	cmp $1000, %ecx
	jb 3b
	mov %ecx, %eax
	report
	hlt
	endpiece pingpong

	/* Interrupts: fills IDT entry 0x41 with the handler below, then idles for ever. */
	.macro set_gate
	lea 9f(%rip), %rax
	mov $0x5410, %ebx	/* IDT_GPA + 0x41 * 16 */
	mov %ax, (%rbx)
	movw $0x10, 2(%rbx)
	movw $0x8e00, 4(%rbx)
	shr $16, %rax
	mov %ax, 6(%rbx)
	shr $16, %rax
	mov %eax, 8(%rbx)
	movl $0, 12(%rbx)
	.endm
	.macro handler
	.balign 16
9:	push %rax
	push %rcx
	push %rdx
	mov $EOI, %ecx
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	mov $0x41, %eax
	report
	pop %rdx
	pop %rcx
	pop %rax
	iretq
	.endm

	piece idle
	set_gate
	mov $1, %eax
	report			/* ready */
1:	sti
	hlt
	jmp 1b
	handler
	endpiece idle

	/* A timer 20 ms from now, then idle; after the interrupt a second one while computing. */
	piece timer
	set_gate
	mov $2, %ebp
2:	mov $STIMER0_CONFIG, %ecx
	mov $(1 << 12 | 0x41 << 4 | 1 << 3), %eax
	xor %edx, %edx
	wrmsr
	mov $TIME_REF_COUNT, %ecx
	rdmsr
	add $200000, %eax
	adc $0, %edx
	mov $STIMER0_COUNT, %ecx
	wrmsr
	cmp $1, %ebp
	je 4f
	sti
	hlt
	cli
	dec %ebp
	jmp 2b
4:	sti
5:	pause
	jmp 5b
	handler
	endpiece timer

	/* VP 1 idles; VP 0 sends it an interrupt. */
	piece ipi
	test %edi, %edi
	jnz 1f
	mov $ICR, %ecx
	mov $0x41, %eax
	mov $1, %edx
	wrmsr
	mov $2, %eax
	report
	hlt
1:	set_gate
	mov $1, %eax
	report
2:	sti
	hlt
	jmp 2b
	handler
	endpiece ipi

	.section .note.GNU-stack,"",@progbits
