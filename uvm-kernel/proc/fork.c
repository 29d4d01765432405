/* SPDX-License-Identifier: MIT */
/*
 * New tasks: threads and processes are one operation, the flags say what is shared.
 */
#include <uvm/fd.h>
#include <uvm/kernel.h>

void task_first_return(void);
void task_first_run(struct pt_regs *regs);

/* The new task's first steps, on its own stack. */
void task_first_run(struct pt_regs *regs)
{
	sched_finish_switch();
	if (current->set_child_tid)
		(void)put_user(current->tid, (pid_t __user *)current->set_child_tid);
	user_return(regs);
}

struct sighand *sighand_copy(const struct sighand *old, bool clear)
{
	struct sighand *s = kmemdup(old, sizeof(*s));

	if (!s)
		return NULL;
	s->refs = 1;
	for (int i = 0; clear && i < NSIG; i++)
		s->action[i] =
			(struct sigaction){.handler = s->action[i].handler == SIG_IGN ? SIG_IGN : SIG_DFL};
	return s;
}

void sighand_put(struct sighand *s)
{
	if (!--s->refs)
		kfree(s);
}

static void share_or_copy(struct task *t, struct task *parent, u64 flags)
{
	if (flags & CLONE_SIGHAND) {
		t->sighand = parent->sighand;
		t->sighand->refs++;
	} else {
		t->sighand = sighand_copy(parent->sighand, flags & CLONE_CLEAR_SIGHAND);
	}
	t->files = flags & CLONE_FILES ? files_get(parent->files) : files_copy(parent->files);
	t->fs = flags & CLONE_FS ? fs_context_get(parent->fs) : fs_context_copy(parent->fs);
	if (flags & CLONE_VM) {
		t->mm = parent->mm;
		mm_get(t->mm);
	} else {
		t->mm = mm_copy(parent->mm);
	}
}

/* Takes apart what nobody else has seen yet. */
static void undo(struct task *t)
{
	if (t->files)
		files_put(t->files);
	if (t->fs)
		fs_context_put(t->fs);
	if (t->mm)
		mm_put(t->mm);
	if (t->process == current->process)
		t->process = NULL;
	task_free_unborn(t);
}

/* A process of its own for t, child of the current one (or its sibling). */
static struct process *new_process(struct task *t, const struct clone_args *a)
{
	struct process *me = current->process;
	struct process *p = process_alloc();

	if (!p)
		return NULL;
	p->pid = t->tid;
	p->pgid = me->pgid;
	p->sid = me->sid;
	p->tty = me->tty;
	p->leader = t;
	p->exit_signal = a->exit_signal;
	p->oom_score_adj = me->oom_score_adj;
	p->nice = me->nice;
	p->dumpable = me->dumpable;
	p->thp_disabled = me->thp_disabled;
	memcpy(p->rlimits, me->rlimits, sizeof(p->rlimits));
	cputimer_update(p);
	return p;
}

static void process_list_up(struct process *p, u64 flags)
{
	struct process *me = current->process;

	p->parent = flags & CLONE_PARENT && me->parent ? me->parent : me;
	if (flags & CLONE_PARENT)
		p->exit_signal = me->exit_signal;
	list_add_tail(&p->sibling, &p->parent->children);
	list_add_tail(&p->all, &process_list);
}

/* The child resumes where the parent's system call returns, with 0. */
static void copy_registers(struct task *t, struct task *parent, const struct clone_args *a)
{
	struct pt_regs *regs = task_regs(t);
	u64 *sp = (u64 *)regs;

	*regs = *task_regs(parent);
	regs->rax = 0;
	regs->orig_rax = (u64)-1;
	if (a->stack)
		regs->rsp = a->stack;
	*--sp = (u64)task_first_return;
	sp -= 6; /* what switch_stacks pops */
	memset(sp, 0, 48);
	t->switch_rsp = (u64)sp;
	sched_save_user(parent);
	memcpy(t->fpu, parent->fpu, fpu_size());
	t->fs_base = a->flags & CLONE_SETTLS ? a->tls : parent->fs_base;
	t->gs_base = parent->gs_base;
}

static void copy_signal_state(struct task *t, const struct task *parent, u64 flags)
{
	t->blocked = parent->blocked;
	if (flags & CLONE_VM && !(flags & CLONE_VFORK))
		return; /* a thread starts without an alternate stack */
	t->altstack_sp = parent->altstack_sp;
	t->altstack_size = parent->altstack_size;
	t->altstack_flags = parent->altstack_flags;
}

