/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and processes: what they held is given back, children find a new parent, the parent
 * hears of it. The end of init is the end of the machine.
 */
#include <uvm/kernel.h>

void task_leave_memory(struct task *t)
{
	futex_exit_robust(t);
	if (t->clear_tid && t->mm->refs > 1) {
		(void)put_user(0, (u32 __user *)t->clear_tid);
		futex_wake_user(t->clear_tid, 1);
	}
	t->clear_tid = 0;
	t->robust_list = 0;
}

static void leave_memory(struct task *t)
{
	struct process *p = t->process;
	struct mm *mm = t->mm;

	task_leave_memory(t);
	p->used.max_rss = MAX(p->used.max_rss, mm->hiwater_rss);
	t->mm = NULL;
	mm_switch(NULL);
	vfork_done(t);
	mm_put(mm);
}

static void leave_files(struct task *t)
{
	struct files *files = t->files;
	struct fs_context *fs = t->fs;

	t->files = NULL;
	t->fs = NULL;
	files_put(files);
	fs_context_put(fs);
}

void process_reap(struct process *p)
{
	struct task *leader = p->leader;

	process_unlist(p);
	task_unlist(leader);
	task_put(leader);
}

static bool parent_ignores(const struct process *parent)
{
	const struct sigaction *a = &parent->leader->sighand->action[SIGCHLD - 1];

	return a->handler == 1 || a->flags & 2; /* SIG_IGN, SA_NOCLDWAIT */
}

static int child_code(int status)
{
	if (!(status & 0x7f))
		return CLD_EXITED;
	return status & 0x80 ? CLD_DUMPED : CLD_KILLED;
}

/* Tells the parent of a new zombie; reaps it at once where the parent does not care. */
static void notify_parent(struct process *p)
{
	struct process *parent = p->parent;
	bool reap = p->exit_signal == SIGCHLD && parent_ignores(parent);

	if (p->exit_signal)
		signal_child_event(p, child_code(p->exit_status), p->exit_status);
	if (reap)
		process_reap(p);
	wake_all(&parent->child_wait);
}

static struct process *new_parent(struct process *p)
{
	for (struct process *a = p->parent; a; a = a->parent)
		if (a->subreaper && !a->zombie && a->thread_count)
			return a;
	return init_process;
}

static bool has_stopped(pid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_list, all) if (p->pgid == pgid && p->stopped) return true;
	return false;
}

/* p's tie to its parent is cut. Was it what kept the group from being orphaned? */
static void wake_orphans(const struct process *p, const struct process *parent)
{
	if (!parent || parent->pgid == p->pgid || parent->sid != p->sid)
		return;
	if (pgrp_orphaned(p->pgid) && has_stopped(p->pgid)) {
		signal_pgrp(p->pgid, SIGHUP);
		signal_pgrp(p->pgid, SIGCONT);
	}
}

static void give_children_away(struct process *p)
{
	struct process *heir = new_parent(p);
	struct process *c, *n;
	struct task *t;

	list_for_each_safe(c, n, &p->children, sibling)
	{
		list_move_tail(&c->sibling, &heir->children);
		c->parent = heir;
		c->exit_signal = SIGCHLD;
		list_for_each(t, &c->threads, thread) if (t->pdeath_signal) signal_task(t, t->pdeath_signal);
		wake_orphans(c, p);
		if (c->zombie)
			notify_parent(c);
	}
}

/* The whole machine was there for this process: nobody outlives it, or writes on while all of it goes out. */
static __noreturn void init_ends(struct process *p)
{
	struct process *other;

	list_for_each(other, &process_list, all) if (other != p) signal_process(other, SIGKILL);
	pr_info("init ended, wait status %#x", (u32)p->exit_status);
	console_flush();
	fs_sync_all();
	machine_exit((u32)p->exit_status);
}

static void process_end(struct process *p)
{
	interval_timer_cancel(&p->real_timer);
	posix_timers_drop(p);
	if (p == init_process)
		init_ends(p);
	if (p->sid == p->pid)
		tty_session_exit(p);
	p->tty = NULL;
	give_children_away(p);
	p->zombie = true;
	wake_orphans(p, p->parent);
	sigpending_flush(&p->pending);
	wake_all(&p->signal_wait);
	notify_parent(p);
}

void task_exit(int status)
{
	struct task *t = current;
	struct process *p = t->process;

	if (p == init_process && p->thread_count == 1) {
		p->exit_status = p->exiting ? p->exit_status : status;
		init_ends(p);
	}
	leave_memory(t);
	leave_files(t);
	if (!p->exiting && t == p->leader)
		p->exit_status = status;
	p->used.utime += t->utime;
	p->used.stime += t->stime;
	list_del(&t->thread);
	p->thread_count--;
	if (!p->thread_count)
		process_end(p);
	else
		signal_stop_check(p);
	wake_all(&p->thread_wait);
	if (t != p->leader) {
		task_unlist(t);
		task_put(t);
	}
	t->state = TASK_DEAD;
	schedule();
	panic("a dead task was chosen to run");
}

void process_exit(int status)
{
	struct process *p = current->process;

	if (p->exiting)
		return;
	p->exiting = true;
	p->exit_status = status;
	signal_kick_all(p, true);
}

void process_kill_others(void)
{
	struct task *me = current;
	struct process *p = me->process;
	struct task *t, *old = p->leader;

	list_for_each(t, &p->threads, thread) t->exec_victim = t != me;
	signal_kick_all(p, true);
	signal_recalc(me);
	wait_event(&p->thread_wait, p->thread_count == 1);
	if (old == me)
		return;
	task_take_tid(me, old);
	p->leader = me;
	task_put(old);
}
