/* SPDX-License-Identifier: MIT */
/*
 * Advisory locks: POSIX record locks (owned by a descriptor table, dropped at any close of the file), open
 * file description locks, and flock. Three kinds that never see each other, except POSIX and OFD.
 */
#include "fs.h"

enum { F_RDLCK, F_WRLCK, F_UNLCK };
enum lock_kind { LOCK_POSIX, LOCK_OFD, LOCK_FLOCK };

struct flock64 { /* struct flock of x86-64 */
	int16_t type, whence;
	s32 pad0;
	s64 start, len;
	s32 pid, pad1;
};
_Static_assert(sizeof(struct flock64) == 32, "struct flock is 32 bytes");

struct file_lock {
	struct list link; /* in inode->locks, ordered by start within an owner */
	enum lock_kind kind;
	int type;
	const void *owner; /* struct files or struct file */
	pid_t pid;
	u64 start, end; /* inclusive */
};

/* Who sleeps for whose lock, to find cycles. */
struct lock_waiter {
	struct list link;
	const void *owner, *blocker;
};
static struct list lock_waiters = LIST_INIT(lock_waiters);

static bool same_space(const struct file_lock *a, const struct file_lock *b)
{
	return (a->kind == LOCK_FLOCK) == (b->kind == LOCK_FLOCK);
}

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static struct file_lock *find_conflict(struct inode *inode, const struct file_lock *want)
{
	struct file_lock *l;

	list_for_each(l, &inode->locks, link) if (same_space(l, want) && l->owner != want->owner &&
						  overlaps(l, want) &&
						  (l->type == F_WRLCK || want->type == F_WRLCK)) return l;
	return NULL;
}

static void wake_waiters(struct inode *inode)
{
	if (inode->lock_wait)
		wake_all(inode->lock_wait);
}

static struct file_lock *copy_lock(const struct file_lock *from)
{
	return kmemdup(from, sizeof(*from));
}

static void free_lock(struct file_lock *l)
{
	list_del(&l->link);
	kfree(l);
}

/* Takes [want->start, want->end] out of the owner's locks; spare serves a split and is consumed then. */
static void carve(struct inode *inode, const struct file_lock *want, struct file_lock **spare)
{
	struct file_lock *l, *next;

	list_for_each_safe(l, next, &inode->locks, link)
	{
		if (!same_space(l, want) || l->owner != want->owner || !overlaps(l, want))
			continue;
		if (l->start < want->start && l->end > want->end) {
			struct file_lock *right = *spare;

			*spare = NULL;
			*right = *l;
			right->start = want->end + 1;
			list_add(&right->link, &l->link);
			l->end = want->start - 1;
		} else if (l->start < want->start) {
			l->end = want->start - 1;
		} else if (l->end > want->end) {
			l->start = want->end + 1;
		} else {
			free_lock(l);
		}
	}
}

static bool touches(const struct file_lock *a, const struct file_lock *b)
{
	return (a->end != ~0ULL && a->end + 1 == b->start) || (b->end != ~0ULL && b->end + 1 == a->start);
}

/* Joins neighbours of the same owner and type, so that a program's pieces do not pile up. */
static void merge_into(struct inode *inode, struct file_lock *lock)
{
	struct file_lock *l, *next;

	list_for_each_safe(l, next, &inode->locks, link)
	{
		if (l == lock || !same_space(l, lock) || l->owner != lock->owner || l->type != lock->type ||
		    !touches(l, lock))
			continue;
		lock->start = MIN(lock->start, l->start);
		lock->end = MAX(lock->end, l->end);
		free_lock(l);
	}
}

static int apply(struct inode *inode, const struct file_lock *want)
{
	struct file_lock *spare = copy_lock(want);
	struct file_lock *lock = want->type == F_UNLCK ? NULL : copy_lock(want);

	if (!spare || (want->type != F_UNLCK && !lock)) {
		kfree(spare);
		kfree(lock);
		return -ENOLCK;
	}
	carve(inode, want, &spare);
	kfree(spare);
	if (lock) {
		list_add_tail(&lock->link, &inode->locks);
		if (lock->kind != LOCK_FLOCK)
			merge_into(inode, lock);
	}
	wake_waiters(inode);
	return 0;
}

static const void *waits_for(const void *owner)
{
	struct lock_waiter *w;

	list_for_each(w, &lock_waiters, link) if (w->owner == owner) return w->blocker;
	return NULL;
}

static bool would_deadlock(const void *me, const void *blocker)
{
	for (u32 steps = 0; blocker && steps < 64; steps++) {
		if (blocker == me)
			return true;
		blocker = waits_for(blocker);
	}
	return false;
}

static int wait_for(struct inode *inode, const struct file_lock *want, const struct file_lock *conflict)
{
	struct lock_waiter w = {.owner = want->owner, .blocker = conflict->owner};
	int error;

	if (want->kind == LOCK_POSIX && would_deadlock(want->owner, conflict->owner))
		return -EDEADLK;
	if (!inode->lock_wait) {
		inode->lock_wait = kmalloc(sizeof(*inode->lock_wait));
		if (!inode->lock_wait)
			return -ENOLCK;
		waitq_init(inode->lock_wait);
	}
	list_add_tail(&w.link, &lock_waiters);
	error = wait_event_interruptible(inode->lock_wait, find_conflict(inode, want) != conflict);
	list_del(&w.link);
	return error;
}