static int check_flags(const struct clone_args *a)
{
	u64 f = a->flags;

	if ((f & CLONE_SIGHAND && !(f & CLONE_VM)) || (f & CLONE_THREAD && !(f & CLONE_SIGHAND)))
		return -EINVAL;
	if (f & CLONE_CLEAR_SIGHAND && f & CLONE_SIGHAND)
		return -EINVAL;
	if (f & CLONE_NAMESPACES)
		return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM; /* as a kernel built without them */
	if (f & CLONE_PIDFD && f & (CLONE_THREAD | CLONE_DETACHED))
		return -EINVAL;
	if (f & CLONE_PARENT && current->process == init_process)
		return -EINVAL;
	if (f & CLONE_SETTLS && a->tls >= USER_END)
		return -EPERM;
	return 0;
}

static u32 processes_of(uid_t uid)
{
	struct process *p;
	u32 n = 0;

	list_for_each(p, &process_list, all) if (!p->zombie && p->leader->cred.uid == uid) n +=
		p->thread_count;
	return n;
}

static int check_limits(void)
{
	u64 limit = rlimit(RLIMIT_NPROC);

	if (tasks_full())
		return -EAGAIN;
	if (limit != RLIM_INFINITY && current->cred.uid && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN) && processes_of(current->cred.uid) >= limit)
		return -EAGAIN;
	return 0;
}

void vfork_done(struct task *t)
{
	if (!t->vfork_parent)
		return;
	t->vfork_parent = NULL;
	t->vfork_done = true;
	wake_all(&t->vfork_wait);
}

/* The parent sleeps until the child has its own image or is gone; only death interrupts that. */
static void vfork_sleep(struct task *t)
{
	(void)wait_event_killable(&t->vfork_wait, t->vfork_done);
}

static struct task *build(const struct clone_args *a)
{
	struct task *parent = current;
	struct task *t = task_alloc();

	if (!t)
		return NULL;
	memcpy(t->name, parent->name, sizeof(t->name));
	t->cred = parent->cred;
	t->cred.groups->refs++;
	t->affinity = parent->affinity;
	t->timer_slack = parent->timer_slack;
	t->policy = sched_policy_of_child(parent);
	t->mem_policy = parent->mem_policy;
	share_or_copy(t, parent, a->flags);
	t->process = a->flags & CLONE_THREAD ? parent->process : new_process(t, a);
	if (!t->sighand || !t->files || !t->fs || !t->mm || !t->process) {
		undo(t);
		return NULL;
	}
	return t;
}

/* The parent's descriptor for the child: the last step that can fail. */
static int give_pidfd(struct task *t, u64 to)
{
	int error = 0, fd;
	struct file *f = pidfd_file(t->process, 0, &error);

	fd = (int)fd_give(f, true, error);
	if (fd >= 0 && put_user(fd, to)) {
		fd_close(fd);
		fd = -EFAULT;
	}
	return MIN(fd, 0);
}

long task_clone(const struct clone_args *a)
{
	struct task *t;
	pid_t tid;
	int ret = check_flags(a);

	if (!ret)
		ret = check_limits();
	if (ret)
		return ret;
	/* a signal that came before must not be seen by the child alone: take it first, then start over */
	if (signal_pending())
		return -ERESTARTNOINTR;
	t = build(a);
	if (!t)
		return -ENOMEM;
	ret = a->flags & CLONE_PIDFD ? give_pidfd(t, a->pidfd) : 0;
	if (ret) {
		undo(t);
		return ret;
	}
	copy_registers(t, current, a);
	copy_signal_state(t, current, a->flags);
	if (a->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = a->child_tid;
	if (a->flags & CLONE_CHILD_CLEARTID)
		t->clear_tid = a->child_tid;
	tid = t->tid;
	if (a->flags & CLONE_PARENT_SETTID)
		(void)put_user(tid, (pid_t __user *)a->parent_tid); /* as Linux: a bad address is no error */
	if (!(a->flags & CLONE_THREAD))
		process_list_up(t->process, a->flags);
	else
		t->process->refs++;
	list_add_tail(&t->thread, &t->process->threads);
	t->process->thread_count++;
	if (a->flags & CLONE_VFORK) {
		t->vfork_parent = current;
		task_get(t);
	}
	sched_start(t);
	if (a->flags & CLONE_VFORK) {
		vfork_sleep(t);
		t->vfork_parent = NULL;
		task_put(t);
	}
	return tid;
}
