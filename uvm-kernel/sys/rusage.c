/* SPDX-License-Identifier: MIT */
/*
 * Used time and memory: getrusage, times, resource limits, priorities.
 */
#include <uvm/kernel.h>
#include <uvm/rusage.h>

enum { RUSAGE_SELF = 0, RUSAGE_CHILDREN = -1, RUSAGE_THREAD = 1 };
#define CLOCK_TICK_NS (NSEC_PER_SEC / 100)
#define NOFILE_LIMIT (1UL << 20)

void usage_add(struct usage *to, const struct usage *u)
{
	to->utime += u->utime;
	to->stime += u->stime;
	to->faults += u->faults;
	to->max_rss = MAX(to->max_rss, u->max_rss);
}

static struct rusage to_rusage(const struct usage *u)
{
	return (struct rusage){.utime = ns_to_timeval(time_ticks_to_ns(u->utime)),
			       .stime = ns_to_timeval(time_ticks_to_ns(u->stime)),
			       .maxrss = (s64)u->max_rss * 4,
			       .minflt = (s64)u->faults};
}

/* Of all its threads, and with what `more` used. */
static struct rusage of_process(struct process *p, const struct usage *more)
{
	struct usage all = p->used;
	struct rusage r;
	struct task *t;

	list_for_each(t, &p->threads, thread)
		usage_add(&all, &(struct usage){t->utime, t->stime, 0, t->mm ? t->mm->hiwater_rss : 0});
	usage_add(&all, more);
	r = to_rusage(&all);
	list_for_each(t, &p->threads, thread)
	{
		r.nvcsw += (s64)t->voluntary;
		r.nivcsw += (s64)t->involuntary;
	}
	return r;
}

void rusage_of_process(struct process *p, struct rusage *r)
{
	*r = of_process(p, &p->reaped);
}

long sys_getrusage(const struct sysargs *args)
{
	struct task *t = current;
	struct process *p = t->process;
	struct rusage r;

	switch (ARG_INT(0)) {
	case RUSAGE_SELF:
		r = of_process(p, &(struct usage){0});
		break;
	case RUSAGE_CHILDREN:
		r = to_rusage(&p->reaped);
		break;
	case RUSAGE_THREAD:
		r = of_process(p, &(struct usage){0});
		r.utime = ns_to_timeval(time_ticks_to_ns(t->utime));
		r.stime = ns_to_timeval(time_ticks_to_ns(t->stime));
		r.nvcsw = (s64)t->voluntary;
		r.nivcsw = (s64)t->involuntary;
		break;
	default:
		return -EINVAL;
	}
	return copy_to_user(ARG_PTR(1), &r, sizeof(r));
}

long sys_times(const struct sysargs *args)
{
	struct process *p = current->process;
	u64 u, s;
	s64 t[4];

	process_times(p, &u, &s);
	t[0] = (s64)(u / CLOCK_TICK_NS);
	t[1] = (s64)(s / CLOCK_TICK_NS);
	t[2] = (s64)(time_ticks_to_ns(p->reaped.utime) / CLOCK_TICK_NS);
	t[3] = (s64)(time_ticks_to_ns(p->reaped.stime) / CLOCK_TICK_NS);
	if (ARG_U64(0) && copy_to_user(ARG_PTR(0), t, sizeof(t)))
		return -EFAULT;
	return (long)(time_monotonic() / CLOCK_TICK_NS);
}

static int set_limit(struct process *p, int which, const struct rlimit *want)
{
	struct rlimit *have = &p->rlimits[which];

	if (want->cur > want->max)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && want->max > NOFILE_LIMIT)
		return -EPERM;
	if (want->max > have->max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	*have = *want;
	if (which == RLIMIT_CPU)
		cputimer_update(p);
	return 0;
}

static bool may_limit(const struct process *p)
{
	const struct cred *c = &current->cred, *to = &p->leader->cred;

	if (p == current->process || capable(CAP_SYS_RESOURCE))
		return true;
	return c->uid == to->euid && c->uid == to->suid && c->uid == to->uid && c->gid == to->egid &&
	       c->gid == to->sgid && c->gid == to->gid;
}

long sys_prlimit64(const struct sysargs *args)
{
	struct process *p = ARG_INT(0) ? process_find(ARG_INT(0)) : current->process;
	u32 which = ARG_UINT(1);
	struct rlimit fresh, old;
	int ret = 0;

	if (which >= RLIMIT_COUNT)
		return -EINVAL;
	if (ARG_U64(2) && copy_from_user(&fresh, ARG_PTR(2), sizeof(fresh)))
		return -EFAULT;
	if (!p || p->zombie)
		return -ESRCH;
	if (!may_limit(p))
		return -EPERM;
	old = p->rlimits[which];
	if (ARG_U64(2))
		ret = set_limit(p, (int)which, &fresh);
	if (!ret && ARG_U64(3) && copy_to_user(ARG_PTR(3), &old, sizeof(old)))
		return -EFAULT;
	return ret;
}

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };

static bool prio_match(const struct process *p, int which, s32 who)
{
	switch (which) {
	case PRIO_PROCESS:
		return p->pid == (who ? who : current->process->pid);
	case PRIO_PGRP:
		return p->pgid == (who ? who : current->process->pgid);
	}
	return p->leader->cred.uid == (who ? (uid_t)who : current->cred.uid);
}

static int set_nice(struct process *p, s32 nice)
{
	const struct cred *c = &current->cred;

	if (c->euid != p->leader->cred.uid && c->euid != p->leader->cred.euid && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (nice < p->nice && !capable(CAP_SYS_NICE) && 20 - nice > (s64)MIN(rlimit(RLIMIT_NICE), 40UL))
		return -EACCES;
	p->nice = nice;
	return 0;
}

long sys_setpriority(const struct sysargs *args)
{
	int which = ARG_INT(0);
	s32 nice = MAX(-20, MIN(19, ARG_INT(2)));
	struct process *p;
	int ret = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	list_for_each(p, &process_list, all)
	{
		int r;

		if (p->zombie || !prio_match(p, which, ARG_INT(1)))
			continue;
		r = set_nice(p, nice);
		ret = ret == -ESRCH || r ? r : ret;
	}
	return ret;
}

long sys_getpriority(const struct sysargs *args)
{
	int which = ARG_INT(0);
	struct process *p;
	long best = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	list_for_each(p, &process_list, all) if (!p->zombie && prio_match(p, which, ARG_INT(1))) best =
		MAX(best, (long)(20 - p->nice));
	return best;
}
