/* SPDX-License-Identifier: MIT */
/*
 * pidfd_open, pidfd_send_signal, pidfd_getfd: a process held by a descriptor, which never becomes another
 * one.
 */
#include "../fs/proc.h"

static u32 pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct process *p = f->private;

	poll_wait(f, &p->thread_wait, pt);
	if (!p->zombie)
		return 0;
	return POLLIN | POLLRDNORM | (process_reaped(p) ? POLLHUP : 0);
}

static void pidfd_release(struct file *f)
{
	process_put(f->private);
}

static void pidfd_show(struct file *f, struct text *t)
{
	const struct process *p = f->private;
	pid_t pid = process_reaped(p) ? -1 : p->pid;

	text_printf(t, "Pid:\t%d\nNSpid:\t%d\n", pid, pid);
}

static const struct file_ops pidfd_fops = {
	.poll = pidfd_poll,
	.release = pidfd_release,
	.fdinfo = pidfd_show,
	.stream = true,
};

struct file *pidfd_file(struct process *p, u32 o_nonblock, int *error)
{
	struct file *f = anon_file("[pidfd]", &pidfd_fops, O_RDWR | o_nonblock, p, error);

	if (f)
		p->refs++;
	return f;
}

struct process *pidfd_process(const struct file *f)
{
	return f && f->ops == &pidfd_fops ? f->private : NULL;
}

long sys_pidfd_open(const struct sysargs *args)
{
	struct task *t = task_find(ARG_INT(0));
	int error;

	if (ARG_UINT(1) & ~O_NONBLOCK || ARG_INT(0) <= 0)
		return -EINVAL;
	if (!t || t->tid != t->process->pid)
		return t ? -EINVAL : -ESRCH;
	return fd_give(pidfd_file(t->process, ARG_UINT(1), &error), true, error);
}

long sys_pidfd_send_signal(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));
	struct process *p = pidfd_process(f);
	struct siginfo info;
	int sig = ARG_INT(1);
	long ret;

	if (ARG_UINT(3))
		return -EINVAL;
	if (!p)
		return -EBADF;
	signal_user_info(&info, sig, SI_USER);
	ret = ARG_U64(2) ? signal_info_from_user(&info, ARG_U64(2), p) : 0;
	if (!ret && (sig < 0 || sig > NSIG || info.signo != sig))
		ret = -EINVAL;
	if (!ret)
		ret = process_reaped(p) ? -ESRCH : signal_permission(p, sig);
	return !ret && sig ? signal_process_info(p, &info) : ret;
}

long sys_pidfd_getfd(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));
	struct process *p = pidfd_process(f);

	if (ARG_UINT(2))
		return -EINVAL;
	if (!p)
		return -EBADF;
	if (process_reaped(p) || !p->leader->files)
		return -ESRCH;
	if (!proc_may_look(p->leader))
		return -EPERM;
	return fd_give(files_file(p->leader->files, ARG_INT(1), NULL), true, -EBADF);
}
