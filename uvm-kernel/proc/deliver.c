/* SPDX-License-Identifier: MIT */
/*
 * Signals on the way to user mode: default actions, handlers, and what becomes of the system call they
 * interrupted.
 */
#include <uvm/kernel.h>
#include <uvm/strace.h>

#define SA_RESTART 0x10000000UL
#define SA_NODEFER 0x40000000UL
#define SA_RESETHAND 0x80000000UL
#define NR_RESTART_SYSCALL 219
#define SYSCALL_INSN_SIZE 2

static void stopped(struct process *p)
{
	p->stopped = true;
	p->stop_unreported = true;
	p->continue_unreported = false;
	if (p->parent)
		signal_child_event(p, CLD_STOPPED, 0);
}

void signal_stop_check(struct process *p)
{
	if (p->stopping && !p->stopped && p->stop_count == p->thread_count)
		stopped(p);
}

/* This thread stops until SIGCONT or death. */
static void stop_here(struct task *t)
{
	struct process *p = t->process;

	p->stop_count++;
	signal_stop_check(p);
	t->state = TASK_STOPPED;
	schedule();
}

static bool stops(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static void default_action(struct task *t, int sig)
{
	struct process *p = t->process;

	if (signal_default_ignore(sig))
		return;
	if (p == init_process && !t->fatal_fault && sig != SIGKILL && sig != SIGSTOP)
		return;
	if (stops(sig)) {
		if (sig != SIGSTOP && pgrp_orphaned(p->pgid))
			return;
		p->stopping = true;
		p->stopped = false;
		p->stop_count = 0;
		p->stop_signal = sig;
		signal_kick_all(p, false);
		return;
	}
	/* no core file is written; the wait status says so by leaving bit 7 clear */
	process_exit(sig);
}

static void syscall_done(struct pt_regs *regs)
{
	regs->orig_rax = (u64)-1;
}

static void syscall_again(struct pt_regs *regs, u64 nr)
{
	regs->rax = nr;
	regs->rip -= SYSCALL_INSN_SIZE;
	syscall_done(regs);
}

static bool was_interrupted(const struct pt_regs *regs)
{
	if (regs->orig_rax == (u64)-1)
		return false;
	switch (-(long)regs->rax) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return true;
	}
	return false;
}

/* A handler will run: does the interrupted call start over after it? */
static void restart_with_handler(struct pt_regs *regs, u64 flags)
{
	long code = -(long)regs->rax;

	if (!was_interrupted(regs))
		return;
	if (code == ERESTARTNOINTR || (code == ERESTARTSYS && flags & SA_RESTART)) {
		syscall_again(regs, regs->orig_rax);
	} else {
		regs->rax = (u64)-EINTR;
		syscall_done(regs);
	}
}

static void restart_without_handler(struct pt_regs *regs)
{
	if (was_interrupted(regs))
		syscall_again(regs, -(long)regs->rax == ERESTART_RESTARTBLOCK ? NR_RESTART_SYSCALL
									      : regs->orig_rax);
}

static void run_handler(struct task *t, struct pt_regs *regs, struct sigaction *a, const struct siginfo *info)
{
	struct sigaction now = *a;
	sigset_t mask = t->restore_mask ? t->saved_mask : t->blocked;
	sigset_t blocked = t->blocked | now.mask;

	restart_with_handler(regs, now.flags);
	if (now.flags & SA_RESETHAND)
		a->handler = SIG_DFL;
	if (sigframe_push(regs, &now, info, mask)) {
		t->sighand->action[SIGSEGV - 1].handler = SIG_DFL;
		t->fatal_fault = true;
		process_exit(SIGSEGV);
		return;
	}
	t->restore_mask = false;
	if (!(now.flags & SA_NODEFER))
		blocked |= SIGMASK(info->signo);
	signal_set_mask(blocked);
}

/* One signal; false when none is left. */
static bool deliver_one(struct task *t, struct pt_regs *regs)
{
	struct siginfo info;
	int sig = signal_dequeue(t, ~t->blocked, &info);
	struct sigaction *a;

	if (!sig)
		return false;
	if (unlikely(boot->strace))
		strace_signal(&info, regs->rip);
	a = &t->sighand->action[sig - 1];
	if (a->handler == SIG_DFL)
		default_action(t, sig);
	else if (a->handler != SIG_IGN)
		run_handler(t, regs, a, &info);
	return true;
}

void signal_deliver(struct pt_regs *regs)
{
	struct task *t = current;
	struct process *p = t->process;

	for (;;) {
		if (p->exiting)
			task_exit(p->exit_status);
		if (t->exec_victim)
			task_exit(0);
		if (p->stopping)
			stop_here(t);
		else if (!deliver_one(t, regs))
			break;
	}
	restart_without_handler(regs);
	syscall_done(regs);
	sigmask_restore();
	signal_recalc(t);
}
