/* SPDX-License-Identifier: MIT */
/*
 * Signal calls: actions, masks, sending, waiting.
 */
#include <uvm/kernel.h>

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };
#define SA_KNOWN 0xdc000007UL /* NOCLDSTOP NOCLDWAIT SIGINFO RESTORER ONSTACK RESTART NODEFER RESETHAND */

static bool sigset_size_ok(u64 size)
{
	return size == sizeof(sigset_t);
}

/* What is pending and now ignored is thrown away. */
static void drop_ignored(int sig)
{
	struct process *p = current->process;
	struct siginfo info;
	struct task *t;

	if (!signal_ignored(p, sig))
		return;
	list_for_each(t, &p->threads, thread) while (signal_dequeue(t, SIGMASK(sig), &info));
}

long sys_rt_sigaction(const struct sysargs *args)
{
	int sig = ARG_INT(0);
	struct sigaction old, fresh;
	struct sigaction *a;

	if (!sigset_size_ok(ARG_U64(3)) || sig < 1 || sig > NSIG)
		return -EINVAL;
	if (ARG_U64(1) && copy_from_user(&fresh, ARG_PTR(1), sizeof(fresh)))
		return -EFAULT;
	if (ARG_U64(1) && (sig == SIGKILL || sig == SIGSTOP))
		return -EINVAL;
	a = &current->sighand->action[sig - 1];
	old = *a;
	if (ARG_U64(1)) {
		fresh.flags &= SA_KNOWN;
		fresh.mask &= ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
		*a = fresh;
		drop_ignored(sig);
	}
	return ARG_U64(2) ? copy_to_user(ARG_PTR(2), &old, sizeof(old)) : 0;
}

