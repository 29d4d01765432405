/* SPDX-License-Identifier: MIT */
/*
 * Reading and setting clocks, and sleeping by them.
 */
#include <uvm/kernel.h>

#define TIMER_ABSTIME 1

/* The running task's share of the current stretch is not in its sums yet. */
static u64 running(const struct task *t)
{
	return t == current ? rdtsc() - this_cpu()->stamp : 0;
}

u64 cpu_clock_now(struct process *p, struct task *t)
{
	u64 ticks = p->used.utime + p->used.stime;

	if (t)
		return time_ticks_to_ns(t->utime + t->stime + running(t));
	list_for_each(t, &p->threads, thread) ticks += t->utime + t->stime + running(t);
	return time_ticks_to_ns(ticks);
}

/* Negative ids name the CPU clock of a process or thread: ~id << 3 | per-thread << 2 | kind. */
int cpu_clock_owner(int id, struct process **p, struct task **t)
{
	bool own = id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID;
	pid_t pid = own ? 0 : ~(id >> 3);

	if (!own && (id >= 0 || (id & 3) == 3))
		return -EINVAL;
	*t = NULL;
	if (own ? id == CLOCK_THREAD_CPUTIME_ID : id & 4) {
		*t = pid ? task_find(pid) : current;
		*p = current->process;
		return *t && (*t)->process == *p ? 0 : -EINVAL;
	}
	*p = pid ? process_find(pid) : current->process;
	return *p ? 0 : -EINVAL;
}

static int read_clock(int id, u64 *ns)
{
	struct process *p;
	struct task *t;
	int ret;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*ns = time_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = time_monotonic();
		return 0;
	}
	ret = cpu_clock_owner(id, &p, &t);
	if (!ret)
		*ns = cpu_clock_now(p, t);
	return ret;
}

long sys_clock_gettime(const struct sysargs *args)
{
	struct timespec ts;
	u64 ns;
	int ret = read_clock(ARG_INT(0), &ns);

	if (ret)
		return ret;
	ts = ns_to_timespec(ns);
	return copy_to_user(ARG_PTR(1), &ts, sizeof(ts));
}

long sys_clock_getres(const struct sysargs *args)
{
	struct timespec ts = {0, 1};
	int id = ARG_INT(0);
	u64 ns;
	int ret = read_clock(id, &ns);

	if (ret)
		return ret;
	if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
		ts.tv_nsec = 4000000;
	return ARG_U64(1) ? copy_to_user(ARG_PTR(1), &ts, sizeof(ts)) : 0;
}

static long set_clock(u64 ns)
{
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	interval_timers_clock_set((s64)(ns - time_realtime()));
	time_set_realtime(ns);
	return 0;
}

long sys_clock_settime(const struct sysargs *args)
{
	u64 ns;
	int ret = ARG_INT(0) == CLOCK_REALTIME ? timespec_from_user(ARG_U64(1), &ns) : -EINVAL;

	return ret ? ret : set_clock(ns);
}

long sys_gettimeofday(const struct sysargs *args)
{
	struct timeval tv = ns_to_timeval(time_realtime());
	s32 zone[2] = {0, 0};

	if (ARG_U64(0) && copy_to_user(ARG_PTR(0), &tv, sizeof(tv)))
		return -EFAULT;
	return ARG_U64(1) ? copy_to_user(ARG_PTR(1), zone, sizeof(zone)) : 0;
}

long sys_settimeofday(const struct sysargs *args)
{
	struct timeval tv;

	if (!ARG_U64(0))
		return capable(CAP_SYS_TIME) ? 0 : -EPERM;
	if (copy_from_user(&tv, ARG_PTR(0), sizeof(tv)))
		return -EFAULT;
	if (tv.tv_sec < 0 || tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EINVAL;
	return set_clock((u64)tv.tv_sec * NSEC_PER_SEC + (u64)tv.tv_usec * 1000);
}

long sys_time(const struct sysargs *args)
{
	s64 now = (s64)(time_realtime() / NSEC_PER_SEC);

	if (ARG_U64(0) && put_user(now, (s64 *)ARG_PTR(0)))
		return -EFAULT;
	return now;
}

static long sleep_until(u64 deadline)
{
	int ret;

	do
		ret = wait_step(WAIT_INTERRUPTIBLE, deadline);
	while (!ret);
	return ret == -ETIMEDOUT ? 0 : ret;
}

static int put_rest(u64 user, u64 deadline)
{
	struct timespec ts = ns_to_timespec(time_left(deadline));

	return user ? copy_to_user((void *)user, &ts, sizeof(ts)) : 0;
}

static long sleep_restart(struct task *t);

static long sleep_relative(u64 deadline, u64 rest)
{
	struct task *t = current;

	if (!sleep_until(deadline))
		return 0;
	if (put_rest(rest, deadline))
		return -EFAULT;
	t->restart = sleep_restart;
	t->restart_arg[0] = deadline;
	t->restart_arg[1] = rest;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_restart(struct task *t)
{
	return sleep_relative(t->restart_arg[0], t->restart_arg[1]);
}

static bool sleepable(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
	       clock == CLOCK_TAI;
}

long sys_clock_nanosleep(const struct sysargs *args)
{
	int clock = ARG_INT(0), flags = ARG_INT(1);
	u64 ns, now;
	int ret;

	if (!sleepable(clock)) /* CPU-time clocks cannot be slept on here */
		return read_clock(clock, &ns) ? -EINVAL : -EOPNOTSUPP;
	ret = timespec_from_user(ARG_U64(2), &ns);
	if (ret)
		return ret;
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(time_deadline(ns), ARG_U64(3));
	if (clock == CLOCK_REALTIME || clock == CLOCK_TAI) {
		now = time_realtime();
		ns = ns > now ? time_deadline(ns - now) : 0;
	}
	return sleep_until(ns) ? -ERESTARTNOHAND : 0;
}
