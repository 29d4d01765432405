/* SPDX-License-Identifier: MIT */
/*
 * What depends on used processor time: ITIMER_VIRTUAL, ITIMER_PROF, timers of CPU clocks and RLIMIT_CPU. A
 * process that has any of them is watched: its time slices end even when nobody waits, and the sums are
 * compared then.
 */
#include <uvm/kernel.h>

static u64 used(struct process *p, bool with_kernel)
{
	u64 u, s;

	process_times(p, &u, &s);
	return with_kernel ? u + s : u;
}

static bool limited(const struct process *p)
{
	return p->rlimits[RLIMIT_CPU].cur != RLIM_INFINITY || p->rlimits[RLIMIT_CPU].max != RLIM_INFINITY;
}

static void watch(struct process *p, bool posix)
{
	p->cpu_watch = posix || p->virt_timer.expires || p->prof_timer.expires || limited(p);
}

void cputimer_update(struct process *p)
{
	watch(p, posix_cpu_check(p));
	if (p->cpu_watch)
		this_cpu()->need_resched = 1;
}

static void expire(struct process *p, struct cpu_itimer *t, u64 now, int sig)
{
	if (!t->expires || now < t->expires)
		return;
	t->expires = t->interval ? MAX(t->expires + t->interval, now + 1) : 0;
	signal_process(p, sig);
}

static void check_limit(struct process *p, u64 now)
{
	const struct rlimit *l = &p->rlimits[RLIMIT_CPU];
	u64 seconds = now / NSEC_PER_SEC;

	if (l->max != RLIM_INFINITY && seconds >= l->max) {
		signal_process(p, SIGKILL);
	} else if (l->cur != RLIM_INFINITY && seconds >= MAX(l->cur, p->cpu_warned + 1)) {
		p->cpu_warned = seconds;
		signal_process(p, SIGXCPU);
	}
}

void cputimer_check(struct process *p)
{
	u64 total = used(p, true);

	expire(p, &p->virt_timer, used(p, false), SIGVTALRM);
	expire(p, &p->prof_timer, total, SIGPROF);
	if (limited(p))
		check_limit(p, total);
	watch(p, posix_cpu_check(p));
}

u64 cputimer_left(struct process *p, const struct cpu_itimer *t)
{
	u64 now = used(p, t == &p->prof_timer);

	return !t->expires ? 0 : t->expires > now ? t->expires - now : 1;
}

void cputimer_set(struct process *p, struct cpu_itimer *t, u64 value, u64 interval)
{
	t->expires = value ? used(p, t == &p->prof_timer) + value : 0;
	t->interval = interval;
	cputimer_update(p);
}
