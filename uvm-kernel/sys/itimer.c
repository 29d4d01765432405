/* SPDX-License-Identifier: MIT */
/*
 * Interval timers: alarm, setitimer, and the timers of timer_create that send signals.
 */
#include <uvm/kernel.h>

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };
#define TIMER_ABSTIME 1
#define TIMERS_MAX 32768UL /* where RLIMIT_SIGPENDING says more */

struct itimerval {
	struct timeval interval, value;
};

static void real_expired(struct interval_timer *t)
{
	interval_timer_forward(t);
	signal_process(container_of(t, struct process, real_timer), SIGALRM);
}

void itimer_init(struct process *p)
{
	interval_timer_init(&p->real_timer, CLOCK_MONOTONIC, real_expired);
}

long sys_alarm(const struct sysargs *args)
{
	struct interval_timer *t = &current->process->real_timer;
	u64 left = interval_timer_left(t);

	interval_timer_set(t, ARG_UINT(0) * NSEC_PER_SEC, 0, false);
	return (long)((left + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
}

static bool timeval_ok(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && tv->tv_usec >= 0 && tv->tv_usec < 1000000;
}

static u64 timeval_ns(const struct timeval *tv)
{
	return (u64)MIN(tv->tv_sec, 1L << 33) * NSEC_PER_SEC + (u64)tv->tv_usec * 1000;
}

static struct cpu_itimer *cpu_timer(struct process *p, int which)
{
	return which == ITIMER_VIRTUAL ? &p->virt_timer : &p->prof_timer;
}

static struct itimerval state_of(struct process *p, int which)
{
	bool real = which == ITIMER_REAL;
	u64 interval = real ? p->real_timer.interval : cpu_timer(p, which)->interval;

	return (struct itimerval){ns_to_timeval(interval),
				  ns_to_timeval(real ? interval_timer_left(&p->real_timer)
						     : cputimer_left(p, cpu_timer(p, which)))};
}

long sys_getitimer(const struct sysargs *args)
{
	struct itimerval now;

	if (ARG_UINT(0) > ITIMER_PROF)
		return -EINVAL;
	now = state_of(current->process, ARG_INT(0));
	return copy_to_user(ARG_PTR(1), &now, sizeof(now));
}

long sys_setitimer(const struct sysargs *args)
{
	struct process *p = current->process;
	struct itimerval old, fresh = {0};
	int which = ARG_INT(0);
	u64 value, interval;

	if ((u32)which > ITIMER_PROF)
		return -EINVAL;
	if (ARG_U64(1) && copy_from_user(&fresh, ARG_PTR(1), sizeof(fresh)))
		return -EFAULT;
	if (!timeval_ok(&fresh.value) || !timeval_ok(&fresh.interval))
		return -EINVAL;
	old = state_of(p, which);
	value = timeval_ns(&fresh.value);
	interval = timeval_ns(&fresh.interval);
	if (which == ITIMER_REAL)
		interval_timer_set(&p->real_timer, value, interval, false);
	else
		cputimer_set(p, cpu_timer(p, which), value, interval);
	return ARG_U64(2) ? copy_to_user(ARG_PTR(2), &old, sizeof(old)) : 0;
}

struct posix_timer {
	struct list link; /* in process->posix_timers */
	struct interval_timer timer;
	struct process *process;
	bool on_cpu_clock; /* cpu counts, not timer */
	pid_t clock_tid;   /* whose; 0: all of the process */
	struct cpu_itimer cpu;
	pid_t tid; /* SIGEV_THREAD_ID, else 0 */
	int id;
	int signal; /* 0: SIGEV_NONE */
	u64 value;  /* sigval */
	u32 overrun;
};

struct sigevent {
	u64 value;
	s32 signo, notify, tid, pad[11];
};

static bool still_pending(const struct posix_timer *pt, const struct task *t)
{
	sigset_t set = pt->process->pending.set | (t ? t->pending.set : 0);

	return set & SIGMASK(pt->signal);
}

static void notify(struct posix_timer *pt, u64 times)
{
	struct task *t = pt->tid ? task_find(pt->tid) : NULL;
	struct siginfo info = {.signo = pt->signal, .code = SI_TIMER};

	pt->overrun += (u32)times - 1;
	if (!pt->signal)
		return;
	if (still_pending(pt, t)) {
		pt->overrun++;
		return;
	}
	info.timer_id = pt->id;
	info.overrun = (s32)pt->overrun;
	info.timer_value = pt->value;
	if (t && t->process == pt->process)
		signal_task_info(t, &info);
	else if (!pt->tid)
		signal_process_info(pt->process, &info);
}

static void posix_expired(struct interval_timer *timer)
{
	notify(container_of(timer, struct posix_timer, timer), interval_timer_forward(timer));
}

static u64 cpu_now(const struct posix_timer *pt)
{
	struct task *t = pt->clock_tid ? task_find(pt->clock_tid) : NULL;

	if (pt->clock_tid && (!t || t->process != pt->process))
		return 0; /* the thread is gone: its clock stands */
	return cpu_clock_now(pt->process, t);
}

bool posix_cpu_check(struct process *p)
{
	struct posix_timer *pt;
	bool armed = false;

	list_for_each(pt, &p->posix_timers, link)
	{
		struct cpu_itimer *c = &pt->cpu;
		u64 now = c->expires ? cpu_now(pt) : 0, times = 1;

		if (c->expires && now >= c->expires) {
			times += c->interval ? (now - c->expires) / c->interval : 0;
			c->expires = c->interval ? c->expires + times * c->interval : 0;
			notify(pt, times);
		}
		armed |= c->expires;
	}
	return armed;
}

static struct posix_timer *find(int id)
{
	struct posix_timer *pt;

	list_for_each(pt, &current->process->posix_timers, link) if (pt->id == id) return pt;
	return NULL;
}

static void drop(struct posix_timer *pt)
{
	interval_timer_cancel(&pt->timer);
	list_del(&pt->link);
	kfree(pt);
}

void posix_timers_drop(struct process *p)
{
	while (!list_empty(&p->posix_timers))
		drop(list_first(&p->posix_timers, struct posix_timer, link));
}

static int fill_event(struct posix_timer *pt, u64 user)
{
	struct sigevent ev = {.value = (u64)pt->id, .signo = SIGALRM, .notify = SIGEV_SIGNAL};
	struct task *t;

	if (user && copy_from_user(&ev, (void *)user, sizeof(ev)))
		return -EFAULT;
	if (ev.notify == SIGEV_NONE)
		return 0;
	if (ev.signo < 1 || ev.signo > NSIG)
		return -EINVAL;
	if (ev.notify == SIGEV_THREAD_ID) {
		t = task_find(ev.tid);
		if (!t || t->process != current->process)
			return -EINVAL;
		pt->tid = ev.tid;
	} else if (ev.notify != SIGEV_SIGNAL && ev.notify != SIGEV_THREAD) {
		return -EINVAL;
	}
	pt->signal = ev.signo;
	pt->value = ev.value;
	return 0;
}

static int choose_clock(struct posix_timer *pt, int clock)
{
	struct task *t = NULL;
	struct process *p;
	int ret = 0;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
		ret = cpu_clock_owner(clock, &p, &t);
		if (!ret && p != pt->process)
			ret = -EINVAL;
		pt->on_cpu_clock = true;
		pt->clock_tid = t ? t->tid : 0;
	}
	interval_timer_init(&pt->timer, clock, posix_expired);
	return ret;
}

/* The next number that is free; false: the process has as many timers as it may. */
static bool choose_id(struct process *p, int *id)
{
	struct posix_timer *pt;
	u64 count = 0;

	list_for_each(pt, &p->posix_timers, link) count++;
	if (count >= MIN(p->rlimits[RLIMIT_SIGPENDING].cur, TIMERS_MAX))
		return false;
	do {
		*id = p->next_timer_id;
		p->next_timer_id = (p->next_timer_id + 1) & INT32_MAX;
	} while (find(*id));
	return true;
}

long sys_timer_create(const struct sysargs *args)
{
	struct process *p = current->process;
	struct posix_timer *pt = kzalloc(sizeof(*pt));
	int ret;

	if (!pt)
		return -EAGAIN;
	pt->process = p;
	ret = choose_clock(pt, ARG_INT(0));
	if (!ret && !choose_id(p, &pt->id))
		ret = -EAGAIN;
	if (!ret)
		ret = fill_event(pt, ARG_U64(1));
	if (!ret)
		ret = put_user(pt->id, (s32 *)ARG_PTR(2));
	if (ret)
		kfree(pt);
	else
		list_add_tail(&pt->link, &p->posix_timers);
	return ret;
}

static struct itimerspec state(const struct posix_timer *pt)
{
	u64 now, left;

	if (!pt->on_cpu_clock)
		return interval_timer_state(&pt->timer);
	now = cpu_now(pt);
	left = !pt->cpu.expires ? 0 : pt->cpu.expires > now ? pt->cpu.expires - now : 1;
	return (struct itimerspec){ns_to_timespec(pt->cpu.interval), ns_to_timespec(left)};
}

static void set(struct posix_timer *pt, u64 value, u64 interval, bool absolute)
{
	pt->overrun = 0;
	if (!pt->on_cpu_clock) {
		interval_timer_set(&pt->timer, value, interval, absolute);
		return;
	}
	pt->cpu = (struct cpu_itimer){value ? value + (absolute ? 0 : cpu_now(pt)) : 0, interval};
	cputimer_update(pt->process);
}

long sys_timer_settime(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));
	struct itimerspec fresh, old;
	int error = ARG_U64(2) ? itimerspec_from_user(&fresh, ARG_U64(2)) : -EINVAL;

	if (error || !pt)
		return error ? error : -EINVAL;
	old = state(pt);
	set(pt, timespec_to_ns(&fresh.value), timespec_to_ns(&fresh.interval), ARG_INT(1) & TIMER_ABSTIME);
	return ARG_U64(3) ? copy_to_user(ARG_PTR(3), &old, sizeof(old)) : 0;
}

long sys_timer_gettime(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));
	struct itimerspec now;

	if (!pt)
		return -EINVAL;
	now = state(pt);
	return copy_to_user(ARG_PTR(1), &now, sizeof(now));
}

long sys_timer_getoverrun(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));

	return pt ? (long)pt->overrun : -EINVAL;
}

long sys_timer_delete(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));

	if (!pt)
		return -EINVAL;
	drop(pt);
	return 0;
}
