/* SPDX-License-Identifier: MIT */
/*
 * Processes: births, images, ends, names of groups and sessions. Waiting is sys/wait.c's.
 */
#include <uvm/kernel.h>

#define PATH_MAX 4096

long sys_getpid(const struct sysargs *args __unused)
{
	return current->process->pid;
}

long sys_gettid(const struct sysargs *args __unused)
{
	return current->tid;
}

long sys_getppid(const struct sysargs *args __unused)
{
	return current->process->parent ? current->process->parent->pid : 0;
}

long sys_clone(const struct sysargs *args)
{
	struct clone_args a = {
		.flags = ARG_U64(0) & 0xffffff00,
		.exit_signal = ARG_INT(0) & 0xff,
		.stack = ARG_U64(1),
		.parent_tid = ARG_U64(2),
		.child_tid = ARG_U64(3),
		.tls = ARG_U64(4),
	};

	if (a.exit_signal > NSIG)
		return -EINVAL;
	if (a.flags & CLONE_PIDFD && a.flags & (CLONE_PARENT_SETTID | CLONE_DETACHED))
		return -EINVAL;
	a.pidfd = a.parent_tid;
	a.flags &= ~CLONE_DETACHED; /* long without meaning */
	return task_clone(&a);
}

struct clone3_args {
	u64 flags;
	u64 pidfd;
	u64 child_tid;
	u64 parent_tid;
	u64 exit_signal;
	u64 stack;
	u64 stack_size;
	u64 tls;
	u64 set_tid;
	u64 set_tid_size;
	u64 cgroup;
};

/* A struct from user mode that may be older (shorter) or newer (longer, then zero) than ours. */
static int copy_struct(void *dst, size_t size, u64 src, u64 user_size)
{
	u8 byte;

	memset(dst, 0, size);
	for (u64 i = size; i < user_size; i++) {
		if (get_user(byte, src + i))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return copy_from_user(dst, (void *)src, MIN(size, user_size));
}

long sys_clone3(const struct sysargs *args)
{
	struct clone3_args u;
	struct clone_args a;
	u64 size = ARG_U64(1);
	int ret;

	if (size < 64)
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	ret = copy_struct(&u, sizeof(u), ARG_U64(0), size);
	if (ret)
		return ret;
	if (u.flags & (0xffULL | CLONE_DETACHED) || u.exit_signal > NSIG || !u.stack != !u.stack_size)
		return -EINVAL;
	if (u.flags & (CLONE_THREAD | CLONE_PARENT) && u.exit_signal)
		return -EINVAL;
	if (u.set_tid_size || u.flags >> 33)
		return -EINVAL;
	a = (struct clone_args){
		.flags = u.flags,
		.stack = u.stack + u.stack_size,
		.tls = u.tls,
		.parent_tid = u.parent_tid,
		.child_tid = u.child_tid,
		.pidfd = u.pidfd,
		.exit_signal = (int)u.exit_signal,
	};
	return task_clone(&a);
}

long sys_execveat(const struct sysargs *args)
{
	char *path __drop_memory = kmalloc(PATH_MAX);
	ssize_t n = path ? strncpy_from_user(path, ARG_PTR(1), PATH_MAX) : -ENOMEM;

	return n < 0 ? n : process_exec(ARG_INT(0), path, ARG_INT(4), ARG_U64(2), ARG_U64(3));
}

long sys_exit(const struct sysargs *args)
{
	task_exit((ARG_INT(0) & 0xff) << 8);
}

long sys_exit_group(const struct sysargs *args)
{
	process_exit((ARG_INT(0) & 0xff) << 8);
	task_exit(current->process->exit_status);
}

static bool is_child(const struct process *p)
{
	return p->parent == current->process;
}

long sys_setpgid(const struct sysargs *args)
{
	pid_t pid = ARG_INT(0), pgid = ARG_INT(1);
	struct process *me = current->process;
	struct process *p = pid ? process_find(pid) : me;

	if (pgid < 0)
		return -EINVAL;
	if (!p || p->zombie || (p != me && !is_child(p)))
		return -ESRCH;
	if (p != me && p->did_exec)
		return -EACCES;
	if (p->sid == p->pid || p->sid != me->sid)
		return -EPERM;
	if (!pgid)
		pgid = p->pid;
	if (pgid != p->pid && !pgrp_exists(pgid, me->sid))
		return -EPERM;
	p->pgid = pgid;
	return 0;
}

long sys_group_of(const struct sysargs *args)
{
	struct process *p = ARG_INT(0) ? process_find(ARG_INT(0)) : current->process;

	return !p ? -ESRCH : ARG_UINT(1) ? p->sid : p->pgid;
}

long sys_setsid(const struct sysargs *args __unused)
{
	struct process *me = current->process, *p;

	list_for_each(p, &process_list, all) if (p->pgid == me->pid) return -EPERM;
	me->sid = me->pid;
	me->pgid = me->pid;
	me->tty = NULL;
	return me->pid;
}

long sys_set_tid_address(const struct sysargs *args)
{
	current->clear_tid = ARG_U64(0);
	return current->tid;
}
