/* SPDX-License-Identifier: MIT */
/*
 * Signals: numbers, sending, and what the rest of the kernel asks about them. Delivery and frames are
 * proc/signal*.c's own business.
 */
#pragma once

#include <uvm/list.h>

enum { SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1 };
enum { SIGSEGV = 11, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP };
enum { SIGTSTP = 20, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH };
enum { SIGIO = 29, SIGPWR, SIGSYS, SIGRTMIN, NSIG = 64 };

typedef u64 sigset_t; /* bit n - 1 = signal n */
#define SIGMASK(n) (1ULL << ((n)-1))

enum { SI_USER = 0, SI_KERNEL = 128, SI_TIMER = -2, SI_SIGIO = -5, SI_TKILL = -6 };
enum { CLD_EXITED = 1, CLD_KILLED, CLD_DUMPED, CLD_TRAPPED, CLD_STOPPED, CLD_CONTINUED };

enum { SIG_DFL, SIG_IGN }; /* handlers that are none */

/* Linux's siginfo_t: 128 bytes, the part that is used. */
struct siginfo {
	s32 signo;
	s32 error;
	s32 code;
	s32 pad;
	union {
		struct {
			s32 pid;
			u32 uid;
			union {
				s32 status;
				u64 value;
			};
			s64 utime;
			s64 stime;
		};
		struct {
			s32 timer_id;
			s32 overrun;
			u64 timer_value;
		};
		u64 addr;
		struct {
			s64 band;
			s32 fd;
		};
		u8 raw[112];
	};
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo_t is 128 bytes");

struct sigpending {
	sigset_t set;
	struct list queue; /* struct sigqueue */
	u32 count;	   /* in it */
};

struct task;
struct process;

/* A signal from the kernel itself (SI_KERNEL), e.g. SIGPIPE to the writer, SIGINT from a terminal. */
void signal_task(struct task *t, int sig);
void signal_process(struct process *p, int sig);
/* To every process of a group; 0 or -ESRCH. */
int signal_pgrp(pid_t pgid, int sig);
/* The same with everything given; never sleeps. */
/* 0, or -EAGAIN: RLIMIT_SIGPENDING. */
int signal_task_info(struct task *t, const struct siginfo *info);
int signal_process_info(struct process *p, const struct siginfo *info);

/* A fault of this task's own code: SI_* or fault code and address; cannot be ignored or blocked. */
void signal_fault(struct task *t, int sig, int code, u64 addr);
/* On the way to user mode: act on what is pending. May not return (the task ends) or sleep (it stops). */
struct pt_regs;
void signal_deliver(struct pt_regs *regs);

/* Is there something that must interrupt a sleep of the current task? */
bool signal_pending(void);
bool signal_pending_fatal(void);
/* Does this process ignore or this task block the signal? For tty job control. */
bool signal_ignored(const struct process *p, int sig);
bool signal_blocked(const struct task *t, int sig);
/* Is the group without a member whose parent is in another group of the same session? */
bool pgrp_orphaned(pid_t pgid);

/* Temporarily another mask, as ppoll, pselect6, epoll_pwait and sigsuspend want: sets it now; the old one is
 * restored on the way to user mode, after handlers. Undo at once with sigmask_restore when no EINTR results.
 */
void sigmask_set_temporary(sigset_t mask);
void sigmask_restore(void);

/* signalfd: the pending set of the current task within mask; take one (false: none). */
sigset_t signal_pending_in(sigset_t mask);
bool signal_take(sigset_t mask, struct siginfo *info);