static int set_lock(struct inode *inode, const struct file_lock *want, bool wait)
{
	struct file_lock *conflict;

	if (want->type == F_UNLCK)
		return apply(inode, want);
	while ((conflict = find_conflict(inode, want))) {
		int error = wait ? wait_for(inode, want, conflict) : -EAGAIN;

		if (error)
			return error;
	}
	return apply(inode, want);
}

static int range_from_user(struct file *f, const struct flock64 *u, struct file_lock *lock)
{
	s64 base = u->whence == 0 ? 0 : u->whence == 1 ? (s64)f->pos : (s64)f->inode->size, start, end;

	if (u->whence < 0 || u->whence > 2 || u->type < F_RDLCK || u->type > F_UNLCK)
		return -EINVAL;
	if (__builtin_add_overflow(base, u->start, &start))
		return -EOVERFLOW;
	if (u->len < 0) { /* the bytes before */
		end = start - 1;
		start += u->len;
	} else if (u->len == 0) {
		end = INT64_MAX;
	} else if (__builtin_add_overflow(start, u->len - 1, &end)) {
		return -EOVERFLOW;
	}
	if (start < 0)
		return -EINVAL;
	lock->start = (u64)start;
	lock->end = end == INT64_MAX ? ~0ULL : (u64)end;
	lock->type = u->type;
	return 0;
}

static long get_lock(struct file *f, struct flock64 *u, struct file_lock *want, u64 uarg)
{
	struct file_lock *l;

	if (u->type == F_UNLCK && want->kind == LOCK_POSIX)
		return -EINVAL;
	l = find_conflict(f->inode, want);
	if (!l) {
		u->type = F_UNLCK;
	} else {
		u->type = (int16_t)l->type;
		u->whence = 0;
		u->start = (s64)l->start;
		u->len = l->end == ~0ULL ? 0 : (s64)(l->end - l->start + 1);
		u->pid = l->kind == LOCK_POSIX ? l->pid : -1;
	}
	return copy_to_user((void *)uarg, u, sizeof(*u));
}

long locks_fcntl(struct file *f, u32 cmd, u64 uarg)
{
	enum { GETLK = 5, SETLK = 6, SETLKW = 7, OFD_GETLK = 36, OFD_SETLK = 37, OFD_SETLKW = 38 };
	bool ofd = cmd >= OFD_GETLK;
	struct file_lock want = {
		.kind = ofd ? LOCK_OFD : LOCK_POSIX,
		.owner = ofd ? (const void *)f : (const void *)current->files,
		.pid = current->process->pid,
	};
	struct flock64 u;
	int error = copy_from_user(&u, (void *)uarg, sizeof(u));

	if (!error)
		error = range_from_user(f, &u, &want);
	if (!error && ofd && u.pid)
		error = -EINVAL;
	if (error)
		return error;
	if (cmd == GETLK || cmd == OFD_GETLK)
		return get_lock(f, &u, &want, uarg);
	if ((want.type == F_RDLCK && !f->can_read) || (want.type == F_WRLCK && !f->can_write))
		return -EBADF;
	return set_lock(f->inode, &want, cmd == SETLKW || cmd == OFD_SETLKW);
}

long locks_flock(struct file *f, u32 operation)
{
	enum { SH = 1, EX = 2, NB = 4, UN = 8 };
	struct file_lock want = {.kind = LOCK_FLOCK, .owner = f, .pid = current->process->pid, .end = ~0ULL};
	u32 kind = operation & ~(u32)NB;

	if (kind != SH && kind != EX && kind != UN)
		return -EINVAL;
	want.type = kind == SH ? F_RDLCK : kind == EX ? F_WRLCK : F_UNLCK;
	/* Changing from one kind to the other gives up the old lock first, as on Linux. */
	if (want.type != F_UNLCK && find_conflict(f->inode, &want)) {
		struct file_lock drop = want;
		int error;

		if (operation & NB)
			return -EAGAIN;
		drop.type = F_UNLCK;
		error = apply(f->inode, &drop);
		if (error)
			return error;
	}
	return set_lock(f->inode, &want, !(operation & NB));
}

static void drop_all(struct inode *inode, const void *owner, enum lock_kind kind)
{
	struct file_lock *l, *next;
	bool any = false;

	list_for_each_safe(l, next, &inode->locks, link)
	{
		if (l->owner != owner || l->kind != kind)
			continue;
		free_lock(l);
		any = true;
	}
	if (any)
		wake_waiters(inode);
}

void locks_drop_posix(struct inode *inode, const struct files *owner)
{
	if (!list_empty(&inode->locks))
		drop_all(inode, owner, LOCK_POSIX);
}

void locks_drop_flock(struct inode *inode, const struct file *f)
{
	if (list_empty(&inode->locks))
		return;
	drop_all(inode, f, LOCK_FLOCK);
	drop_all(inode, f, LOCK_OFD);
}
