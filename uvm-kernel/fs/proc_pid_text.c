/* SPDX-License-Identifier: MIT */
/*
 * What the files of /proc/PID say, except about memory (proc_pid_mem.c) and descriptors (proc_fd.c), and the
 * table of all of them.
 */
#include "proc.h"

#define TICK (NSEC_PER_SEC / 100) /* USER_HZ */

static const char *state_word(char c)
{
	static const char *const words[] = {"R (running)", "S (sleeping)", "D (disk sleep)",
					    "T (stopped)", "Z (zombie)",   "X (dead)"};
	u32 i = 0;

	while (i < ARRAY_SIZE(words) - 1 && words[i][0] != c)
		i++;
	return words[i];
}

static pid_t parent_pid(const struct process *p)
{
	return p->parent ? p->parent->pid : 0;
}

struct signal_sets {
	u64 pending, shared, blocked, ignored, caught;
};

static void signal_sets_of(struct task *t, struct signal_sets *s)
{
	*s = (struct signal_sets){t->pending.set, t->process->pending.set, t->blocked, 0, 0};
	for (u32 i = 0; t->sighand && i < NSIG; i++) {
		u64 handler = t->sighand->action[i].handler;

		if (handler == 1)
			s->ignored |= 1ULL << i;
		else if (handler)
			s->caught |= 1ULL << i;
	}
}

static void stat_times(struct text *t, struct task *task, bool whole)
{
	struct process *p = task->process;
	u64 u, s;

	if (whole)
		process_times(p, &u, &s);
	else
		task_times(task, &u, &s);
	text_printf(t, "%lu %lu %lu %lu ", u / TICK, s / TICK, time_ticks_to_ns(p->reaped.utime) / TICK,
		    time_ticks_to_ns(p->reaped.stime) / TICK);
}

/* Fields 23 to 28 and, later, 45 to 52: addresses are for those who may look. */
static void stat_memory(struct text *t, struct task *task)
{
	const struct mm *mm = task->mm;
	bool look = mm && proc_may_look(task);

	if (!mm) {
		text_printf(t, "0 0 %lu 0 0 0 0 0 ", task->process->rlimits[RLIMIT_RSS].cur);
		return;
	}
	text_printf(t, "%lu %lu %lu %lu %lu %lu 0 0 ", mm->total_pages * PAGE_SIZE, mm_resident(mm),
		    task->process->rlimits[RLIMIT_RSS].cur, look ? mm->layout.code_start : 1,
		    look ? mm->layout.code_end : 1, look ? mm->layout.stack_start : 0);
}

static void stat_tail(struct text *t, struct task *task)
{
	const struct mm *mm = task->mm;

	if (mm && proc_may_look(task))
		text_printf(t, "%lu %lu %lu %lu %lu %lu %lu ", mm->layout.data_start, mm->layout.data_end,
			    mm->layout.brk_start, mm->layout.arg_start, mm->layout.arg_end,
			    mm->layout.env_start, mm->layout.env_end);
	else
		text_printf(t, "0 0 0 0 0 0 0 ");
	text_printf(t, "%d\n", task->process->zombie && proc_may_look(task) ? task->process->exit_status : 0);
}

void proc_stat(struct text *t, struct task *task)
{
	struct process *p = task->process;
	struct signal_sets s;
	bool whole = task == p->leader;
	pid_t foreground;
	u32 tty;

	signal_sets_of(task, &s);
	tty = tty_number(p, &foreground);
	text_printf(t, "%d (%s) %c %d %d %d %u %d 0 ", task->tid, task->name, task_state_char(task),
		    parent_pid(p), p->pgid, p->sid, tty, foreground);
	text_printf(t, "%lu %lu 0 0 ", p->used.faults, p->reaped.faults);
	stat_times(t, task, whole);
	text_printf(t, "%d %d %u 0 %lu ", 20 + p->nice, p->nice, p->thread_count, p->start_time / TICK);
	stat_memory(t, task);
	text_printf(t, "%lu %lu %lu %lu 0 0 0 %d %u 0 0 0 0 0 ", s.pending & 0x7fffffff,
		    s.blocked & 0x7fffffff, s.ignored & 0x7fffffff, s.caught & 0x7fffffff,
		    whole ? p->exit_signal : -1, task->cpu);
	stat_tail(t, task);
}

