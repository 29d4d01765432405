/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleeping on a word of user memory. Private words are named by address space and address, shared
 * ones by the file they lie in and where, so that all who map it meet. Priority inheritance is not there.
 */
#include <uvm/kernel.h>

enum { FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP };
enum { FUTEX_WAIT_BITSET = 9, FUTEX_WAKE_BITSET };
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_ANY 0xffffffffU
#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
#define FUTEX_TID_MASK 0x3fffffffU
#define BUCKETS 64

struct key {
	u64 base; /* struct mm * or struct mapping * */
	u64 offset;
};

struct futex_waiter {
	struct waiter w;
	struct key key;
};

static struct waitq buckets[BUCKETS];

static struct waitq *bucket(const struct key *k)
{
	struct waitq *q = &buckets[(k->base >> 6 ^ k->base >> 12 ^ k->offset >> 2) % BUCKETS];

	if (!q->waiters.next)
		waitq_init(q);
	return q;
}

static bool same(const struct key *a, const struct key *b)
{
	return a->base == b->base && a->offset == b->offset;
}

/* The place of a shared word; its page is brought in, to see whether it may be read. */
static int shared_key(struct mm *mm, u64 addr, struct key *k)
{
	struct vma *v = mm_find(mm, addr);
	u64 *pte;

	if (!v || v->start > addr)
		return -EFAULT;
	*k = (struct key){(u64)mm, addr};
	if (!(v->flags & VMA_SHARED))
		return 0;
	*k = (struct key){(u64)file_mapping(v->file), (v->pgoff << PAGE_SHIFT) + addr - v->start};
	pte = table_walk(mm->pgd, addr, NULL);
	return (!pte || !(*pte & PTE_P)) && mm_fault(mm, addr, FAULT_READ).signal ? -EFAULT : 0;
}

static int get_key(u64 addr, bool private, struct key *k)
{
	if (addr & 3)
		return -EINVAL;
	if (!access_ok((void *)addr, 4))
		return -EFAULT;
	if (!private)
		return shared_key(current->mm, addr, k);
	*k = (struct key){(u64)current->mm, addr};
	return 0;
}

static int wake_key(const struct key *k, int count, u32 bits)
{
	struct futex_waiter *f, *n;
	int woken = 0;

	list_for_each_safe(f, n, &bucket(k)->waiters, w.link)
	{
		if (woken >= count)
			break;
		if (!same(&f->key, k) || !(f->w.mask & bits))
			continue;
		waitq_del(&f->w);
		f->w.func(&f->w);
		woken++;
	}
	return woken;
}

int futex_wake_user(u64 addr, int count)
{
	struct key k;
	int ret = get_key(addr, false, &k);

	return ret ? ret : wake_key(&k, count, FUTEX_BITSET_ANY);
}

/* Sleeps while *addr is value. 0, -EAGAIN, -ETIMEDOUT, -ERESTARTSYS. */
static int wait_on(u64 addr, bool private, u32 value, u64 deadline, u32 bits)
{
	struct futex_waiter f;
	u32 now;
	int ret;

	if (!bits)
		return -EINVAL;
	if (get_user(now, addr)) /* brings the page in, so that what follows does not sleep */
		return -EFAULT;
	ret = get_key(addr, private, &f.key);
	if (!ret && get_user(now, addr))
		ret = -EFAULT;
	if (ret)
		return ret;
	if (now != value)
		return -EAGAIN;
	waiter_init(&f.w);
	f.w.mask = bits;
	waitq_add(bucket(&f.key), &f.w);
	while (!f.w.woken && !ret)
		ret = wait_step(WAIT_INTERRUPTIBLE, deadline);
	waitq_del(&f.w);
	return f.w.woken ? 0 : ret;
}

static long wait_restart(struct task *t)
{
	u64 *a = t->restart_arg;
	int ret = wait_on(a[0], a[1] >> 32, (u32)a[1], a[2], (u32)a[3]);

	return ret == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : ret;
}

/* With a relative timeout a restart must not wait for the whole of it again. */
static long wait_call(u64 addr, bool private, u32 value, u64 deadline, u32 bits, bool relative)
{
	struct task *t = current;
	int ret = wait_on(addr, private, value, deadline, bits);

	if (ret != -ERESTARTSYS || !relative)
		return ret;
	t->restart = wait_restart;
	t->restart_arg[0] = addr;
	t->restart_arg[1] = (u64) private << 32 | value;
	t->restart_arg[2] = deadline;
	t->restart_arg[3] = bits;
	return -ERESTART_RESTARTBLOCK;
}

static int requeue(u64 from, u64 to, bool private, int wake_count, int move_count, const u32 *expect)
{
	struct futex_waiter *f, *n;
	struct key a, b;
	u32 now;
	int moved = 0, woken;
	int ret = get_key(from, private, &a);

	if (!ret)
		ret = get_key(to, private, &b);
	if (wake_count < 0 || move_count < 0)
		ret = -EINVAL;
	if (!ret && expect && get_user(now, from))
		ret = -EFAULT;
	if (ret)
		return ret;
	if (expect && now != *expect)
		return -EAGAIN;
	woken = wake_key(&a, wake_count, FUTEX_BITSET_ANY);
	list_for_each_safe(f, n, &bucket(&a)->waiters, w.link)
	{
		if (moved >= move_count)
			break;
		if (!same(&f->key, &a))
			continue;
		f->key = b;
		list_move_tail(&f->w.link, &bucket(&b)->waiters);
		if (bucket(&a) == bucket(&b) && same(&a, &b))
			break;
		moved++;
	}
	return woken + moved;
}

