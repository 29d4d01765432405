/* SPDX-License-Identifier: MIT */
/*
 * timerfd_create, timerfd_settime, timerfd_gettime: an interval timer whose expirations are read.
 */
#include "../fs/fs.h"
#include "../fs/text.h"

enum { TFD_TIMER_ABSTIME = 1, TFD_TIMER_CANCEL_ON_SET = 2 };

struct timerfd {
	struct interval_timer timer;
	struct waitq wait;
	u64 ticks; /* counted already, not read */
	u32 flags; /* of the last settime */
	bool ready, cancelled;
};

static void expired(struct interval_timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	t->ready = true;
	wake_all(&t->wait);
}

static void clock_set(struct interval_timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	if (!(t->flags & TFD_TIMER_CANCEL_ON_SET))
		return;
	t->cancelled = true;
	expired(timer);
}

/* Once it has expired it stands still until somebody asks: no interrupts for ticks that nobody reads. */
static u64 count(struct timerfd *t)
{
	if (t->ready && !timer_active(&t->timer.timer))
		t->ticks += interval_timer_forward(&t->timer);
	return t->ticks;
}

static struct itimerspec state(struct timerfd *t)
{
	if (t->timer.interval)
		count(t);
	return interval_timer_state(&t->timer);
}

static long timerfd_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct timerfd *t = f->private;
	long error;
	u64 ticks;

	if (to->left < sizeof(ticks))
		return -EINVAL;
	error = file_wait(f, &t->wait, t->ready);
	if (error)
		return error;
	error = t->cancelled ? -ECANCELED : 0;
	ticks = count(t);
	t->ticks = 0;
	t->ready = t->cancelled = false;
	if (error)
		return error;
	return iter_copy_to(to, &ticks, sizeof(ticks)) == sizeof(ticks) ? (long)sizeof(ticks) : -EFAULT;
}

static u32 timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->private;

	poll_wait(f, &t->wait, pt);
	return t->ready ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

	interval_timer_cancel(&t->timer);
	kfree(t);
}

static void timerfd_show(struct file *f, struct text *out)
{
	struct timerfd *t = f->private;
	struct itimerspec s = state(t);

	text_printf(out,
		    "clockid: %d\nticks: %lu\nsettime flags: 0%o\nit_value: (%lu, %lu)\nit_interval: "
		    "(%lu, %lu)\n",
		    t->timer.clock, t->ticks, t->flags, s.value.tv_sec, s.value.tv_nsec, s.interval.tv_sec,
		    s.interval.tv_nsec);
}

static const struct file_ops timerfd_fops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.fdinfo = timerfd_show,
	.stream = true,
};

long sys_timerfd_create(const struct sysargs *args)
{
	int clock = ARG_INT(0);
	bool alarm = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
	struct timerfd *t;

	if (ARG_UINT(1) & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (!alarm && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (alarm && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	t = kzalloc(sizeof(*t));
	if (t) {
		/* This machine is never suspended: nothing to be woken from. */
		interval_timer_init(&t->timer, clock == CLOCK_REALTIME_ALARM ? CLOCK_REALTIME : clock,
				    expired);
		t->timer.clock_set = clock_set;
		waitq_init(&t->wait);
	}
	return anon_fd("[timerfd]", &timerfd_fops, O_RDWR | ARG_UINT(1), t);
}

/* The timer behind a descriptor, whose file is then the caller's to drop; NULL and *error. */
static struct timerfd *timerfd_of(int fd, struct file **f, long *error)
{
	*f = fd_file(fd);
	*error = *f ? -EINVAL : -EBADF;
	return *f && (*f)->ops == &timerfd_fops ? (*f)->private : NULL;
}

long sys_timerfd_settime(const struct sysargs *args)
{
	u32 flags = ARG_UINT(1);
	struct file *f __drop_file = NULL;
	struct itimerspec fresh, old;
	struct timerfd *t;
	long error = itimerspec_from_user(&fresh, ARG_U64(2));

	if (!error && flags & ~(u32)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		error = -EINVAL;
	if (error)
		return error;
	t = timerfd_of(ARG_INT(0), &f, &error);
	if (!t)
		return error;
	old = state(t);
	t->ticks = 0;
	t->ready = false;
	t->flags = flags;
	interval_timer_set(&t->timer, timespec_to_ns(&fresh.value), timespec_to_ns(&fresh.interval),
			   flags & TFD_TIMER_ABSTIME);
	return ARG_U64(3) ? copy_to_user(ARG_PTR(3), &old, sizeof(old)) : 0;
}

long sys_timerfd_gettime(const struct sysargs *args)
{
	struct file *f __drop_file = NULL;
	struct itimerspec now;
	long error;
	struct timerfd *t = timerfd_of(ARG_INT(0), &f, &error);

	if (!t)
		return error;
	now = state(t);
	return copy_to_user(ARG_PTR(1), &now, sizeof(now));
}
