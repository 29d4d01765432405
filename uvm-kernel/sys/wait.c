/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: wait4 and waitid, and what they tell.
 */
#include "../fs/fs.h"

#include <uvm/rusage.h>

enum { WNOHANG = 1, WUNTRACED = 2, WSTOPPED = 2, WEXITED = 4, WCONTINUED = 8, WNOWAIT = 0x1000000 };
#define WNOTHREAD 0x20000000U
#define WALL 0x40000000U
#define WCLONE 0x80000000U

enum { P_ALL, P_PID, P_PGID, P_PIDFD };

struct wait {
	int type;
	pid_t id;
	const struct process *process; /* P_PIDFD */
	bool nonblock;
	u32 options;
	/* found */
	pid_t pid;
	uid_t uid;
	int code, status; /* CLD_*, wait status */
	struct rusage usage;
};

static bool matches(const struct wait *w, const struct process *p)
{
	if (w->type == P_PID && p->pid != w->id)
		return false;
	if (w->type == P_PGID && p->pgid != w->id)
		return false;
	if (w->type == P_PIDFD && p != w->process)
		return false;
	return w->options & WALL || (p->exit_signal == SIGCHLD) == !(w->options & WCLONE);
}

static void found(struct wait *w, struct process *p, int code, int status)
{
	w->pid = p->pid;
	w->uid = p->leader->cred.uid;
	w->code = code;
	w->status = status;
	rusage_of_process(p, &w->usage);
}

static void take_zombie(struct wait *w, struct process *p)
{
	struct process *me = current->process;
	int s = p->exit_status;

	found(w, p, !(s & 0x7f) ? CLD_EXITED : s & 0x80 ? CLD_DUMPED : CLD_KILLED, s);
	if (w->options & WNOWAIT)
		return;
	usage_add(&me->reaped, &p->used);
	usage_add(&me->reaped, &p->reaped);
	process_reap(p);
}

/* Does this child have news of the kind asked for? */
static bool consider(struct wait *w, struct process *p)
{
	bool keep = w->options & WNOWAIT;

	if (p->zombie) {
		if (w->options & WEXITED)
			take_zombie(w, p);
		return w->options & WEXITED;
	}
	if (p->stopped && p->stop_unreported && w->options & WSTOPPED) {
		p->stop_unreported = keep;
		found(w, p, CLD_STOPPED, p->stop_signal << 8 | 0x7f);
		return true;
	}
	if (p->continue_unreported && w->options & WCONTINUED) {
		p->continue_unreported = keep;
		found(w, p, CLD_CONTINUED, 0xffff);
		return true;
	}
	return false;
}

/* 1: found; 0: nothing yet; -ECHILD. */
static int scan(struct wait *w)
{
	struct process *p, *n;
	int ret = -ECHILD;

	list_for_each_safe(p, n, &current->process->children, sibling)
	{
		if (!matches(w, p))
			continue;
		ret = 0;
		if (consider(w, p))
			return 1;
	}
	return ret;
}

static int do_wait(struct wait *w)
{
	struct waiter self;
	int ret;

	waiter_init(&self);
	waitq_add(&current->process->child_wait, &self);
	for (;;) {
		ret = scan(w);
		if (ret || w->options & WNOHANG)
			break;
		if (w->nonblock) {
			ret = -EAGAIN;
			break;
		}
		ret = wait_step(WAIT_INTERRUPTIBLE, NO_DEADLINE);
		if (ret)
			break;
	}
	waitq_del(&self);
	return ret;
}

long sys_wait4(const struct sysargs *args)
{
	pid_t pid = ARG_INT(0);
	u32 options = ARG_UINT(2);
	struct wait w = {.options = options | WEXITED};
	int ret;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WCLONE | WALL))
		return -EINVAL;
	if (pid == -2147483647 - 1)
		return -ESRCH;
	w.type = pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
	w.id = pid > 0 ? pid : pid == 0 ? current->process->pgid : -pid;
	ret = do_wait(&w);
	if (ret <= 0)
		return ret;
	if (ARG_U64(1) && put_user(w.status, (s32 *)ARG_PTR(1)))
		return -EFAULT;
	if (ARG_U64(3) && copy_to_user(ARG_PTR(3), &w.usage, sizeof(w.usage)))
		return -EFAULT;
	return w.pid;
}

static int info_status(const struct wait *w)
{
	if (w->code == CLD_EXITED)
		return w->status >> 8 & 0xff;
	if (w->code == CLD_STOPPED)
		return w->status >> 8;
	return w->code == CLD_CONTINUED ? SIGCONT : w->status & 0x7f;
}

long sys_waitid(const struct sysargs *args)
{
	struct wait w = {.type = ARG_INT(0), .id = ARG_INT(1), .options = ARG_UINT(3)};
	struct file *f __drop_file = NULL;
	struct siginfo info = {0};
	int ret;

	if (w.options & ~(WNOHANG | WSTOPPED | WEXITED | WCONTINUED | WNOWAIT | WNOTHREAD | WCLONE | WALL) ||
	    !(w.options & (WSTOPPED | WEXITED | WCONTINUED)) || w.type < P_ALL || w.type > P_PIDFD)
		return -EINVAL;
	if ((w.type == P_PID && w.id <= 0) || (w.type >= P_PGID && w.id < 0))
		return -EINVAL;
	if (w.type == P_PIDFD) {
		f = fd_file(w.id);
		w.process = pidfd_process(f);
		if (!w.process)
			return -EBADF;
		w.nonblock = f->flags & O_NONBLOCK;
	}
	if (w.type == P_PGID && !w.id)
		w.id = current->process->pgid;
	ret = do_wait(&w);
	if (ret < 0)
		return ret;
	if (ret) {
		info.signo = SIGCHLD;
		info.code = w.code;
		info.pid = w.pid;
		info.uid = w.uid;
		info.status = info_status(&w);
	}
	/* only the fields that have meaning: callers may hand in less than a whole siginfo */
	if (ARG_U64(2) && copy_to_user(ARG_PTR(2), &info, 28))
		return -EFAULT;
	if (ret && ARG_U64(4) && copy_to_user(ARG_PTR(4), &w.usage, sizeof(w.usage)))
		return -EFAULT;
	return 0;
}
