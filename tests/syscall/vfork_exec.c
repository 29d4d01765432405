/* SPDX-License-Identifier: MIT */
/* The way posix_spawn() starts programs: clone with CLONE_VM and CLONE_VFORK on a stack of its own. */
#include "check.h"

#include <sched.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int progress;

static int spawn_exec(void *arg)
{
	progress = 1;
	sys(SYS_execve, self_path, arg, (char *[]){NULL});
	return 127;
}

/* musl's clone() puts fn and arg on the new stack and exits with fn's result. */
TEST(exec)
{
	char *argv[] = {"x", "--helper", "exit", "11", NULL};
	int pid = clone(spawn_exec, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, argv);

	TRUE(pid > 0);
	IS(progress, 1);
	IS(reap(pid), EXITED(11));
}

static int spawn_fail(void *arg)
{
	progress = (int)sys(SYS_execve, arg, ARGV("x"), (char *[]){NULL});
	return 127;
}

/* The error of a failed exec is visible to the parent through the shared memory. */
TEST(failed_exec)
{
	int pid = clone(spawn_fail, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, "/no/such");

	IS(progress, -ENOENT);
	IS(reap(pid), EXITED(127));
}

static int spawn_die(void *arg)
{
	sys(SYS_kill, sys(SYS_getpid), SIGKILL);
	return arg != NULL;
}

TEST(death_wakes_the_parent)
{
	int pid = clone(spawn_die, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	IS(reap(pid), SIGKILL);
}

/* The child's copy of a pipe end is closed by the exec, so the parent sees the end of the file. */
TEST(close_on_exec)
{
	char *argv[] = {"x", "--helper", "exit", "0", NULL};
	int p[2], pid;
	char c;

	IS(sys(SYS_pipe2, p, O_CLOEXEC), 0);
	pid = clone(spawn_exec, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, argv);
	IS(sys(SYS_close, p[1]), 0);
	IS(sys(SYS_read, p[0], &c, 1), 0);
	IS(reap(pid), 0);
}

struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
		set_tid_size, cgroup;
};

TEST_FLAGS(clone3, OPTIONAL)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	long pid;

	NEEDS(SYS_clone3, NULL, 0);
	pid = MUST(sys(SYS_clone3, &args, 64));
	if (pid == 0)
		sys(SYS_exit_group, 12);
	IS(reap(pid), EXITED(12));
	IS(sys(SYS_clone3, &args, 8), -EINVAL);
	IS(sys(SYS_clone3, &args, 100000), -E2BIG);
	IS(sys(SYS_clone3, BAD_KERNEL, 64), -EFAULT);
	args.exit_signal = 200;
	IS(sys(SYS_clone3, &args, 64), -EINVAL);
	args.exit_signal = SIGCHLD;
	args.flags = CLONE_THREAD;
	IS(sys(SYS_clone3, &args, 64), -EINVAL);
	args.flags = 1ull << 62;
	IS(sys(SYS_clone3, &args, 64), -EINVAL);
}
