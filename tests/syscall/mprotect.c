/* SPDX-License-Identifier: MIT */
/* mprotect(2): rights per page, code made at run time, no-execute. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE 4096ul

static void write_byte(void *arg)
{
	*(volatile char *)arg = 1;
}

static void read_byte(void *arg)
{
	(void)*(volatile char *)arg;
}

TEST(rights)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 3 * PAGE, RW, ANON, -1, 0));

	memset(p, 'x', 3 * PAGE);
	IS(sys(SYS_mprotect, p + PAGE, PAGE, PROT_READ), 0);
	IS(in_child(write_byte, p), 0);
	IS(in_child(write_byte, p + PAGE), KILLED(SIGSEGV));
	IS(in_child(read_byte, p + PAGE), 0);
	IS(in_child(write_byte, p + 2 * PAGE), 0);
	IS(sys(SYS_mprotect, p + PAGE, PAGE, PROT_NONE), 0);
	IS(in_child(read_byte, p + PAGE), KILLED(SIGSEGV));
	IS(sys(SYS_mprotect, p, 3 * PAGE, RW), 0);
	IS(p[PAGE], 'x'); /* the content outlived PROT_NONE */
	IS(in_child(write_byte, p + PAGE), 0);
}

/* The kernel obeys too: a system call cannot write what the process cannot. */
TEST(binds_the_kernel)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, ANON, -1, 0));
	int pipe[2];

	make_pipe(pipe);
	IS(sys(SYS_write, pipe[1], "abc", 3), 3);
	p[0] = 'q';
	IS(sys(SYS_mprotect, p, PAGE, PROT_READ), 0);
	IS(sys(SYS_read, pipe[0], p, 3), -EFAULT);
	IS(sys(SYS_write, pipe[1], p, 1), 1);
	IS(sys(SYS_mprotect, p, PAGE, PROT_NONE), 0);
	IS(sys(SYS_write, pipe[1], p, 1), -EFAULT);
}

static void call(void *arg)
{
	int (*code)(void) = (int (*)(void))(uintptr_t)arg;

	IS(code(), 42);
}

TEST(execute)
{
	static const unsigned char return_42[] = {0xb8, 42, 0, 0, 0, 0xc3};
	char *p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, ANON, -1, 0));

	memcpy(p, return_42, sizeof(return_42));
	IS(in_child(call, p), KILLED(SIGSEGV));
	IS(sys(SYS_mprotect, p, PAGE, PROT_READ | PROT_EXEC), 0);
	IS(in_child(call, p), 0);
	IS(sys(SYS_mprotect, p, PAGE, RW | PROT_EXEC), 0); /* JITs want both at once */
	p[1] = 41;
	p[1] = 42;
	call(p);
	IS(sys(SYS_mprotect, p, PAGE, RW), 0);
	IS(in_child(call, p), KILLED(SIGSEGV));
}

TEST(stack_is_not_executable)
{
	volatile unsigned char code[16] = {0xb8, 42, 0, 0, 0, 0xc3};

	IS(in_child(call, (void *)code), KILLED(SIGSEGV));
}

TEST(refusals)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 3 * PAGE, RW, ANON, -1, 0));

	IS(sys(SYS_mprotect, p + 1, PAGE, RW), -EINVAL);
	IS(sys(SYS_mprotect, p, PAGE, 0x80), -EINVAL);
	IS(sys(SYS_mprotect, p, 0, RW), 0);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_mprotect, p, 3 * PAGE, PROT_READ), -ENOMEM);
	IS(sys(SYS_mprotect, BAD_KERNEL, PAGE, PROT_READ), -ENOMEM);
	IS(sys(SYS_mprotect, p, -4096L, PROT_READ), -ENOMEM);
}