static void status_ids(struct text *t, const struct cred *c)
{
	text_printf(t, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid, c->fsuid);
	text_printf(t, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid, c->fsgid);
}

static void status_groups(struct text *t, const struct cred *c)
{
	text_printf(t, "Groups:\t");
	for (u32 i = 0; i < c->groups->count; i++)
		text_printf(t, "%u ", c->groups->ids[i]);
	text_printf(t, "\n");
}

static void status_signals(struct text *t, struct task *task)
{
	struct signal_sets s;

	signal_sets_of(task, &s);
	text_printf(t,
		    "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		    s.pending, s.shared, s.blocked, s.ignored, s.caught);
}

static void status_caps(struct text *t, const struct cred *c)
{
	text_printf(t,
		    "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n",
		    c->cap_inheritable, c->cap_permitted, c->cap_effective, c->cap_bounding, c->cap_ambient);
	text_printf(t, "NoNewPrivs:\t%d\n", c->no_new_privs);
}

void proc_status(struct text *t, struct task *task)
{
	struct process *p = task->process;
	u64 cpus = cpu_count >= 64 ? ~0ULL : (1ULL << cpu_count) - 1;

	text_printf(t, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", task->name, task->fs ? task->fs->umask : 0,
		    state_word(task_state_char(task)));
	text_printf(t, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", p->pid, task->tid,
		    parent_pid(p));
	status_ids(t, &task->cred);
	text_printf(t, "FDSize:\t%u\n", task->files ? task->files->size : 0);
	status_groups(t, &task->cred);
	text_printf(t, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->pid, task->tid, p->pgid,
		    p->sid);
	if (task->mm)
		proc_mem_lines(t, task);
	text_printf(t, "Threads:\t%u\n", p->thread_count);
	status_signals(t, task);
	status_caps(t, &task->cred);
	text_printf(t, "Seccomp:\t0\nCpus_allowed:\t%lx\n", task->affinity ? task->affinity & cpus : cpus);
	text_printf(t, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n", task->voluntary,
		    task->involuntary);
}

static void show_comm(struct text *t, struct task *task)
{
	text_printf(t, "%s\n", task->name);
}

static int store_comm(struct task *task, const char *value)
{
	if (task->process != current->process)
		return -EINVAL;
	memset(task->name, 0, TASK_NAME_LEN);
	strlcpy(task->name, value, TASK_NAME_LEN);
	return 0;
}

static void show_cgroup(struct text *t, struct task *task __unused)
{
	text_printf(t, "0::/\n");
}

static void show_oom_score_adj(struct text *t, struct task *task)
{
	text_printf(t, "%d\n", task->process->oom_score_adj);
}

static int store_oom_score_adj(struct task *task, const char *value)
{
	bool negative = *value == '-';
	s32 n = (s32)parse_decimal(value + negative, 1000);

	if (n < 0)
		return -EINVAL;
	n = negative ? -n : n;
	if (n < task->process->oom_score_adj && !capable(CAP_SYS_RESOURCE))
		return -EACCES;
	task->process->oom_score_adj = n;
	return 0;
}

static void show_loginuid(struct text *t, struct task *task __unused)
{
	text_printf(t, "4294967295");
}

void proc_limits(struct text *t, struct task *task)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIMIT_COUNT] = {
		[RLIMIT_CPU] = {"Max cpu time", "seconds"},
		[RLIMIT_FSIZE] = {"Max file size", "bytes"},
		[RLIMIT_DATA] = {"Max data size", "bytes"},
		[RLIMIT_STACK] = {"Max stack size", "bytes"},
		[RLIMIT_CORE] = {"Max core file size", "bytes"},
		[RLIMIT_RSS] = {"Max resident set", "bytes"},
		[RLIMIT_NPROC] = {"Max processes", "processes"},
		[RLIMIT_NOFILE] = {"Max open files", "files"},
		[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
		[RLIMIT_AS] = {"Max address space", "bytes"},
		[RLIMIT_LOCKS] = {"Max file locks", "locks"},
		[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
		[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
		[RLIMIT_NICE] = {"Max nice priority", ""},
		[RLIMIT_RTPRIO] = {"Max realtime priority", ""},
		[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
	};
	char value[2][24];

	text_printf(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (u32 i = 0; i < RLIMIT_COUNT; i++) {
		u64 v[2] = {task->process->rlimits[i].cur, task->process->rlimits[i].max};

		for (u32 j = 0; j < 2; j++)
			if (v[j] == RLIM_INFINITY)
				strlcpy(value[j], "unlimited", sizeof(value[j]));
			else
				snprintf(value[j], sizeof(value[j]), "%lu", v[j]);
		text_printf(t, "%-25s %-20s %-20s %-10s\n", limits[i].name, value[0], value[1],
			    limits[i].unit);
	}
}

/* cwd and root */
static int link_dir(struct task *task, const struct proc_entry *e, struct path *out)
{
	if (!task->fs)
		return -ENOENT;
	*out = *e->name == 'r' ? task->fs->root : task->fs->cwd;
	path_get(out);
	return 0;
}

static int link_exe(struct task *task, const struct proc_entry *e __unused, struct path *out)
{
	if (!task->mm || !task->mm->exe)
		return -ENOENT;
	*out = task->mm->exe->path;
	path_get(out);
	return 0;
}

const struct proc_entry proc_entries[] = {
	{.name = "auxv", .mode = S_IFREG | 0400, .private = true, .show = proc_auxv},
	{.name = "cgroup", .mode = S_IFREG | 0444, .show = show_cgroup},
	{.name = "cmdline", .mode = S_IFREG | 0444, .show = proc_cmdline},
	{.name = "comm", .mode = S_IFREG | 0644, .show = show_comm, .store = store_comm},
	{.name = "cwd", .mode = S_IFLNK | 0777, .link = link_dir},
	{.name = "environ", .mode = S_IFREG | 0400, .private = true, .show = proc_environ},
	{.name = "exe", .mode = S_IFLNK | 0777, .link = link_exe},
	{.name = "fd", .mode = S_IFDIR | 0500, .dir = &proc_fd_ops, .dir_fops = &proc_fd_fops},
	{.name = "fdinfo", .mode = S_IFDIR | 0500, .dir = &proc_fdinfo_ops, .dir_fops = &proc_fd_fops},
	{.name = "limits", .mode = S_IFREG | 0444, .show = proc_limits},
	{.name = "loginuid", .mode = S_IFREG | 0444, .show = show_loginuid},
	{.name = "maps", .mode = S_IFREG | 0444, .private = true, .show = proc_maps},
	{.name = "mountinfo", .mode = S_IFREG | 0444, .show = proc_mountinfo},
	{.name = "mounts", .mode = S_IFREG | 0444, .show = proc_mounts},
	{.name = "ns", .mode = S_IFDIR | 0511},
	{.name = "ns/cgroup", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531835},
	{.name = "ns/ipc", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531839},
	{.name = "ns/mnt", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531841},
	{.name = "ns/net", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531840},
	{.name = "ns/pid", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531836},
	{.name = "ns/time", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531834},
	{.name = "ns/user", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531837},
	{.name = "ns/uts", .mode = S_IFLNK | 0777, .link = proc_link_ns, .number = 4026531838},
	{.name = "oom_score_adj",
	 .mode = S_IFREG | 0644,
	 .show = show_oom_score_adj,
	 .store = store_oom_score_adj},
	{.name = "root", .mode = S_IFLNK | 0777, .link = link_dir},
	{.name = "smaps", .mode = S_IFREG | 0444, .private = true, .show = proc_smaps},
	{.name = "stat", .mode = S_IFREG | 0444, .show = proc_stat},
	{.name = "statm", .mode = S_IFREG | 0444, .show = proc_statm},
	{.name = "status", .mode = S_IFREG | 0444, .show = proc_status},
	{.name = "task", .mode = S_IFDIR | 0555, .process_only = true},
};
const u32 proc_entry_count = ARRAY_SIZE(proc_entries);
