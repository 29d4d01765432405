/* SPDX-License-Identifier: MIT */
/*
 * Tasks and processes as objects: numbers, tables, references. How they come to life and end is fork.c's and
 * exit.c's.
 */
#include <uvm/kernel.h>

#define TID_MAX 32768
#define TID_FIRST_AGAIN 300 /* after the numbers have wrapped */
#define BUCKETS 64

struct list process_list = LIST_INIT(process_list);
struct process *init_process;

static struct list buckets[BUCKETS];
static pid_t last_tid;
static bool wrapped; /* numbers are given out again */
static u32 task_count;

static struct list *bucket(pid_t tid)
{
	struct list *b = &buckets[(u32)tid % BUCKETS];

	if (!b->next)
		list_init(b);
	return b;
}

struct task *task_find(pid_t tid)
{
	struct task *t;

	list_for_each(t, bucket(tid), all) if (t->tid == tid) return t;
	return NULL;
}

struct process *process_find(pid_t pid)
{
	struct task *t = task_find(pid);

	return t && t->process->pid == pid ? t->process : NULL;
}

bool pgrp_exists(pid_t pgid, pid_t sid)
{
	struct process *p;

	list_for_each(p, &process_list, all) if (p->pgid == pgid && p->sid == sid) return true;
	return false;
}

/* A number may still name a group or session after its process is gone. */
static bool tid_in_use(pid_t tid)
{
	struct process *p;

	if (!wrapped)
		return false;
	if (task_find(tid))
		return true;
	list_for_each(p, &process_list, all) if (p->pgid == tid || p->sid == tid) return true;
	return false;
}

static pid_t tid_next(void)
{
	pid_t tid = last_tid;

	for (int tries = 0; tries < TID_MAX; tries++) {
		if (++tid >= TID_MAX) {
			tid = TID_FIRST_AGAIN;
			wrapped = true;
		}
		if (!tid_in_use(tid)) {
			last_tid = tid;
			return tid;
		}
	}
	return 0;
}

pid_t pid_last(void)
{
	return last_tid;
}

int tasks_full(void)
{
	u32 limit = boot->pids_max ? boot->pids_max : TID_MAX - TID_FIRST_AGAIN;

	return task_count >= limit ? -EAGAIN : 0;
}

u32 process_count(void)
{
	return task_count;
}

struct task *task_alloc(void)
{
	struct task *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->tid = tid_next();
	t->fpu = t->tid ? fpu_new() : NULL;
	t->kernel_stack = t->fpu ? kstack_alloc() : 0;
	if (!t->kernel_stack) {
		kfree(t->fpu);
		kfree(t);
		return NULL;
	}
	t->refs = 2;
	list_init(&t->thread);
	list_init(&t->run);
	sigpending_init(&t->pending);
	waitq_init(&t->vfork_wait);
	list_add_tail(&t->all, bucket(t->tid));
	task_count++;
	return t;
}

static void task_destroy(struct task *t)
{
	sigpending_flush(&t->pending);
	if (t->sighand)
		sighand_put(t->sighand);
	groups_put(t->cred.groups);
	if (t->process)
		process_put(t->process);
	kstack_free(t->kernel_stack);
	kfree(t->fpu);
	kfree(t);
}

void task_free_unborn(struct task *t)
{
	task_unlist(t);
	t->refs = 0;
	task_destroy(t);
}

void task_unlist(struct task *t)
{
	if (list_empty(&t->all))
		return;
	list_del(&t->all);
	task_count--;
}

void task_take_tid(struct task *t, struct task *old)
{
	pid_t tid = old->tid;

	task_unlist(old);
	list_del(&t->all);
	t->tid = tid;
	list_add_tail(&t->all, bucket(tid));
}

void task_get(struct task *t)
{
	t->refs++;
}

void task_put(struct task *t)
{
	if (!--t->refs)
		task_destroy(t);
}

struct process *process_alloc(void)
{
	struct process *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->refs = 1;
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->all);
	list_init(&p->threads);
	list_init(&p->posix_timers);
	sigpending_init(&p->pending);
	waitq_init(&p->child_wait);
	waitq_init(&p->thread_wait);
	waitq_init(&p->signal_wait);
	itimer_init(p);
	p->start_time = time_monotonic();
	return p;
}

void process_unlist(struct process *p)
{
	list_del(&p->all);
	list_del(&p->sibling);
}

void process_put(struct process *p)
{
	if (--p->refs)
		return;
	while (waitq_active(&p->signal_wait)) /* signalfds that others go on polling */
		waitq_del(list_first(&p->signal_wait.waiters, struct waiter, link));
	sigpending_flush(&p->pending);
	kfree(p);
}

struct pt_regs *task_regs(struct task *t)
{
	return (struct pt_regs *)(t->kernel_stack + KSTACK_SIZE) - 1;
}

char task_state_char(const struct task *t)
{
	if (t->process->zombie)
		return 'Z';
	switch (t->state) {
	case TASK_RUNNING:
		return 'R';
	case TASK_SLEEPING:
		return t->interruptible ? 'S' : 'D';
	case TASK_STOPPED:
		return 'T';
	case TASK_DEAD:
		break;
	}
	return 'X';
}

void task_times(struct task *t, u64 *utime, u64 *stime)
{
	*utime = time_ticks_to_ns(t->utime);
	*stime = time_ticks_to_ns(t->stime);
}

void process_times(struct process *p, u64 *utime, u64 *stime)
{
	u64 u = p->used.utime, s = p->used.stime;
	struct task *t;

	list_for_each(t, &p->threads, thread)
	{
		u += t->utime;
		s += t->stime;
	}
	*utime = time_ticks_to_ns(u);
	*stime = time_ticks_to_ns(s);
}
