/* SPDX-License-Identifier: MIT */
/* fork(2), vfork, clone: what the child gets, shares and does not. */
#include "check.h"

#include <sched.h>

#define RW (PROT_READ | PROT_WRITE)
#define PAGE 4096ul

static volatile int data = 1, bss;

static void change_memory(void *arg)
{
	volatile char *p = arg;

	IS(data, 1);
	IS(p[0], 'a');
	data = 2;
	bss = 2;
	for (int i = 0; i < 64; i++)
		p[i * PAGE] = 'c';
}

TEST(memory_is_copied)
{
	volatile char *p = (char *)MUST(sys(SYS_mmap, 0, 64 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	volatile int local = 5;

	memset((char *)p, 'a', 64 * PAGE);
	data = 1;
	IS(in_child(change_memory, (void *)p), 0);
	IS(data, 1);
	IS(bss, 0);
	IS(local, 5);
	for (int i = 0; i < 64; i++)
		IS(p[i * PAGE], 'a');
}

static void wait_and_look(void *arg)
{
	int *pipe = arg;
	char c;

	IS(sys(SYS_read, pipe[0], &c, 1), 1);
	IS(data, 1);
}

/* The parent's later writes do not reach the child, and system calls break sharing as well. */
TEST(copies_both_ways)
{
	int p[2];
	long pid;

	make_pipe(p);
	data = 1;
	pid = child(wait_and_look, p);
	data = 3;
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(reap(pid), 0);
	data = 1;
}

static void read_into(void *arg)
{
	long *where = arg;
	int p[2];

	make_pipe(p);
	IS(sys(SYS_write, p[1], "12345678", 8), 8);
	IS(sys(SYS_read, p[0], where, 8), 8); /* the kernel writes to a shared page */
}

TEST(kernel_writes_are_copied_too)
{
	static long value = 77;

	IS(in_child(read_into, &value), 0);
	IS(value, 77);
}

static void inherited(void *arg)
{
	unsigned long mask = 0, pending = 0;
	struct ksigaction act;
	int *p = arg;

	IS(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8), 0);
	IS(mask, SIGBIT(SIGUSR2));
	IS(sys(SYS_rt_sigpending, &pending, 8), 0);
	IS(pending, 0);
	IS(sys(SYS_rt_sigaction, SIGUSR1, NULL, &act, 8), 0);
	IS(act.handler, catch_signal);
	IS(sys(SYS_alarm, 0), 0);
	IS(sys(SYS_umask, 022), 0123);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_close, p[0]), 0); /* only ours */
}

TEST(what_is_inherited)
{
	int p[2];
	char c;

	make_pipe(p);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR2)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR2));
	sys(SYS_umask, 0123);
	sys(SYS_alarm, 1000);
	IS(in_child(inherited, p), 0);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	TRUE(sys(SYS_alarm, 0) > 0);
}

/* vfork: the child borrows the memory, and the parent sleeps until it is gone. */
TEST(vfork)
{
	static volatile int shared;
	long pid;

	shared = 1;
	__asm__ volatile("mov $58, %%eax\n"
			 "syscall\n"
			 "test %%eax, %%eax\n"
			 "jnz 1f\n"
			 "movl $42, %1\n"
			 "mov $7, %%edi\n"
			 "mov $231, %%eax\n" /* exit_group(7) */
			 "syscall\n"
			 "1:"
			 : "=&a"(pid), "+m"(shared)
			 :
			 : "rcx", "r11", "rdi", "memory");
	TRUE(pid > 0);
	IS(shared, 42); /* already there: the parent did not run before */
	IS(reap(pid), EXITED(7));
}

/* clone as glibc's fork() does it: the child's tid appears in the child's memory only. */
TEST(clone_settid)
{
	static volatile int tid, parent_tid;
	long pid;

	tid = parent_tid = 0;
	pid = MUST(sys(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID | SIGCHLD,
		       0, &parent_tid, &tid, 0));
	if (pid == 0) {
		IS(tid, sys(SYS_gettid));
		IS(tid, sys(SYS_getpid));
		finish();
	}
	IS(tid, 0);
	IS(parent_tid, pid);
	IS(reap(pid), 0);
}

/* An exit signal other than SIGCHLD: only __WALL or __WCLONE see the child. */
TEST(clone_without_signal)
{
	int status;
	long pid = MUST(sys(SYS_clone, 0, 0, 0, 0, 0));

	if (pid == 0)
		sys(SYS_exit_group, 3);
	IS(sys(SYS_wait4, pid, &status, 0, 0), -ECHILD);
	IS(sys(SYS_wait4, pid, &status, 0x40000000, 0), pid); /* __WALL */
	IS(status, EXITED(3));
}

TEST(clone_refusals)
{
	IS(sys(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0), -EINVAL);
	IS(sys(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), -EINVAL);
	IS(sys(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0) < 0, 1);
}

static void chdir_away(void *arg)
{
	(void)arg;
	IS(sys(SYS_chdir, "/"), 0);
}

/* CLONE_FILES and CLONE_FS share what fork copies. */
TEST(clone_shares)
{
	char before[4096], text[4096];
	long pid, fd;

	MUST(sys(SYS_getcwd, before, sizeof(before)));
	fd = MUST(sys(SYS_dup, 1));
	pid = MUST(sys(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
	if (pid == 0) {
		sys(SYS_close, fd);
		chdir_away(NULL);
		finish();
	}
	IS(reap(pid), 0);
	IS(sys(SYS_fcntl, fd, F_GETFD), -EBADF);
	MUST(sys(SYS_getcwd, text, sizeof(text)));
	STREQ(text, "/");
	MUST(sys(SYS_chdir, before));
}

/* A hundred children at once, all of them found again. */
TEST_FLAGS(many, SLOW)
{
	int status, sum = 0;

	for (int i = 0; i < 100; i++)
		if (MUST(sys(SYS_fork)) == 0)
			sys(SYS_exit_group, i);
	for (int i = 0; i < 100; i++) {
		MUST(sys(SYS_wait4, -1, &status, 0, 0));
		IS(status & 0xff, 0);
		sum += status >> 8;
	}
	IS(sum, 4950);
	IS(sys(SYS_wait4, -1, &status, 0, 0), -ECHILD);
}

static void chain(void *arg)
{
	long depth = (long)arg;

	if (depth)
		IS(in_child(chain, (void *)(depth - 1)), 0);
}

TEST_FLAGS(generations, SLOW)
{
	IS(in_child(chain, (void *)30), 0);
}
