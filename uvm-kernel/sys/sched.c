/* SPDX-License-Identifier: MIT */
/*
 * Scheduling calls. SCHED_OTHER, BATCH and IDLE are told apart by their names alone; there is no realtime.
 */
#include <uvm/kernel.h>

enum { SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE = 5 };
#define RESET_ON_FORK 0x40000000U
#define SLICE_NS 6000000

static struct task *target(int tid)
{
	return tid ? task_find(tid) : current;
}

long sys_sched_yield(const struct sysargs *args __unused)
{
	sched_yield();
	return 0;
}

static u64 all_cpus(void)
{
	return cpu_count == 64 ? ~0ULL : (1ULL << cpu_count) - 1;
}

long sys_sched_getaffinity(const struct sysargs *args)
{
	struct task *t = target(ARG_INT(0));
	u64 mask;

	if (ARG_UINT(1) < 8 || ARG_UINT(1) & 7)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	mask = t->affinity ? t->affinity : all_cpus();
	return copy_to_user(ARG_PTR(2), &mask, sizeof(mask)) ? -EFAULT : (long)sizeof(mask);
}

long sys_sched_setaffinity(const struct sysargs *args)
{
	struct task *t = target(ARG_INT(0));
	u64 mask = 0;

	if (copy_from_user(&mask, ARG_PTR(2), MIN(sizeof(mask), (size_t)ARG_UINT(1))))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	if (t->process != current->process && signal_permission(t->process, SIGTERM))
		return -EPERM;
	mask &= all_cpus();
	if (!mask)
		return -EINVAL;
	t->affinity = mask == all_cpus() ? 0 : mask;
	if (t == current && !(mask & 1ULL << this_cpu()->index))
		schedule();
	return 0;
}

long sys_sched_getscheduler(const struct sysargs *args)
{
	struct task *t = target(ARG_INT(0));

	if (ARG_INT(0) < 0)
		return -EINVAL;
	return t ? (long)t->policy : -ESRCH;
}

long sys_sched_getparam(const struct sysargs *args)
{
	if (ARG_INT(0) < 0 || !ARG_U64(1))
		return -EINVAL;
	if (!target(ARG_INT(0)))
		return -ESRCH;
	return put_user(0, (s32 *)ARG_PTR(1));
}

u32 sched_policy_of_child(const struct task *parent)
{
	return parent->policy & RESET_ON_FORK ? SCHED_OTHER : parent->policy;
}

static int check_policy(u32 policy, s32 priority)
{
	switch (policy & ~RESET_ON_FORK) {
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return priority ? -EINVAL : 0;
	case SCHED_FIFO:
	case SCHED_RR:
		return priority < 1 || priority > 99 ? -EINVAL
						     : -EPERM; /* no realtime, as without CAP_SYS_NICE */
	}
	return -EINVAL;
}

static long set_policy(int tid, const u32 *policy, u64 param)
{
	struct task *t = target(tid);
	s32 priority;
	int ret;

	if (tid < 0 || !param)
		return -EINVAL;
	if (get_user(priority, param))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	ret = check_policy(policy ? *policy : t->policy, priority);
	if (!ret && t->process->leader->cred.euid != current->cred.euid &&
	    t->process->leader->cred.uid != current->cred.euid && !capable(CAP_SYS_NICE))
		ret = -EPERM;
	if (!ret && policy)
		t->policy = *policy;
	return ret;
}

long sys_sched_setscheduler(const struct sysargs *args)
{
	const u32 policy = ARG_UINT(1);

	return set_policy(ARG_INT(0), &policy, ARG_U64(2));
}

long sys_sched_setparam(const struct sysargs *args)
{
	return set_policy(ARG_INT(0), NULL, ARG_U64(1));
}

long sys_priority_of(const struct sysargs *args)
{
	int policy = ARG_INT(0);

	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return ARG_LONG(1);
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE ? 0 : -EINVAL;
}

long sys_sched_rr_get_interval(const struct sysargs *args)
{
	struct timespec ts = {0, SLICE_NS};

	if (ARG_INT(0) < 0)
		return -EINVAL;
	if (!target(ARG_INT(0)))
		return -ESRCH;
	return copy_to_user(ARG_PTR(1), &ts, sizeof(ts));
}

struct sched_attr {
	u32 size, policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 runtime, deadline, period;
};

long sys_sched_getattr(const struct sysargs *args)
{
	struct task *t = target(ARG_INT(0));
	struct sched_attr a = {.size = sizeof(a)};

	if (ARG_UINT(2) < sizeof(a) || ARG_UINT(2) > 4096 || ARG_UINT(3))
		return -EINVAL;
	if (!t)
		return -ESRCH;
	a.policy = t->policy & ~RESET_ON_FORK;
	a.flags = t->policy & RESET_ON_FORK ? 1 : 0;
	a.nice = t->process->nice;
	return copy_to_user(ARG_PTR(1), &a, sizeof(a));
}

long sys_getcpu(const struct sysargs *args)
{
	if (ARG_U64(0) && put_user(this_cpu()->index, (u32 *)ARG_PTR(0)))
		return -EFAULT;
	if (ARG_U64(1) && put_user(0U, (u32 *)ARG_PTR(1)))
		return -EFAULT;
	return 0;
}

enum {
	MEMBARRIER_QUERY = 0,
	MEMBARRIER_GLOBAL = 1,
	MEMBARRIER_PRIVATE_EXPEDITED = 8,
	MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 16
};

/* Every other VP of the address space passes through an interrupt, which orders its memory accesses. */
long sys_membarrier(const struct sysargs *args)
{
	int command = ARG_INT(0);

	if (ARG_UINT(1))
		return -EINVAL;
	switch (command) {
	case MEMBARRIER_QUERY:
		return MEMBARRIER_GLOBAL | MEMBARRIER_PRIVATE_EXPEDITED |
		       MEMBARRIER_REGISTER_PRIVATE_EXPEDITED;
	case MEMBARRIER_PRIVATE_EXPEDITED:
		if (!current->mm->membarrier)
			return -EPERM;
		/* fall through */
	case MEMBARRIER_GLOBAL:
		tlb_barrier();
		return 0;
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED:
		current->mm->membarrier = true;
		return 0;
	}
	return -EINVAL;
}
