/* SPDX-License-Identifier: MIT */
/*
 * spawn.c: clone3 straight into the cgroup, then exec. The child borrows this process' memory until then
 * (CLONE_VFORK), so that nothing is copied.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <launch.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_block(const void *block, size_t size, struct error *e)
{
	int fd = memfd_create("launch", MFD_CLOEXEC);

	if (fd < 0 || write(fd, block, size) != (ssize_t)size)
		return error_errno(e, "cannot pass the launch block on");
	return fd;
}

/* clone3 without the C library's wrapper: the child returns on the parent's stack, which is safe because the
 * parent sleeps until the child has exec'd, and because no call lies between here and the caller's frame. */
static inline __attribute__((always_inline)) long clone_here(struct clone_args *args)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "0"((long)SYS_clone3), "D"(args), "S"(sizeof(*args))
			 : "rcx", "r11", "memory");
	return r;
}

/* In the child. Returns only on failure: errno. */
static int become_worker(const struct spawn *s, int block_fd)
{
	char *const argv[] = {(char *)"nacelle-worker", NULL};
	char *const envp[] = {NULL};

	setsid();
	if (s->terminal >= 0 &&
	    (dup2(s->terminal, STDIN_FILENO) < 0 || dup2(s->terminal, STDOUT_FILENO) < 0 ||
	     ioctl(s->terminal, TIOCSCTTY, 0) < 0))
		return errno;
	if (block_fd == LAUNCH_FD)
		fcntl(block_fd, F_SETFD, 0);
	else if (dup2(block_fd, LAUNCH_FD) < 0)
		return errno;
	execve(s->program, argv, envp);
	return errno;
}

pid_t spawn_worker(const struct spawn *s, struct error *e)
{
	struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD};
	int fd = make_block(s->block, s->block_size, e);
	volatile int failure = 0; /* written by the child */
	long pid;

	if (fd < 0)
		return -1;
	if (s->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (u64)s->cgroup;
	}
	pid = clone_here(&args);
	if (pid == 0) {
		failure = become_worker(s, fd);
		_exit(125);
	}
	close(fd);
	if (pid < 0) {
		errno = (int)-pid;
		return error_errno(e, "cannot start a process");
	}
	if (!failure)
		return (pid_t)pid;
	waitpid((pid_t)pid, NULL, 0);
	errno = failure;
	return error_errno(e, "cannot execute %s", s->program);
}
