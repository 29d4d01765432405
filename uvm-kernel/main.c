/* SPDX-License-Identifier: MIT */
/*
 * Bring-up in order: the boot block, this VP's tables, memory, clock, tasks; then init's first program. The
 * other VPs join as soon as their idle tasks exist.
 */
#include <uvm/kernel.h>

const struct boot_block *boot;
extern u64 cpu_start_stack[CPUS_MAX];

__noreturn void kernel_main(const struct boot_block *b);
__noreturn void cpu_secondary_main(u32 index);
void cpu_load(u32 index);
void task_first_kernel(void);

static struct process idle_process;

/* A VP's idle task: no number, no memory, no process that anybody sees. */
static struct task *idle_create(u32 index)
{
	struct task *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->kernel_stack = kstack_alloc();
	if (!t->kernel_stack)
		return NULL;
	strlcpy(t->name, "idle", sizeof(t->name));
	t->process = &idle_process;
	t->cpu = index;
	t->on_cpu = true;
	t->refs = 1;
	list_init(&t->run);
	cpu_get(index)->idle_task = t;
	cpu_get(index)->task = t;
	cpu_get(index)->kernel_rsp = t->kernel_stack + KSTACK_SIZE;
	return t;
}

static void secondaries_start(void)
{
	for (u32 i = 1; i < boot->vp_count && i < CPUS_MAX; i++) {
		struct task *idle = cpu_prepare(i) ? idle_create(i) : NULL;

		if (!idle)
			panic("no memory for VP %u", i);
		cpu_count = i + 1;
		__atomic_store_n(&cpu_start_stack[i], idle->kernel_stack + KSTACK_SIZE, __ATOMIC_RELEASE);
	}
}

static void init_cred(struct cred *c)
{
	u32 n = boot->group_count;

	c->groups = groups_new(n);
	if (!c->groups)
		panic("no memory for credentials");
	memcpy(c->groups->ids, boot_string(boot->groups_offset), n * sizeof(gid_t));
	groups_sort(c->groups);
	c->uid = c->euid = c->suid = c->fsuid = boot->uid;
	c->gid = c->egid = c->sgid = c->fsgid = boot->gid;
	c->cap_effective = boot->cap_effective;
	c->cap_permitted = boot->cap_permitted;
	c->cap_inheritable = boot->cap_inheritable;
	c->cap_bounding = boot->cap_bounding;
	c->cap_ambient = boot->cap_ambient;
	c->no_new_privs = boot->no_new_privs;
}

/* OCI runtimes give "exec format error" and "not found" statuses of their own; a shell's are the custom. */
static __noreturn void init_failed(const char *what, int error)
{
	pr_err("init: %s: error %d", what, -error);
	machine_exit((error == -ENOENT ? 127U : 126U) << 8);
}

/* As the init task, on its own stack. */
static void init_main(void *unused __unused)
{
	int ret;

	sched_finish_switch();
	ret = fs_boot();
	if (ret)
		init_failed("mounts", ret);
	ret = process_exec_boot();
	if (ret)
		init_failed(boot_string(boot->argv_offset), ret);
	outl(NACELLE_PORT_READY, 0);
	enter_user(task_regs(current));
}

static void init_create(void)
{
	struct task *t = task_alloc();
	struct process *p = process_alloc();
	u64 *sp;

	if (!t || !p)
		panic("no memory for init");
	t->process = p;
	t->sighand = kzalloc(sizeof(*t->sighand));
	if (!t->sighand)
		panic("no memory for init");
	t->sighand->refs = 1;
	init_cred(&t->cred);
	strlcpy(t->name, "init", sizeof(t->name));
	p->pid = p->pgid = p->sid = t->tid;
	p->leader = t;
	p->exit_signal = SIGCHLD;
	p->oom_score_adj = boot->oom_score_adj;
	for (int i = 0; i < RLIMIT_COUNT; i++)
		p->rlimits[i] = (struct rlimit){boot->rlimits[i].cur, boot->rlimits[i].max};
	cputimer_update(p);
	list_add_tail(&t->thread, &p->threads);
	p->thread_count = 1;
	list_add_tail(&p->all, &process_list);
	init_process = p;
	sp = (u64 *)task_regs(t);
	*--sp = (u64)task_first_kernel;
	*--sp = 0;		/* rbp: argument */
	*--sp = (u64)init_main; /* rbx */
	sp -= 4;
	memset(sp, 0, 32);
	t->switch_rsp = (u64)sp;
	sched_start(t);
}

void kernel_main(const struct boot_block *b)
{
	const char *bad = boot_block_check(b, BOOT_BLOCK_SIZE_MAX);

	if (bad) {
		/* no log to tell it in: the value of the port is all there is */
		outl(NACELLE_PORT_PANIC, 2);
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	boot = b;
	clock_init();
	cpu_init_boot();
	page_init();
	kstack_init();
	fault_init();
	random_init(b->seed);
	fpu_init();
	uts_init();
	this_cpu()->stamp = rdtsc();
	if (!idle_create(0))
		panic("no memory for VP 0");
	timer_hw_init();
	kernel_lock();
	secondaries_start();
	init_create();
	cpu_run_idle(cpu_get(0)->kernel_rsp);
}

void cpu_secondary_main(u32 index)
{
	cpu_load(index);
	timer_hw_init();
	this_cpu()->stamp = rdtsc();
	kernel_lock();
	sched_idle();
}
