/* SPDX-License-Identifier: MIT */
/*
 * Terminals and jobs: whose controlling terminal one is, which process group is in the foreground, what
 * happens when either side goes.
 */
#include "../fs/dirops.h"
#include "tty.h"

#include <uvm/ioctl.h>

int tty_check_change(struct tty *t, int sig)
{
	struct process *p = current->process;

	if (p->tty != t || !t->pgrp || p->pgid == t->pgrp)
		return 0;
	if (signal_blocked(current, sig) || signal_ignored(p, sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (pgrp_orphaned(p->pgid))
		return -EIO;
	signal_pgrp(p->pgid, sig);
	return -ERESTARTSYS;
}

static bool leads_session(const struct process *p)
{
	return p->sid == p->pid;
}

static void make_controlling(struct tty *t)
{
	struct process *p = current->process;

	t->session = p->sid;
	t->pgrp = p->pgid;
	p->tty = t;
}

static void nobodys(struct tty *t)
{
	struct process *p;

	t->session = t->pgrp = 0;
	list_for_each(p, &process_list, all) if (p->tty == t) p->tty = NULL;
}

void tty_opened_by_leader(struct tty *t, const struct file *f)
{
	struct process *p = current->process;

	if (!(f->open_flags & O_NOCTTY) && f->can_read && leads_session(p) && !p->tty && !t->session)
		make_controlling(t);
}

void tty_hangup(struct tty *t)
{
	struct process *p;

	t->hangups++;
	list_for_each(p, &process_list, all)
	{
		if (p->tty != t || !leads_session(p))
			continue;
		p->tty_old_pgrp = t->pgrp;
		signal_process(p, SIGHUP);
		signal_process(p, SIGCONT);
	}
	nobodys(t);
	wake_all(&t->slave);
	wake_all(&t->master);
}

void tty_session_exit(struct process *p)
{
	pid_t pgrp = p->tty ? p->tty->pgrp : p->tty_old_pgrp;

	if (pgrp)
		signal_pgrp(pgrp, SIGHUP);
	if (p->tty)
		nobodys(p->tty);
	else if (pgrp)
		signal_pgrp(pgrp, SIGCONT);
}

u32 tty_number(const struct process *p, pid_t *pgrp)
{
	*pgrp = p->tty ? p->tty->pgrp : -1;
	return p->tty ? dev_make(TTY_MAJOR, p->tty->index) : 0;
}

static long give_up(struct tty *t)
{
	struct process *p = current->process;
	pid_t pgrp = t->pgrp;

	if (p->tty != t)
		return -ENOTTY;
	p->tty = NULL;
	if (leads_session(p)) {
		nobodys(t);
		signal_pgrp(pgrp, SIGHUP);
		signal_pgrp(pgrp, SIGCONT);
	}
	return 0;
}

static long take(struct tty *t, struct file *f, u64 steal)
{
	struct process *p = current->process;

	if (leads_session(p) && t->session == p->sid)
		return 0;
	if (!leads_session(p) || p->tty)
		return -EPERM;
	if (t->session && !(steal == 1 && capable(CAP_SYS_ADMIN)))
		return -EPERM;
	if (!f->can_read && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	nobodys(t);
	make_controlling(t);
	return 0;
}

/* A member of the group, or the process that could still lead it. */
static struct process *member_of(pid_t pgrp)
{
	struct process *p;

	list_for_each(p, &process_list, all) if (p->pgid == pgrp) return p;
	return process_find(pgrp);
}

static long set_pgrp(struct tty *t, u64 arg)
{
	const struct process *me = current->process, *p;
	int error = tty_check_change(t, SIGTTOU);
	pid_t pgrp;

	if (error)
		return error == -EIO ? -ENOTTY : error;
	if (me->tty != t || t->session != me->sid)
		return -ENOTTY;
	if (get_user(pgrp, arg))
		return -EFAULT;
	if (pgrp < 0)
		return -EINVAL;
	p = member_of(pgrp);
	if (!p || p->sid != me->sid)
		return p ? -EPERM : -ESRCH;
	t->pgrp = pgrp;
	return 0;
}

long tty_job_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg)
{
	bool mine = f->ops != &tty_fops || current->process->tty == t;

	switch (cmd) {
	case TIOCSCTTY:
		return take(t, f, arg);
	case TIOCNOTTY:
		return give_up(t);
	case TIOCGPGRP:
		return mine ? put_user(t->pgrp, arg) : -ENOTTY;
	case TIOCSPGRP:
		return set_pgrp(t, arg);
	case TIOCGSID:
		return mine && t->session ? put_user(t->session, arg) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}
