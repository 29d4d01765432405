/* SPDX-License-Identifier: MIT */
/*
 * Interval timers: alarm, setitimer, and the timers of timer_create that send signals.
 */
#include <uvm/errno.h>
#include <uvm/page.h>
#include <uvm/proc.h>
#include <uvm/syscall.h>
#include <uvm/timer.h>
#include <uvm/uaccess.h>

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_BOOTTIME = 7 };
#define TIMER_ABSTIME 1
#define TIMERS_MAX 1024

struct itimerval {
	struct timeval interval, value;
};
struct itimerspec {
	struct timespec interval, value;
};

static void real_expired(struct timer *t)
{
	struct process *p = container_of(t, struct process, real_timer);

	signal_process(p, SIGALRM);
	if (p->real_interval)
		timer_set(t, MAX(t->deadline + p->real_interval, time_monotonic()));
}

static u64 remaining(const struct timer *t)
{
	u64 now = time_monotonic();

	if (!timer_active(t))
		return 0;
	return t->deadline > now ? t->deadline - now : 1;
}

static void real_set(struct process *p, u64 value, u64 interval)
{
	if (!p->real_timer.func)
		timer_init(&p->real_timer, real_expired);
	timer_cancel(&p->real_timer);
	p->real_interval = interval;
	if (value)
		timer_set(&p->real_timer, time_deadline(value));
}

static u64 real_left(const struct process *p)
{
	return p->real_timer.func ? remaining(&p->real_timer) : 0;
}

void itimer_cancel_all(struct process *p)
{
	if (p->real_timer.func)
		timer_cancel(&p->real_timer);
}

