/* SPDX-License-Identifier: MIT */
/*
 * epoll_create, epoll_ctl, epoll_wait and their variants.
 */
#include "../fs/epoll.h"
#include "../fs/poller.h"

#define BATCH 64u

enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL, EPOLL_CTL_MOD };

long sys_epoll_create(const struct sysargs *args)
{
	return ARG_INT(0) > 0 ? epoll_new(0) : -EINVAL;
}

long sys_epoll_create1(const struct sysargs *args)
{
	return ARG_UINT(0) & ~O_CLOEXEC ? -EINVAL : epoll_new(ARG_UINT(0));
}

static long control(struct file *ep, int op, int fd, struct file *f, const struct epoll_event *e)
{
	switch (op) {
	case EPOLL_CTL_ADD:
		return epoll_add(ep, fd, f, e);
	case EPOLL_CTL_MOD:
		return epoll_modify(ep, fd, f, e);
	case EPOLL_CTL_DEL:
		return epoll_remove(ep, fd, f);
	default:
		return -EINVAL;
	}
}

long sys_epoll_ctl(const struct sysargs *args)
{
	struct file *ep __drop_file = fd_file(ARG_INT(0)), *f __drop_file = fd_file(ARG_INT(2));
	struct epoll_event e = {0};

	if (ARG_INT(1) != EPOLL_CTL_DEL && copy_from_user(&e, ARG_PTR(3), sizeof(e)))
		return -EFAULT;
	if (!ep || !f)
		return -EBADF;
	return !is_epoll(ep) || ep == f ? -EINVAL : control(ep, ARG_INT(1), ARG_INT(2), f, &e);
}

static long wait_events(struct file *ep, struct epoll_event *buf, u32 max, u64 deadline)
{
	struct waiter w;
	long n;
	int error = 0;

	waiter_init(&w);
	w.exclusive = true;
	waitq_add(epoll_waitq(ep), &w);
	for (;;) {
		n = epoll_collect(ep, buf, max);
		if (n || error || !deadline)
			break;
		error = wait_step(WAIT_INTERRUPTIBLE, deadline);
		if (error == -ERESTARTSYS)
			break;
	}
	waitq_del(&w);
	/* epoll_wait is never restarted. */
	return n ? n : error == -ERESTARTSYS ? -EINTR : 0;
}

static long do_wait(int epfd, u64 uevents, s32 max, u64 deadline)
{
	struct file *ep __drop_file = fd_file(epfd);
	struct epoll_event *buf __drop_memory = NULL;
	u32 batch = MIN((u32)max, BATCH);
	long n;

	if (max <= 0 || max > (s32)(INT32_MAX / sizeof(*buf)))
		return -EINVAL;
	if (!ep || !is_epoll(ep))
		return ep ? -EINVAL : -EBADF;
	buf = kmalloc(batch * sizeof(*buf));
	n = buf ? wait_events(ep, buf, batch, deadline) : -ENOMEM;
	return n > 0 && copy_to_user((void *)uevents, buf, (u64)n * sizeof(*buf)) ? -EFAULT : n;
}

static u64 ms_deadline(s32 ms)
{
	return ms < 0 ? NO_DEADLINE : ms == 0 ? 0 : time_deadline((u64)ms * NSEC_PER_MSEC);
}

static long wait_masked(const struct sysargs *args, u64 deadline)
{
	long ret = poll_set_mask(ARG_U64(4), ARG_U64(5));

	if (ret)
		return ret;
	ret = do_wait(ARG_INT(0), ARG_U64(1), ARG_INT(2), deadline);
	/* After a signal the mask stays until its handler ran. */
	if (ret == -EINTR || !ARG_U64(4))
		return ret;
	return poll_end_mask(ARG_U64(4), ret);
}

long sys_epoll_pwait(const struct sysargs *args)
{
	return wait_masked(args, ms_deadline(ARG_INT(3)));
}

long sys_epoll_pwait2(const struct sysargs *args)
{
	u64 deadline;
	long ret = poll_deadline(ARG_U64(3), &deadline);

	return ret ? ret : wait_masked(args, deadline);
}
