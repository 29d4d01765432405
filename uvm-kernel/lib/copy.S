/* SPDX-License-Identifier: MIT */
/*
 * Copies and fills, for kernel memory and, with fault fix-ups, for user memory. The checks and stac/clac are
 * uaccess.c's.
 */
	.text
	.globl memcpy
memcpy:
	movq	%rdi, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
	rep movsb
	ret

	.globl memset
memset:
	movq	%rdi, %r8
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep stosq
	movl	%edx, %ecx
	andl	$7, %ecx
	rep stosb
	movq	%r8, %rax
	ret

/* void copy_page(void *dst, const void *src); void clear_page(void *dst); both page-aligned */
	.globl copy_page
copy_page:
	movl	$512, %ecx
	rep movsq
	ret
	.globl clear_page
clear_page:
	xorl	%eax, %eax
	movl	$512, %ecx
	rep stosq
	ret

.macro EXTABLE insn, fixup
	.pushsection .extable, "a"
	.balign	8
	.quad	\insn, \fixup
	.popsection
.endm

/* size_t user_copy(void *dst, const void *src, size_t n): bytes that were not copied. */
	.globl user_copy
user_copy:
	movq	%rdx, %rcx
	shrq	$3, %rcx
1:	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
2:	rep movsb
	xorl	%eax, %eax
	ret
3:	andl	$7, %edx
	leaq	(%rdx,%rcx,8), %rax
	ret
4:	movq	%rcx, %rax
	ret
	EXTABLE	1b, 3b
	EXTABLE	2b, 4b

/* size_t user_clear(void *dst, size_t n): bytes that were not cleared. */
	.globl user_clear
user_clear:
	xorl	%eax, %eax
	movq	%rsi, %rcx
	shrq	$3, %rcx
1:	rep stosq
	movl	%esi, %ecx
	andl	$7, %ecx
2:	rep stosb
	ret
3:	andl	$7, %esi
	leaq	(%rsi,%rcx,8), %rax
	ret
4:	movq	%rcx, %rax
	ret
	EXTABLE	1b, 3b
	EXTABLE	2b, 4b

/* ssize_t user_strncpy(char *dst, const char *src, size_t n): length, n without a NUL, -1 on a fault. */
	.globl user_strncpy
user_strncpy:
	xorl	%ecx, %ecx
1:	cmpq	%rdx, %rcx
	jae	3f
2:	movb	(%rsi,%rcx), %al
	movb	%al, (%rdi,%rcx)
	testb	%al, %al
	jz	3f
	incq	%rcx
	jmp	1b
3:	movq	%rcx, %rax
	ret
4:	movq	$-1, %rax
	ret
	EXTABLE	2b, 4b

/* int user_cmpxchg32(u32 *addr, u32 expect, u32 desired, u32 *old): 0, or 1 on a fault. */
	.globl user_cmpxchg32
user_cmpxchg32:
	movl	%esi, %eax
1:	lock cmpxchgl %edx, (%rdi)
	movl	%eax, (%rcx)
	xorl	%eax, %eax
	ret
2:	movl	$1, %eax
	ret
	EXTABLE	1b, 2b

/* int user_xrstor(const void *area, u64 mask): 0, or 1 when the image is refused. */
	.globl user_xrstor
user_xrstor:
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
1:	xrstor64 (%rdi)
	xorl	%eax, %eax
	ret
2:	movl	$1, %eax
	ret
	EXTABLE	1b, 2b

	.section .note.GNU-stack, "", @progbits
