/* SPDX-License-Identifier: MIT */
/*
 * Sending and collecting signals: pending sets, who is woken, stop and continue. What happens when a signal
 * is delivered is deliver.c's.
 */
#include <uvm/kernel.h>

#define STOP_SIGNALS (SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | SIGMASK(SIGTTOU))
#define IGNORED_BY_DEFAULT (SIGMASK(SIGCHLD) | SIGMASK(SIGCONT) | SIGMASK(SIGURG) | SIGMASK(SIGWINCH))
/* Faults of the running code come before anything asynchronous. */
#define SYNCHRONOUS                                                                                  \
	(SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | SIGMASK(SIGFPE) | \
	 SIGMASK(SIGSYS))
#define SA_NOCLDSTOP 1
#define QUEUE_MAX 32768UL /* where RLIMIT_SIGPENDING says more */

void sigpending_init(struct sigpending *s)
{
	*s = (struct sigpending){0};
	list_init(&s->queue);
}

static void drop(struct sigpending *s, struct sigqueue *q)
{
	list_del(&q->link);
	kfree(q);
	s->count--;
}

static void queue_remove(struct sigpending *s, sigset_t mask)
{
	struct sigqueue *q, *n;

	s->set &= ~mask;
	list_for_each_safe(q, n, &s->queue, link) if (mask & SIGMASK(q->info.signo)) drop(s, q);
}

void sigpending_flush(struct sigpending *s)
{
	queue_remove(s, ~0ULL);
}

bool signal_default_ignore(int sig)
{
	return IGNORED_BY_DEFAULT & SIGMASK(sig);
}

bool signal_pending(void)
{
	return current->signal_flag;
}

bool signal_pending_fatal(void)
{
	struct task *t = current;

	return t->process->exiting || t->exec_victim ||
	       (t->pending.set | t->process->pending.set) & SIGMASK(SIGKILL);
}

void signal_recalc(struct task *t)
{
	struct process *p = t->process;

	t->signal_flag = (t->pending.set | p->pending.set) & ~t->blocked || p->exiting || p->stopping ||
			 t->exec_victim;
}

void signal_set_mask(sigset_t mask)
{
	current->blocked = mask & ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	signal_recalc(current);
}

void sigmask_set_temporary(sigset_t mask)
{
	struct task *t = current;

	t->saved_mask = t->blocked;
	t->restore_mask = true;
	signal_set_mask(mask);
}

void sigmask_restore(void)
{
	if (!current->restore_mask)
		return;
	current->restore_mask = false;
	signal_set_mask(current->saved_mask);
}

bool signal_blocked(const struct task *t, int sig)
{
	return t->blocked & SIGMASK(sig);
}

static u64 handler_of(const struct process *p, int sig)
{
	return p->leader->sighand->action[sig - 1].handler;
}

bool signal_ignored(const struct process *p, int sig)
{
	u64 h = handler_of(p, sig);

	return h == SIG_IGN || (h == SIG_DFL && signal_default_ignore(sig));
}

/* Makes a thread look: out of sleeps that allow it, out of a stop only to die. */
static void kick(struct task *t, bool deadly)
{
	t->signal_flag = true;
	if (t->state == TASK_SLEEPING && (t->interruptible || (deadly && t->killable)))
		sched_wake(t);
	else if (t->state == TASK_STOPPED && deadly)
		sched_continue(t);
	else if (t->on_cpu && t != current)
		sched_poke(t);
}

void signal_kick_all(struct process *p, bool deadly)
{
	struct task *t;

	list_for_each(t, &p->threads, thread) kick(t, deadly);
}

static void resume(struct process *p)
{
	struct task *t;

	if (p->stopped) {
		p->continue_unreported = true;
		p->stop_unreported = false;
		if (p->parent)
			signal_child_event(p, CLD_CONTINUED, 0xffff);
	}
	p->stopping = false;
	p->stopped = false;
	p->stop_count = 0;
	list_for_each(t, &p->threads, thread)
	{
		if (t->state == TASK_STOPPED)
			sched_continue(t);
		signal_recalc(t);
	}
}

