/* SPDX-License-Identifier: MIT */
/* Instructions that may fault, and the handlers that turn a fault into a number. */
	.text
	.macro try name
	.globl \name
\name:
	leaq 9f(%rip), %rax
	movq %rax, trap_resume(%rip)
	movq %rsp, trap_stack(%rip)
	.endm
	.macro done
	movl $-1, %eax
9:	movq $0, trap_resume(%rip)
	ret
	.endm

try trap_read
	movq (%rdi), %rcx
	done
try trap_write
	movq %rsi, (%rdi)
	done
try trap_rdmsr
	movl %edi, %ecx
	rdmsr
	movl %eax, (%rsi)
	movl %edx, 4(%rsi)
	done
try trap_wrmsr
	movl %edi, %ecx
	movl %esi, %eax
	shrq $32, %rsi
	movl %esi, %edx
	wrmsr
	done
try trap_call
	call *%rdi
	done

	.globl insn_vmxon, insn_vmptrld, insn_vmread, insn_vmlaunch, insn_invept, insn_getsec, insn_set_vmxe, insn_invd
insn_vmxon:
	vmxon operand(%rip)
	ret
insn_vmptrld:
	vmptrld operand(%rip)
	ret
insn_vmread:
	xorl %eax, %eax
	vmread %rax, %rax
	ret
insn_vmlaunch:
	vmlaunch
	ret
insn_invept:
	movl $2, %eax
	invept operand(%rip), %rax
	ret
insn_getsec:
	xorl %eax, %eax
	getsec
	ret
insn_set_vmxe:
	movq %cr4, %rax
	orq $(1 << 13), %rax
	movq %rax, %cr4
	ret
insn_invd:
	invd
	ret
	.section .rodata
	.balign 16
operand:
	.quad 0, 0
	.text
	.globl insn_vmrun, insn_vmload, insn_vmsave, insn_stgi, insn_clgi, insn_skinit, insn_invlpga
insn_vmrun:
	xorl %eax, %eax
	vmrun %rax
	ret
insn_vmload:
	xorl %eax, %eax
	vmload %rax
	ret
insn_vmsave:
	xorl %eax, %eax
	vmsave %rax
	ret
insn_stgi:
	stgi
	ret
insn_clgi:
	clgi
	ret
insn_skinit:
	xorl %eax, %eax
	skinit %eax
	ret
insn_invlpga:
	xorl %eax, %eax
	xorl %ecx, %ecx
	invlpga %rax, %ecx
	ret

	.macro handler n, error
	.globl trap_handler_\n
trap_handler_\n:
	.if \error
	addq $8, %rsp
	.endif
	cmpq $0, trap_resume(%rip)
1:	je 1b
	movq trap_resume(%rip), %rax
	movq %rax, (%rsp)
	movq trap_stack(%rip), %rax
	movq %rax, 24(%rsp)
	movl $\n, %eax
	iretq
	.endm
	handler 6, 0
	handler 13, 1
	handler 14, 1

/* An interrupt that nobody wants: acknowledge it. */
	.globl trap_ignore
trap_ignore:
	pushq %rax
	movl $0xfee000b0, %eax
	movl $0, (%rax)
	popq %rax
	iretq

	.data
	.balign 8
trap_resume:
	.quad 0
trap_stack:
	.quad 0

	.section .note.GNU-stack, "", @progbits