static int wake_op_value(u32 op, u32 old, u32 arg, u32 *fresh)
{
	const u32 results[] = {arg, old + arg, old | arg, old & ~arg, old ^ arg};

	if (op >= ARRAY_SIZE(results))
		return -ENOSYS;
	*fresh = results[op];
	return 0;
}

static int wake_op_compare(u32 cmp, s32 old, s32 arg)
{
	const bool results[] = {old == arg, old != arg, old<arg, old <= arg, old> arg, old >= arg};

	return cmp < ARRAY_SIZE(results) ? results[cmp] : -ENOSYS;
}

static s32 sign12(u32 v)
{
	return (s32)(v << 20) >> 20;
}

static int wake_op(u64 first, u64 second, bool private, int count1, int count2, u32 code)
{
	u32 arg = (u32)sign12(code >> 12 & 0xfff), old, seen, fresh;
	struct key a, b;
	int ret = get_key(first, private, &a), hit;

	if (!ret)
		ret = get_key(second, private, &b);
	if (ret)
		return ret;
	if (code & 1U << 31)
		arg = 1U << (arg & 31);
	if (get_user(old, second))
		return -EFAULT;
	for (;; old = seen) {
		ret = wake_op_value(code >> 28 & 7, old, arg, &fresh);
		if (!ret)
			ret = cmpxchg_user_u32((u32 *)second, old, fresh, &seen);
		if (ret)
			return ret;
		if (seen == old)
			break;
	}
	hit = wake_op_compare(code >> 24 & 15, (s32)old, sign12(code & 0xfff));
	if (hit < 0)
		return hit;
	ret = wake_key(&a, count1, FUTEX_BITSET_ANY);
	return hit ? ret + wake_key(&b, count2, FUTEX_BITSET_ANY) : ret;
}

/* WAIT: relative, on the monotonic clock. WAIT_BITSET: absolute, on either. */
static int read_deadline(u64 timeout, bool absolute, bool realtime, u64 *deadline)
{
	u64 ns;
	int error = timeout ? timespec_from_user(timeout, &ns) : 0;

	*deadline = NO_DEADLINE;
	if (error || !timeout)
		return error;
	if (!absolute)
		*deadline = time_deadline(ns);
	else if (!realtime)
		*deadline = ns;
	else
		*deadline = ns > time_realtime() ? time_deadline(ns - time_realtime()) : 1;
	return 0;
}

long sys_futex(const struct sysargs *args)
{
	u64 addr = ARG_U64(0), deadline;
	int op = ARG_INT(1), command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	bool private = op & FUTEX_PRIVATE_FLAG, realtime = op & FUTEX_CLOCK_REALTIME;
	u32 value = ARG_UINT(2), value3 = ARG_UINT(5);
	struct key k;
	int ret;

	if (realtime && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		ret = read_deadline(ARG_U64(3), command == FUTEX_WAIT_BITSET, realtime, &deadline);
		if (ret)
			return ret;
		return wait_call(addr, private, value, deadline,
				 command == FUTEX_WAIT ? FUTEX_BITSET_ANY : value3,
				 command == FUTEX_WAIT && deadline != NO_DEADLINE);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		if (command == FUTEX_WAKE)
			value3 = FUTEX_BITSET_ANY;
		if (!value3)
			return -EINVAL;
		ret = get_key(addr, private, &k);
		return ret ? ret : wake_key(&k, MAX((int)value, 1), value3);
	case FUTEX_REQUEUE:
		return requeue(addr, ARG_U64(4), private, (int)value, ARG_INT(3), NULL);
	case FUTEX_CMP_REQUEUE:
		return requeue(addr, ARG_U64(4), private, (int)value, ARG_INT(3), &value3);
	case FUTEX_WAKE_OP:
		return wake_op(addr, ARG_U64(4), private, (int)value, ARG_INT(3), value3);
	}
	return -ENOSYS;
}

/* A lock whose owner dies: marked so, and one waiter told. */
static void owner_died(u64 addr, pid_t tid, bool pending)
{
	u32 old, seen;

	if (addr & 3 || get_user(old, addr))
		return;
	if (pending && !old) /* it died between giving the lock back and waking the next */
		futex_wake_user(addr, 1);
	while ((old & FUTEX_TID_MASK) == (u32)tid) {
		if (cmpxchg_user_u32((u32 *)addr, old, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen))
			return;
		if (seen == old) {
			if (old & FUTEX_WAITERS)
				futex_wake_user(addr, 1);
			return;
		}
		old = seen;
	}
}

struct robust_list_head {
	u64 next;
	s64 offset;
	u64 pending;
};

void futex_exit_robust(struct task *t)
{
	struct robust_list_head head;
	u64 entry, next;

	if (!t->robust_list || copy_from_user(&head, (void *)t->robust_list, sizeof(head)))
		return;
	entry = head.next & ~1UL;
	for (int n = 0; entry != t->robust_list && n < 2048; n++, entry = next & ~1UL) {
		bool last = get_user(next, entry);

		if (entry != (head.pending & ~1UL))
			owner_died(entry + (u64)head.offset, t->tid, false);
		if (last)
			return;
	}
	if (head.pending)
		owner_died((head.pending & ~1UL) + (u64)head.offset, t->tid, true);
}

long sys_set_robust_list(const struct sysargs *args)
{
	if (ARG_U64(1) != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = ARG_U64(0);
	return 0;
}

long sys_get_robust_list(const struct sysargs *args)
{
	pid_t tid = ARG_INT(0);
	struct task *t = tid ? task_find(tid) : current;

	if (!t)
		return -ESRCH;
	if (t->process != current->process && !capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (put_user(t->robust_list, (u64 *)ARG_U64(1)))
		return -EFAULT;
	return put_user(sizeof(struct robust_list_head), (u64 *)ARG_U64(2));
}