long sys_rt_sigprocmask(const struct sysargs *args)
{
	sigset_t old = current->blocked, set;

	if (!sigset_size_ok(ARG_U64(3)))
		return -EINVAL;
	if (ARG_U64(1)) {
		if (get_user(set, ARG_U64(1)))
			return -EFAULT;
		switch (ARG_INT(0)) {
		case SIG_BLOCK:
			set |= old;
			break;
		case SIG_UNBLOCK:
			set = old & ~set;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		signal_set_mask(set);
	}
	return ARG_U64(2) ? put_user(old, (sigset_t *)ARG_PTR(2)) : 0;
}

long sys_rt_sigpending(const struct sysargs *args)
{
	sigset_t set = signal_pending_in(current->blocked);

	if (ARG_U64(1) > sizeof(set))
		return -EINVAL;
	return copy_to_user(ARG_PTR(0), &set, ARG_U64(1));
}

static long sleep_for_signal(void)
{
	int ret;

	do
		ret = wait_step(WAIT_INTERRUPTIBLE, NO_DEADLINE);
	while (!ret);
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const struct sysargs *args)
{
	sigset_t set;

	if (!sigset_size_ok(ARG_U64(1)))
		return -EINVAL;
	if (get_user(set, ARG_U64(0)))
		return -EFAULT;
	sigmask_set_temporary(set);
	return sleep_for_signal();
}

long sys_pause(const struct sysargs *args __unused)
{
	return sleep_for_signal();
}

long sys_rt_sigtimedwait(const struct sysargs *args)
{
	struct task *t = current;
	u64 deadline = NO_DEADLINE;
	struct siginfo info;
	sigset_t set;
	int sig, ret;

	if (!sigset_size_ok(ARG_U64(3)))
		return -EINVAL;
	if (get_user(set, ARG_U64(0)))
		return -EFAULT;
	set &= ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	if (ARG_U64(2)) {
		ret = timespec_from_user(ARG_U64(2), &deadline);
		if (ret)
			return ret;
		deadline = time_deadline(deadline);
	}
	sig = signal_dequeue(t, set, &info);
	if (!sig) {
		sigset_t blocked = t->blocked;

		t->waiting_for = set & blocked;
		signal_set_mask(blocked & ~set); /* so that they wake this task */
		ret = wait_step(WAIT_INTERRUPTIBLE, deadline);
		while (!ret && !signal_pending_in(set))
			ret = wait_step(WAIT_INTERRUPTIBLE, deadline);
		t->waiting_for = 0;
		sig = signal_dequeue(t, set, &info);
		signal_set_mask(blocked);
		if (!sig)
			return ret == -ETIMEDOUT ? -EAGAIN : -EINTR;
	}
	if (ARG_U64(1) && copy_to_user(ARG_PTR(1), &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/* Signals one process if allowed; sig 0 only asks. */
static int kill_one(struct process *p, int sig, const struct siginfo *info)
{
	int ret = signal_permission(p, sig);

	return !ret && sig ? signal_process_info(p, info) : ret;
}

static long kill_many(pid_t pid, int sig, const struct siginfo *info)
{
	pid_t pgid = pid == 0 ? current->process->pgid : -pid;
	struct process *p, *n;
	int ret = -ESRCH;

	list_for_each_safe(p, n, &process_list, all)
	{
		int r;

		if (pid == -1 ? p == init_process || p == current->process : p->pgid != pgid)
			continue;
		r = kill_one(p, sig, info);
		if (ret == -ESRCH || !r)
			ret = r;
	}
	return ret;
}

long sys_kill(const struct sysargs *args)
{
	pid_t pid = ARG_INT(0);
	int sig = ARG_INT(1);
	struct siginfo info;
	struct process *p;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	signal_user_info(&info, sig, SI_USER);
	if (pid <= 0)
		return pid == -2147483647 - 1 ? -ESRCH : kill_many(pid, sig, &info);
	p = task_find(pid) ? task_find(pid)->process : NULL;
	return p ? kill_one(p, sig, &info) : -ESRCH;
}

static long kill_thread(pid_t pid, pid_t tid, const struct siginfo *info)
{
	struct task *t = task_find(tid);
	int sig = info->signo;
	int ret;

	if (sig < 0 || sig > NSIG || tid <= 0)
		return -EINVAL;
	if (!t || (pid && t->process->pid != pid))
		return -ESRCH;
	ret = signal_permission(t->process, sig);
	return !ret && sig ? signal_task_info(t, info) : ret;
}

long sys_tkill(const struct sysargs *args)
{
	struct siginfo info;

	signal_user_info(&info, ARG_INT(1), SI_TKILL);
	return kill_thread(0, ARG_INT(0), &info);
}

long sys_tgkill(const struct sysargs *args)
{
	struct siginfo info;

	if (ARG_INT(0) <= 0)
		return -EINVAL;
	signal_user_info(&info, ARG_INT(2), SI_TKILL);
	return kill_thread(ARG_INT(0), ARG_INT(1), &info);
}

int signal_info_from_user(struct siginfo *info, u64 addr, const struct process *to)
{
	if (copy_from_user(info, (void *)addr, sizeof(*info)))
		return -EFAULT;
	return (info->code >= 0 || info->code == SI_TKILL) && to != current->process ? -EPERM : 0;
}

long sys_rt_sigqueueinfo(const struct sysargs *args)
{
	struct process *p = process_find(ARG_INT(0));
	int sig = ARG_INT(1);
	struct siginfo info;
	int ret = signal_info_from_user(&info, ARG_U64(2), p);

	if (ret)
		return ret;
	info.signo = sig;
	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	return p ? kill_one(p, sig, &info) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(const struct sysargs *args)
{
	struct siginfo info;
	int ret = signal_info_from_user(&info, ARG_U64(3), process_find(ARG_INT(0)));

	if (ret)
		return ret;
	info.signo = ARG_INT(2);
	if (ARG_INT(0) <= 0)
		return -EINVAL;
	return kill_thread(ARG_INT(0), ARG_INT(1), &info);
}

long sys_restart_syscall(const struct sysargs *args __unused)
{
	struct task *t = current;
	long (*restart)(struct task *) = t->restart;

	t->restart = NULL;
	return restart ? restart(t) : -EINTR;
}
