/* SPDX-License-Identifier: MIT */
/*
 * Who runs: one queue of runnable tasks for all VPs, first come first served, with a time slice only while
 * somebody waits. A VP without work halts on the kernel's own page tables.
 */
#include <uvm/kernel.h>
#include <uvm/pagecache.h>

#define SLICE_NS (6 * NSEC_PER_MSEC)
#define MSR_FS_BASE 0xc0000100
#define MSR_KERNEL_GS_BASE 0xc0000102
#define POINT_NS NSEC_PER_MSEC
#define LOAD_PERIOD (5 * NSEC_PER_SEC)

static struct list run_queue = LIST_INIT(run_queue);
static u32 waiting; /* on run_queue */
static u64 load[3];
static u64 load_next;

void switch_stacks(u64 *save_rsp, u64 load_rsp);

static bool may_run_on(const struct task *t, u32 cpu)
{
	return !t->affinity || t->affinity & 1ULL << cpu;
}

u32 tasks_running(void)
{
	u32 n = waiting;

	for (u32 i = 0; i < cpu_count; i++)
		n += cpu_get(i)->task != cpu_get(i)->idle_task;
	return n;
}

/* Exponential averages as Linux computes them, brought up to date when somebody looks or switches. */
static void load_update(void)
{
	static const u32 decay[3] = {60314, 64453, 65170}; /* exp(-5 s / 1, 5, 15 min) * 65536 */
	u64 now = time_monotonic();

	for (int n = 0; load_next && now >= load_next && n < 200; n++, load_next += LOAD_PERIOD)
		for (int i = 0; i < 3; i++)
			load[i] = (load[i] * decay[i] + (u64)tasks_running() * 65536 * (65536 - decay[i])) >>
				  16;
	if (now >= load_next)
		load_next = now + LOAD_PERIOD;
}

u64 sched_load(int which)
{
	load_update();
	return load[which];
}

static u64 slice_of(const struct task *t)
{
	s32 nice = t->process->nice;

	return nice <= 0 ? SLICE_NS + SLICE_NS * (u64)-nice / 5
			 : SLICE_NS * (u64)(20 - nice) / 20 + NSEC_PER_MSEC / 2;
}

/* Somebody waits: this VP's task may run for one slice more. */
static void slice_start(struct cpu *cpu)
{
	if (cpu->slice_end || cpu->task == cpu->idle_task)
		return;
	cpu->slice_end = time_monotonic() + slice_of(cpu->task);
	timer_hw_arm(cpu->slice_end);
}

/* Wakes idle VPs for waiting tasks, if possible those they ran on. True: somebody was found for all. */
static bool kick_idle(void)
{
	struct task *t;

	list_for_each(t, &run_queue, run)
	{
		struct cpu *best = NULL;

		if (cpu_get(t->cpu)->idle && may_run_on(t, t->cpu))
			best = cpu_get(t->cpu);
		for (u32 i = 0; !best && i < cpu_count; i++)
			if (cpu_get(i)->idle && may_run_on(t, i))
				best = cpu_get(i);
		if (!best)
			return false;
		best->idle = false;
		cpu_send_ipi(best->index, VECTOR_RESCHED);
	}
	return true;
}

static void enqueue(struct task *t)
{
	list_add_tail(&t->run, &run_queue);
	waiting++;
	this_cpu()->need_resched = 1; /* on the way to user mode: see who can take it */
}

void sched_wake(struct task *t)
{
	if (t->state != TASK_SLEEPING)
		return;
	t->state = TASK_RUNNING;
	if (t->on_cpu) /* it is only about to sleep; or it is us in wait_step */
		return;
	enqueue(t);
}

void sched_start(struct task *t)
{
	t->state = TASK_RUNNING;
	t->cpu = this_cpu()->index;
	enqueue(t);
}

void sched_poke(const struct task *t)
{
	if (t->on_cpu && t->cpu != this_cpu()->index)
		cpu_send_ipi(t->cpu, VECTOR_RESCHED);
}

/* A stopped task goes on. */
void sched_continue(struct task *t)
{
	if (t->state != TASK_STOPPED)
		return;
	t->state = TASK_SLEEPING;
	sched_wake(t);
}

static bool runnable_on(u32 cpu)
{
	struct task *t;

	list_for_each(t, &run_queue, run) if (may_run_on(t, cpu)) return true;
	return false;
}

static struct task *pick(struct cpu *cpu)
{
	struct task *t;

	list_for_each(t, &run_queue, run)
	{
		if (!may_run_on(t, cpu->index))
			continue;
		list_del(&t->run);
		waiting--;
		return t;
	}
	return NULL;
}