/* Stop signals and SIGCONT cancel each other, whatever handlers say. */
static void prepare(struct process *p, int sig)
{
	sigset_t gone = sig == SIGCONT ? STOP_SIGNALS : STOP_SIGNALS & SIGMASK(sig) ? SIGMASK(SIGCONT) : 0;
	struct task *t;

	if (gone) {
		queue_remove(&p->pending, gone);
		list_for_each(t, &p->threads, thread) queue_remove(&t->pending, gone);
	}
	if (sig == SIGCONT || sig == SIGKILL)
		resume(p);
}

/* Init is not killed by signals it has no handler for. */
static bool init_shielded(const struct process *p, int sig)
{
	return p == init_process && handler_of(p, sig) == SIG_DFL;
}

static bool dropped(const struct process *p, const struct task *t, int sig, bool forced)
{
	bool blocked = t ? t->blocked & SIGMASK(sig) || t->waiting_for & SIGMASK(sig) : false;

	if (forced)
		return false;
	if (init_shielded(p, sig) && !blocked)
		return true;
	return !blocked && signal_ignored(p, sig);
}

static bool wants(const struct task *t, int sig)
{
	return !(t->blocked & SIGMASK(sig)) || t->waiting_for & SIGMASK(sig);
}

/* The thread that takes a signal to the whole process: the leader if it can. */
static struct task *choose(struct process *p, int sig)
{
	struct task *t;

	if (current->process == p && wants(current, sig) && !current->exec_victim)
		return current;
	list_for_each(t, &p->threads, thread) if (wants(t, sig)) return t;
	return NULL;
}

static int enqueue(struct sigpending *s, const struct siginfo *info, u64 limit)
{
	bool realtime = info->signo >= SIGRTMIN;
	struct sigqueue *q;

	if (!realtime && s->set & SIGMASK(info->signo))
		return 0;
	if (realtime && s->count >= MIN(limit, QUEUE_MAX) && info->code != SI_USER)
		return -EAGAIN;
	s->set |= SIGMASK(info->signo);
	/* without room the signal arrives without its story */
	q = realtime && s->count >= MIN(limit, QUEUE_MAX) ? NULL : kmalloc(sizeof(*q));
	if (!q)
		return 0;
	q->info = *info;
	list_add_tail(&q->link, &s->queue);
	s->count++;
	return 0;
}

static int send(struct process *p, struct task *t, const struct siginfo *info, bool forced)
{
	int sig = info->signo;
	struct task *to = t;
	int ret;

	if (p->zombie || !p->thread_count)
		return 0;
	prepare(p, sig);
	if (!to)
		to = choose(p, sig);
	if (dropped(p, to ? to : p->leader, sig, forced))
		return 0;
	ret = enqueue(t ? &t->pending : &p->pending, info, p->rlimits[RLIMIT_SIGPENDING].cur);
	if (ret)
		return ret;
	wake_all(&p->signal_wait);
	if (sig == SIGKILL)
		signal_kick_all(p, true);
	else if (to && wants(to, sig))
		kick(to, false);
	return 0;
}

int signal_process_info(struct process *p, const struct siginfo *info)
{
	return send(p, NULL, info, false);
}

int signal_task_info(struct task *t, const struct siginfo *info)
{
	return send(t->process, t, info, false);
}

static struct siginfo kernel_info(int sig)
{
	return (struct siginfo){.signo = sig, .code = SI_KERNEL};
}

void signal_task(struct task *t, int sig)
{
	struct siginfo info = kernel_info(sig);

	send(t->process, t, &info, false);
}

void signal_process(struct process *p, int sig)
{
	struct siginfo info = kernel_info(sig);

	send(p, NULL, &info, false);
}

/* From outside the container: like a signal of an ancestor, only SIGKILL and SIGSTOP pass init's shield. */
void init_control_signal(int sig)
{
	struct siginfo info = {.signo = sig, .code = SI_USER};

	if (sig > 0 && sig <= NSIG && init_process)
		send(init_process, NULL, &info, sig == SIGKILL || sig == SIGSTOP);
}

void signal_force_kill(struct process *p)
{
	struct siginfo info = kernel_info(SIGKILL);

	send(p, NULL, &info, true);
}