long sys_alarm(const struct sysargs *args)
{
	struct process *p = current->process;
	u64 left = real_left(p);

	real_set(p, ARG_UINT(0) * NSEC_PER_SEC, 0);
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

static struct timeval ns_timeval(u64 ns)
{
	return (struct timeval){(s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC / 1000)};
}

static struct itimerval real_state(const struct process *p)
{
	return (struct itimerval){ns_timeval(p->real_interval), ns_timeval(real_left(p))};
}

static struct cpu_itimer *cpu_timer(struct process *p, int which)
{
	return which == ITIMER_VIRTUAL ? &p->virt_timer : &p->prof_timer;
}

static struct itimerval cpu_state(struct process *p, const struct cpu_itimer *t)
{
	return (struct itimerval){ns_timeval(t->interval), ns_timeval(cputimer_left(p, t))};
}

long sys_getitimer(const struct sysargs *args)
{
	struct itimerval now = real_state(current->process);

	if (ARG_INT(0) < ITIMER_REAL || ARG_INT(0) > ITIMER_PROF)
		return -EINVAL;
	if (ARG_INT(0) != ITIMER_REAL)
		now = cpu_state(current->process, cpu_timer(current->process, ARG_INT(0)));
	return copy_to_user(ARG_PTR(1), &now, sizeof(now));
}

long sys_setitimer(const struct sysargs *args)
{
	struct process *p = current->process;
	struct itimerval old = real_state(p), fresh = {0};
	int which = ARG_INT(0);

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (ARG_U64(1) && copy_from_user(&fresh, ARG_PTR(1), sizeof(fresh)))
		return -EFAULT;
	if (!timeval_ok(&fresh.value) || !timeval_ok(&fresh.interval))
		return -EINVAL;
	if (which == ITIMER_REAL) {
		real_set(p, timeval_ns(&fresh.value), timeval_ns(&fresh.interval));
	} else {
		old = cpu_state(p, cpu_timer(p, which));
		cputimer_set(p, cpu_timer(p, which), timeval_ns(&fresh.value), timeval_ns(&fresh.interval));
	}
	return ARG_U64(2) ? copy_to_user(ARG_PTR(2), &old, sizeof(old)) : 0;
}

struct posix_timer {
	struct list link; /* in process->posix_timers */
	struct timer timer;
	struct process *process;
	pid_t tid; /* SIGEV_THREAD_ID, else 0 */
	int id;
	int clock;
	int signal; /* 0: SIGEV_NONE */
	u64 value;  /* sigval */
	u64 interval;
	u32 overrun;
};

struct sigevent {
	u64 value;
	s32 signo;
	s32 notify;
	s32 tid;
	s32 pad[11];
};

static bool still_pending(const struct posix_timer *pt, const struct task *t)
{
	sigset_t set = pt->process->pending.set | (t ? t->pending.set : 0);

	return set & SIGMASK(pt->signal);
}

static void posix_expired(struct timer *timer)
{
	struct posix_timer *pt = container_of(timer, struct posix_timer, timer);
	struct task *t = pt->tid ? task_find(pt->tid) : NULL;
	struct siginfo info = {.signo = pt->signal, .code = SI_TIMER};
	u64 now = time_monotonic();

	if (pt->interval) {
		u64 next = timer->deadline + pt->interval;

		if (next <= now) {
			pt->overrun += (u32)((now - next) / pt->interval + 1);
			next += ((now - next) / pt->interval + 1) * pt->interval;
		}
		timer_set(timer, next);
	}
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

static struct posix_timer *find(int id)
{
	struct posix_timer *pt;

	list_for_each(pt, &current->process->posix_timers, link) if (pt->id == id) return pt;
	return NULL;
}

static void drop(struct posix_timer *pt)
{
	timer_cancel(&pt->timer);
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

long sys_timer_create(const struct sysargs *args)
{
	struct process *p = current->process;
	int clock = ARG_INT(0);
	struct posix_timer *pt;
	int ret;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return clock < 0 || clock == 2 || clock == 3 ? -EOPNOTSUPP : -EINVAL;
	if (p->next_timer_id >= TIMERS_MAX * 1024)
		return -EAGAIN;
	pt = kzalloc(sizeof(*pt));
	if (!pt)
		return -EAGAIN;
	pt->id = p->next_timer_id;
	pt->process = p;
	pt->clock = clock;
	timer_init(&pt->timer, posix_expired);
	ret = fill_event(pt, ARG_U64(1));
	if (!ret)
		ret = put_user(pt->id, (s32 *)ARG_PTR(2));
	if (ret) {
		kfree(pt);
		return ret;
	}
	p->next_timer_id++;
	list_add_tail(&pt->link, &p->posix_timers);
	return 0;
}

static struct itimerspec posix_state(const struct posix_timer *pt)
{
	return (struct itimerspec){ns_to_timespec(pt->interval), ns_to_timespec(remaining(&pt->timer))};
}

long sys_timer_settime(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));
	struct itimerspec fresh, old;
	u64 value, now;

	if (copy_from_user(&fresh, ARG_PTR(2), sizeof(fresh)))
		return ARG_U64(2) ? -EFAULT : -EINVAL;
	if (!pt || !timespec_valid(&fresh.interval) || !timespec_valid(&fresh.value))
		return -EINVAL;
	old = posix_state(pt);
	timer_cancel(&pt->timer);
	value = timespec_to_ns(&fresh.value);
	pt->interval = timespec_to_ns(&fresh.interval);
	pt->overrun = 0;
	if (value && ARG_INT(1) & TIMER_ABSTIME) {
		now = pt->clock == CLOCK_REALTIME ? time_realtime() : time_monotonic();
		timer_set(&pt->timer, value > now ? time_deadline(value - now) : time_monotonic());
	} else if (value) {
		timer_set(&pt->timer, time_deadline(value));
	}
	return ARG_U64(3) ? copy_to_user(ARG_PTR(3), &old, sizeof(old)) : 0;
}

long sys_timer_gettime(const struct sysargs *args)
{
	struct posix_timer *pt = find(ARG_INT(0));
	struct itimerspec now;

	if (!pt)
		return -EINVAL;
	now = posix_state(pt);
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
