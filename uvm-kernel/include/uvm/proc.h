/* SPDX-License-Identifier: MIT */
/*
 * What the files of proc/ share among themselves: births, deaths, image changes, signal internals.
 */
#pragma once

#include <uvm/cred.h>
#include <uvm/task.h>

#define CLONE_VM 0x00000100ULL
#define CLONE_FS 0x00000200ULL
#define CLONE_FILES 0x00000400ULL
#define CLONE_SIGHAND 0x00000800ULL
#define CLONE_PIDFD 0x00001000ULL
#define CLONE_VFORK 0x00004000ULL
#define CLONE_PARENT 0x00008000ULL
#define CLONE_THREAD 0x00010000ULL
#define CLONE_SETTLS 0x00080000ULL
#define CLONE_PARENT_SETTID 0x00100000ULL
#define CLONE_CHILD_CLEARTID 0x00200000ULL
#define CLONE_DETACHED 0x00400000ULL
#define CLONE_CHILD_SETTID 0x01000000ULL
#define CLONE_NAMESPACES 0x7e020000ULL /* NEWNS CGROUP UTS IPC USER PID NET */
#define CLONE_CLEAR_SIGHAND 0x100000000ULL

struct clone_args {
	u64 flags;
	u64 stack; /* top; 0: the parent's */
	u64 tls;
	u64 parent_tid, child_tid;
	u64 pidfd; /* where its number goes: CLONE_PIDFD */
	int exit_signal;
};

/* tids and processes (task.c) */
struct task *
task_alloc(void); /* tid, kernel stack and FPU image; refs = 2: runs, is listed. NULL: none left */
void task_free_unborn(struct task *t);
void task_unlist(struct task *t);
void task_take_tid(struct task *t, struct task *old); /* exec by a thread: it becomes the leader */
void task_get(struct task *t);
void task_put(struct task *t);
struct process *process_alloc(void);
void process_put(struct process *p);
void process_unlist(struct process *p);
static inline bool process_reaped(const struct process *p) /* only references are left */
{
	return list_empty(&p->all);
}
int tasks_full(void); /* 0 or -EAGAIN */

/* fork.c */
long task_clone(const struct clone_args *a);
void vfork_done(struct task *t); /* the child has let go of its parent's memory */

/* exit.c */
void process_reap(struct process *p);	/* a zombie's last traces */
__noreturn void task_exit(int status);	/* this thread; its process when it is the last */
void process_exit(int status);		/* all threads are told to go; the caller still runs */
void task_leave_memory(struct task *t); /* what others wait for on its memory's locks: before t->mm changes */
void process_kill_others(void);		/* exec: waits until the current thread is the only one */

/* signal.c */
struct sigqueue {
	struct list link;
	struct siginfo info;
};
void signal_recalc(struct task *t);
void sigpending_init(struct sigpending *s);
void sigpending_flush(struct sigpending *s);
int signal_dequeue(struct task *t, sigset_t mask, struct siginfo *info); /* 0: nothing */
void signal_child_event(struct process *child, int code, int status);
bool signal_default_ignore(int sig);
void signal_stop_check(struct process *p); /* a thread is gone: have all others stopped? */
void signal_kick_all(struct process *p,
		     bool deadly); /* every thread looks at signals soon, to die or to stop */
void signal_force_kill(struct process *p);
struct sighand *sighand_copy(const struct sighand *old, bool clear); /* clear: what is ignored stays so */
void sighand_put(struct sighand *s);
void signal_set_mask(sigset_t mask);
/* May the current task signal p? 0 or -EPERM. */
int signal_permission(const struct process *p, int sig);
void signal_user_info(struct siginfo *info, int sig, int code);
/* What another gave as a signal's story; only to itself may a process pretend that it came from the kernel.
 */
int signal_info_from_user(struct siginfo *info, u64 addr, const struct process *to);

/* sigframe.c: 0 or -EFAULT */
int sigframe_push(struct pt_regs *regs, const struct sigaction *a, const struct siginfo *info, sigset_t mask);
u32 sigframe_size_max(void);

/* exec.c */
int process_exec(int dirfd, char *path, int at_flags, u64 argv, u64 envp);
int process_exec_boot(void); /* init, from the boot block */

/* cputimer.c */
void cputimer_update(struct process *p); /* a limit has changed */
void cputimer_check(struct process *p);	 /* one of its tasks has run */
u64 cputimer_left(struct process *p, const struct cpu_itimer *t);
void cputimer_set(struct process *p, struct cpu_itimer *t, u64 value, u64 interval);

/* sys/time.c: whose time does a CPU clock count? *t, or all of *p when *t is NULL. 0 or -EINVAL. */
int cpu_clock_owner(int id, struct process **p, struct task **t);
u64 cpu_clock_now(struct process *p, struct task *t); /* ns */

/* sys/itimer.c */
bool posix_cpu_check(struct process *p); /* fires timers of CPU clocks; are any left? */
void itimer_init(struct process *p);
void posix_timers_drop(struct process *p);

/* oom.c: kills the process that uses most and lets it die. True: memory may be there now, try again. False:
 * the current task is the one that dies, its access must fail. May sleep. */
bool oom_kill(void);

/* sys/futex.c: wakes up to count waiters on a word of the current address space, shared or private. */
int futex_wake_user(u64 addr, int count);
/* The dying task's robust list: held locks are marked and a waiter is woken. Its memory is still there. */
void futex_exit_robust(struct task *t);