void sched_save_bases(struct task *t)
{
	if (!cpu_fsgsbase)
		return; /* then only arch_prctl changes them */
	__asm__ volatile("rdfsbase %0" : "=r"(t->fs_base));
	__asm__ volatile("swapgs\n\trdgsbase %0\n\tswapgs" : "=r"(t->gs_base));
}

void sched_load_bases(const struct task *t)
{
	if (cpu_fsgsbase) {
		__asm__ volatile("wrfsbase %0" ::"r"(t->fs_base));
		__asm__ volatile("swapgs\n\twrgsbase %0\n\tswapgs" ::"r"(t->gs_base));
	} else {
		wrmsr(MSR_FS_BASE, t->fs_base);
		wrmsr(MSR_KERNEL_GS_BASE, t->gs_base);
	}
}

/* What user mode owns in registers, of the current task into its struct. */
void sched_save_user(struct task *t)
{
	sched_save_bases(t);
	fpu_save(t->fpu);
}

static void switch_to(struct cpu *cpu, struct task *prev, struct task *next)
{
	u64 now = rdtsc();

	prev->stime += now - cpu->stamp;
	cpu->stamp = now;
	if (prev->fpu && prev->state != TASK_DEAD)
		sched_save_user(prev);
	prev->on_cpu = false;
	next->on_cpu = true;
	next->cpu = cpu->index;
	cpu->task = next;
	cpu->kernel_rsp = next->kernel_stack + KSTACK_SIZE;
	*(u64 *)cpu->tss_rsp0 = cpu->kernel_rsp;
	mm_switch(next->mm);
	if (next->fpu) {
		fpu_load(next->fpu);
		sched_load_bases(next);
	}
	if (prev->state == TASK_DEAD)
		cpu->dead = prev;
	cpu->need_resched = waiting || next->process->cpu_watch;
	switch_stacks(&prev->switch_rsp, next->switch_rsp);
	sched_finish_switch();
}

/* On the new task's stack: the previous one may be gone for good. */
void sched_finish_switch(void)
{
	struct cpu *cpu = this_cpu();
	struct task *dead = cpu->dead;

	if (dead) {
		cpu->dead = NULL;
		task_put(dead);
	}
}

void schedule(void)
{
	struct cpu *cpu = this_cpu();
	struct task *prev = cpu->task, *next;

	cpu->need_resched = 0;
	cpu->slice_end = 0;
	if (prev->state == TASK_RUNNING && prev != cpu->idle_task) {
		prev->involuntary++;
		enqueue(prev);
	}
	next = pick(cpu);
	if (!next)
		next = cpu->idle_task;
	if (next != prev)
		switch_to(cpu, prev, next);
}

/* Waking marks the waker's VP; it comes here before user mode. A waker that goes to sleep instead leaves its
 * VP to the woken task, and no other VP is disturbed. */
void sched_resched(void)
{
	struct cpu *cpu = this_cpu();

	cpu->need_resched = 0;
	if (cpu->task->process->cpu_watch)
		cputimer_check(cpu->task->process);
	if (!waiting) {
		cpu->slice_end = 0;
		if (cpu->task->process->cpu_watch)
			slice_start(cpu);
		return;
	}
	if (kick_idle())
		return;
	if (!cpu->slice_end) {
		slice_start(cpu);
		return;
	}
	if (time_monotonic() < cpu->slice_end)
		return;
	/* others that run alone should take their share of the queue */
	for (u32 i = 0; i < cpu_count; i++)
		if (cpu_get(i) != cpu && !cpu_get(i)->slice_end && cpu_get(i)->task != cpu_get(i)->idle_task)
			cpu_send_ipi(i, VECTOR_RESCHED);
	schedule();
}

void sched_yield(void)
{
	if (waiting)
		schedule();
}

void sched_point(void)
{
	struct cpu *cpu = this_cpu();
	u64 now = rdtsc();

	if (time_ticks_to_ns(now - cpu->stamp) < POINT_NS)
		return;
	cpu->task->stime += now - cpu->stamp;
	cpu->stamp = now;
	kernel_unlock();
	__asm__ volatile("sti\n\tnop\n\tcli" ::: "memory");
	kernel_lock();
	if (this_cpu()->need_resched)
		sched_resched();
}

void sched_idle(void)
{
	for (;;) {
		struct cpu *cpu = this_cpu();

		load_update();
		if (runnable_on(cpu->index)) {
			schedule();
			continue;
		}
		if (writeback_start())
			continue;
		kick_idle(); /* who waits may not run here */
		mm_switch(NULL);
		cpu->idle = true;
		kernel_unlock();
		__asm__ volatile("sti\n\thlt\n\tcli" ::: "memory");
		kernel_lock();
		cpu->idle = false;
	}
}
