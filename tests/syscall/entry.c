/* SPDX-License-Identifier: MIT */
/* The system call instruction itself: registers, flags, unknown numbers, and the start of a process. */
#include "check.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/auxv.h>

TEST(unknown_numbers)
{
	static const long numbers[] = {340, 400, 511, 600, 1000, 0x7fffffff, -1, 0xffffffffl, 1 << 20};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!IS(sys(numbers[i], 0, 0, 0, 0, 0, 0), -ENOSYS))
			note("number %ld", numbers[i]);
	IS(sys(180), -ENOSYS); /* nfsservctl, gone */
	IS(sys(134), -ENOSYS); /* uselib */
}

/* The x32 bit selects another table, which is not there. */
TEST(x32_numbers)
{
	IS(sys(0x40000000 | SYS_getpid), -ENOSYS);
}

/* Only RAX, RCX and R11 change; the direction and the other flags stay. */
TEST(registers_are_kept)
{
	unsigned long r[12], flags_before, flags_after;

	__asm__ volatile(
		"mov $1, %%rbx; mov $2, %%rdx; mov $3, %%rsi; mov $4, %%rdi; mov $5, %%r8; mov $6, %%r9\n"
		"mov $7, %%r10; mov $8, %%r12; mov $9, %%r13; mov $10, %%r14; mov $11, %%r15\n"
		"stc\n"
		"pushf; popq %1\n"
		"mov $39, %%eax\n"
		"stc\n"
		"syscall\n"
		"pushf; popq %2\n"
		"mov %%rbx, 0+%0; mov %%rdx, 8+%0; mov %%rsi, 16+%0; mov %%rdi, 24+%0; mov %%r8, 32+%0\n"
		"mov %%r9, 40+%0; mov %%r10, 48+%0; mov %%r12, 56+%0; mov %%r13, 64+%0; mov %%r14, 72+%0\n"
		"mov %%r15, 80+%0; mov %%rax, 88+%0\n"
		: "=m"(r), "=m"(flags_before), "=m"(flags_after)
		:
		: "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
		  "r15", "memory", "cc");
	for (unsigned long i = 0; i < 11; i++)
		IS(r[i], i + 1);
	IS(r[11], sys(SYS_getpid));
	IS(flags_after & 0xcd5, flags_before & 0xcd5);
}

/* RCX and R11 come back as the instruction defines them: no kernel value leaks. */
TEST(no_leak_in_scratch_registers)
{
	unsigned long rcx, r11, here;

	__asm__ volatile("mov $39, %%eax\n"
			 "syscall\n"
			 "1: mov %%rcx, %0\n"
			 "mov %%r11, %1\n"
			 "lea 1b(%%rip), %2\n"
			 : "=&r"(rcx), "=&r"(r11), "=&r"(here)
			 :
			 : "rax", "rcx", "r11", "memory");
	IS(rcx, here);
	TRUE(r11 >> 22 == 0);
}

/* Flags a user may play with must not enter the kernel: DF, AC, NT, TF. */
TEST(odd_flags)
{
	char text[8] = "abc";
	int p[2];
	long n;

	make_pipe(p);
	__asm__ volatile("std\n"
			 "syscall\n"
			 "cld\n"
			 : "=a"(n)
			 : "a"(SYS_write), "D"((long)p[1]), "S"(text), "d"(3l)
			 : "rcx", "r11", "memory");
	IS(n, 3);
	__asm__ volatile("pushf; orl $0x44000, (%%rsp); popf\n" /* AC and NT */
			 "syscall\n"
			 "pushf; andl $~0x44000, (%%rsp); popf\n"
			 : "=a"(n)
			 : "a"(SYS_read), "D"((long)p[0]), "S"(text + 3), "d"(3l)
			 : "rcx", "r11", "memory");
	IS(n, 3);
	SAME(text, "abcabc", 6);
}

/* A stack pointer that points nowhere is no concern of the kernel's. */
TEST(wild_stack_pointer)
{
	long n;

	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "mov $0x10, %%esp\n"
			 "syscall\n"
			 "mov $0xffff888000000000, %%rsp\n"
			 "mov $39, %%eax\n"
			 "syscall\n"
			 "mov %%rbx, %%rsp\n"
			 : "=a"(n)
			 : "a"(SYS_getpid)
			 : "rbx", "rcx", "r11", "memory");
	IS(n, sys(SYS_getpid));
}

TEST(auxiliary_vector)
{
	extern char **environ;
	unsigned long *p;
	int seen = 0;

	IS(getauxval(AT_PAGESZ), 4096);
	IS(getauxval(AT_CLKTCK), 100);
	TRUE(getauxval(AT_UID) == (unsigned long)sys(SYS_getuid) ||
	     !getauxval(AT_UID)); /* 0: the driver under -u */
	IS(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
	TRUE(getauxval(AT_PHNUM) > 0 && getauxval(AT_PHDR) != 0);
	IS(((Elf64_Phdr *)getauxval(AT_PHDR))->p_type <= PT_TLS ||
		   ((Elf64_Phdr *)getauxval(AT_PHDR))->p_type > 0x60000000,
	   1);
	TRUE(getauxval(AT_ENTRY) != 0);
	TRUE(getauxval(AT_RANDOM) != 0);
	TRUE(getauxval(AT_HWCAP) & 1); /* CPUID.1:EDX: the FPU */
	IS(getauxval(AT_SECURE), 0);
	TRUE(getauxval(AT_EXECFN) && strstr((char *)getauxval(AT_EXECFN), "syscall-tests"));
	/* the vector follows the environment on the stack */
	for (p = (unsigned long *)environ; *p; p++)
		;
	for (p++; p[0]; p += 2)
		seen++;
	TRUE(seen >= 15 && seen < 40);
}