/* A fault cannot be ignored or wait: with the signal blocked or ignored the process dies of it. */
void signal_fault(struct task *t, int sig, int code, u64 addr)
{
	struct siginfo info = {.signo = sig, .code = code, .addr = code == SI_KERNEL ? 0 : addr};
	struct sigaction *a = &t->sighand->action[sig - 1];

	if (a->handler == SIG_IGN || t->blocked & SIGMASK(sig)) {
		a->handler = SIG_DFL;
		t->blocked &= ~SIGMASK(sig);
	}
	if (a->handler == SIG_DFL)
		t->fatal_fault = true;
	send(t->process, t, &info, true);
}

int signal_pgrp(pid_t pgid, int sig)
{
	struct process *p;
	int ret = -ESRCH;

	list_for_each(p, &process_list, all) if (p->pgid == pgid && !p->zombie)
	{
		signal_process(p, sig);
		ret = 0;
	}
	return ret;
}

bool pgrp_orphaned(pid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_list, all)
	{
		if (p->pgid != pgid || p->zombie || !p->parent)
			continue;
		if (p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

static int lowest(sigset_t set)
{
	sigset_t first = set & SYNCHRONOUS ? set & SYNCHRONOUS : set;

	return __builtin_ctzll(first) + 1;
}

static int take(struct sigpending *s, sigset_t mask, struct siginfo *info)
{
	sigset_t set = s->set & mask;
	struct sigqueue *q, *n, *found = NULL;
	bool more = false;
	int sig;

	if (!set)
		return 0;
	sig = lowest(set);
	list_for_each_safe(q, n, &s->queue, link)
	{
		if (q->info.signo != sig)
			continue;
		if (found)
			more = true;
		else
			found = q;
	}
	if (!more)
		s->set &= ~SIGMASK(sig);
	*info = found ? found->info : (struct siginfo){.signo = sig};
	if (found)
		drop(s, found);
	return sig;
}

int signal_dequeue(struct task *t, sigset_t mask, struct siginfo *info)
{
	int sig = take(&t->pending, mask, info);

	if (!sig)
		sig = take(&t->process->pending, mask, info);
	signal_recalc(t);
	return sig;
}

sigset_t signal_pending_in(sigset_t mask)
{
	return (current->pending.set | current->process->pending.set) & mask;
}

bool signal_take(sigset_t mask, struct siginfo *info)
{
	return signal_dequeue(current, mask, info) != 0;
}

void signal_child_event(struct process *child, int code, int status)
{
	struct process *parent = child->parent;
	const struct sigaction *a = &parent->leader->sighand->action[SIGCHLD - 1];
	bool stop = code == CLD_STOPPED || code == CLD_CONTINUED;
	struct siginfo info = {.signo = stop ? SIGCHLD : child->exit_signal, .code = code};
	u64 u, s;

	process_times(child, &u, &s);
	info.pid = child->pid;
	info.uid = child->leader->cred.uid;
	info.status = code == CLD_EXITED      ? status >> 8 & 0xff
		      : code == CLD_STOPPED   ? child->stop_signal
		      : code == CLD_CONTINUED ? SIGCONT
					      : status & 0x7f;
	info.utime = (s64)(u / (NSEC_PER_SEC / 100));
	info.stime = (s64)(s / (NSEC_PER_SEC / 100));
	if (!stop || !(a->flags & SA_NOCLDSTOP))
		signal_process_info(parent, &info);
	wake_all(&parent->child_wait);
}

void signal_user_info(struct siginfo *info, int sig, int code)
{
	*info = (struct siginfo){.signo = sig, .code = code};
	info->pid = current->process->pid;
	info->uid = current->cred.uid;
}

int signal_permission(const struct process *p, int sig)
{
	const struct cred *me = &current->cred, *to = &p->leader->cred;

	if (me->euid == to->suid || me->euid == to->uid || me->uid == to->suid || me->uid == to->uid ||
	    capable(CAP_KILL))
		return 0;
	return sig == SIGCONT && p->sid == current->process->sid ? 0 : -EPERM;
}
