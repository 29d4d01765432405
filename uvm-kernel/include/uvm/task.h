/* SPDX-License-Identifier: MIT */
/*
 * Tasks (threads), processes (thread groups) and what hangs on them. A task runs; a process has a pid, a
 * parent, children, signal state and limits. Fields other parts may use are marked; the rest is proc/'s.
 */
#pragma once

#include <uvm/cpu.h>
#include <uvm/cred.h>
#include <uvm/signal.h>
#include <uvm/time.h>
#include <uvm/wait.h>

struct file;
struct files;
struct fs_context;
struct mm;
struct pt_regs;
struct tty;

#define TASK_NAME_LEN 16
#define TID_MAX 32768
#define RLIMIT_COUNT 16
enum { RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC };
enum { RLIMIT_NOFILE = 7, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING };
enum { RLIMIT_MSGQUEUE = 12, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME };
#define RLIM_INFINITY (~0ULL)

struct rlimit {
	u64 cur;
	u64 max;
};

struct sigaction {
	u64 handler;
	u64 flags;
	u64 restorer;
	sigset_t mask;
};

struct sighand {
	u32 refs;
	struct sigaction action[NSIG]; /* [signal - 1] */
};

enum task_state { TASK_RUNNING, TASK_SLEEPING, TASK_STOPPED, TASK_DEAD };

struct usage {
	u64 utime, stime; /* TSC ticks */
	u64 faults;
	u64 max_rss; /* pages */
};

struct process {
	pid_t pid; /* read by all */
	pid_t pgid;
	pid_t sid;
	u32 refs;
	struct process *parent; /* NULL for init */
	struct list children;	/* of struct process, by sibling */
	struct list sibling;
	struct list all;     /* on process_list */
	struct list threads; /* of struct task, by thread */
	u32 thread_count;
	struct task *leader;
	struct tty *tty;    /* controlling terminal: the tty code's to set */
	pid_t tty_old_pgrp; /* a session leader's terminal hung up while this was its foreground group */
	struct rlimit rlimits[RLIMIT_COUNT];
	u64 start_time; /* CLOCK_BOOTTIME ns */
	s32 oom_score_adj;
	s32 nice;
	bool zombie;
	bool did_exec;
	bool subreaper;
	bool dumpable;
	bool thp_disabled;
	struct usage used;   /* by threads that are gone; faults: by all; process_times converts */
	struct usage reaped; /* by those that were reaped, and theirs */

	/* proc/ only from here */
	int exit_status;			   /* wait status */
	int exit_signal;			   /* to the parent */
	bool exiting;				   /* all threads are told to go */
	bool stopping;				   /* all threads are told to stop */
	bool stopped;				   /* all have */
	bool stop_unreported, continue_unreported; /* for wait */
	int stop_signal;
	u32 stop_count;
	struct sigpending pending;
	struct waitq child_wait;
	struct waitq thread_wait;
	struct waitq signal_wait; /* signalfd hangs here */
	struct interval_timer real_timer;
	struct cpu_itimer {
		u64 expires; /* used time, ns; 0: not armed */
		u64 interval;
	} virt_timer, prof_timer;
	bool cpu_watch; /* used time matters: see cputimer.c */
	u64 cpu_warned; /* seconds at the last SIGXCPU */
	struct list posix_timers;
	int next_timer_id;
};

struct task {
	pid_t tid; /* read by all */
	struct process *process;
	struct mm *mm; /* NULL in idle and dead tasks */
	struct files *files;
	struct fs_context *fs;
	struct cred cred;
	char name[TASK_NAME_LEN];
	u64 utime, stime; /* TSC ticks; task_times converts */

	/* proc/ only from here */
	enum task_state state;
	bool interruptible; /* when sleeping: signals wake it */
	bool killable;
	bool on_cpu;
	bool signal_flag; /* look at signals before user mode */
	u32 trap_number;
	u64 trap_error, trap_cr2; /* of the last exception, for signal frames */
	u32 cpu;
	u32 refs;
	bool fatal_fault;   /* a fault nobody handles: kills even init */
	bool exec_victim;   /* an exec of another thread ends this one */
	struct list thread; /* in process->threads */
	struct list run;    /* on a run queue */
	struct list all;    /* in the tid table's bucket */
	u64 kernel_stack;   /* lowest address */
	u64 switch_rsp;
	void *fpu;
	u64 fs_base, gs_base;
	u64 affinity;
	u64 slice_end;
	struct sighand *sighand;
	struct sigpending pending;
	sigset_t blocked;
	sigset_t saved_mask;
	bool restore_mask;
	sigset_t waiting_for; /* sigtimedwait */
	u64 altstack_sp, altstack_size;
	u32 altstack_flags;
	long (*restart)(struct task *t); /* restart_syscall */
	u64 restart_arg[4];
	u64 clear_tid;
	u64 set_child_tid;
	u64 robust_list;
	int pdeath_signal;
	struct task *vfork_parent;
	bool vfork_done;
	struct waitq vfork_wait;
	u64 timer_slack;
	u32 policy;	/* sys/sched.c */
	u16 mem_policy; /* sys/mem_policy.c */
	u64 voluntary, involuntary;
	struct list *closing; /* net/scm.c: what is still to be closed */
};

extern struct list process_list; /* every process incl. zombies, oldest first */
extern struct process *init_process;

static inline struct task *current_task(void)
{
	struct task *t;

	/* the same wherever the task runs, so the compiler may keep it */
	__asm__("mov %%gs:8, %0" : "=r"(t));
	return t;
}
#define current current_task()

struct pt_regs *task_regs(struct task *t); /* its user registers, at the top of its kernel stack */
struct process *process_find(pid_t pid);   /* no reference; NULL; zombies too */
struct task *task_find(pid_t tid);
bool pgrp_exists(pid_t pgid, pid_t sid);
static inline u64 rlimit(int which)
{
	return current->process->rlimits[which].cur;
}
u32 process_count(void); /* processes and threads alive, for loadavg and sysinfo */
u32 tasks_running(void);
pid_t pid_last(void);
char task_state_char(const struct task *t); /* R S T Z as in /proc/pid/stat */
void task_times(struct task *t, u64 *utime, u64 *stime);
void process_times(struct process *p, u64 *utime, u64 *stime); /* threads alive and gone */
