/* SPDX-License-Identifier: MIT */
/*
 * poll and ppoll.
 */
#include "../fs/fs.h"
#include "../fs/poller.h"

struct pollfd {
	s32 fd;
	u16 events;
	u16 revents;
};

static u32 poll_one(struct pollfd *p, struct file *f, struct poll_table *pt)
{
	u32 events;

	p->revents = 0;
	if (p->fd < 0)
		return 0;
	events = f ? file_poll(f, pt) & (p->events | POLLERR | POLLHUP) : POLLNVAL;
	p->revents = (u16)events;
	return events != 0;
}

struct polled {
	struct pollfd *fds;
	struct file **files;
	u32 n;
};

static long scan(void *what, struct poll_table *pt)
{
	struct polled *p = what;
	long ready = 0;

	for (u32 i = 0; i < p->n; i++)
		ready += poll_one(&p->fds[i], p->files[i], ready ? NULL : pt);
	return ready;
}

static long put_revents(u64 ufds, const struct pollfd *fds, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (put_user(fds[i].revents, ufds + i * sizeof(*fds) + offsetof(struct pollfd, revents)))
			return -EFAULT;
	return 0;
}

static long do_poll(u64 ufds, u32 n, u64 deadline)
{
	struct pollfd *fds;
	struct file **files;
	long ret = -ENOMEM;

	if (n > MIN(rlimit(RLIMIT_NOFILE), (u64)FD_MAX))
		return -EINVAL;
	fds = kmalloc(MAX(n * sizeof(*fds), 16UL));
	files = kmalloc(MAX(n * sizeof(*files), 16UL));
	if (!fds || !files)
		goto out;
	ret = copy_from_user(fds, (void *)ufds, n * sizeof(*fds));
	if (ret)
		goto out;
	for (u32 i = 0; i < n; i++)
		files[i] = fds[i].fd >= 0 ? fd_file(fds[i].fd) : NULL;
	ret = poller_run(scan, &(struct polled){fds, files, n}, deadline);
	for (u32 i = 0; i < n; i++)
		if (files[i])
			file_put(files[i]);
	if (ret >= 0 && put_revents(ufds, fds, n))
		ret = -EFAULT;
out:
	kfree(fds);
	kfree(files);
	return ret;
}

/* After a stop and continue, or a signal without handler: the rest of the time. */
static long restart_poll(struct task *t)
{
	long ret = do_poll(t->restart_arg[0], (u32)t->restart_arg[1], t->restart_arg[2]);

	return ret == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : ret;
}

long sys_poll(const struct sysargs *args)
{
	s32 ms = ARG_INT(2);
	u64 deadline = ms < 0 ? NO_DEADLINE : ms == 0 ? 0 : time_deadline((u64)ms * NSEC_PER_MSEC);
	long ret = do_poll(ARG_U64(0), ARG_UINT(1), deadline);

	if (ret != -ERESTARTSYS)
		return ret;
	current->restart = restart_poll;
	current->restart_arg[0] = ARG_U64(0);
	current->restart_arg[1] = ARG_UINT(1);
	current->restart_arg[2] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/* Relative time from user mode: 0 = do not wait at all. */
long poll_deadline(u64 utimeout, u64 *deadline)
{
	u64 ns;
	int error = utimeout ? timespec_from_user(utimeout, &ns) : 0;

	*deadline = NO_DEADLINE;
	if (utimeout && !error)
		*deadline = ns ? time_deadline(ns) : 0;
	return error;
}

/* As on Linux: a timeout in read-only memory is no error. */
void poll_put_rest(u64 utimeout, u64 deadline)
{
	if (utimeout && deadline != NO_DEADLINE)
		(void)put_user(ns_to_timespec(time_left(deadline)), utimeout);
}

long poll_set_mask(u64 umask, u64 size)
{
	sigset_t mask;

	if (!umask)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, umask))
		return -EFAULT;
	sigmask_set_temporary(mask);
	return 0;
}

/* The mask stays for the handler when a signal ended the wait; else it goes now. */
long poll_end_mask(u64 umask, long ret)
{
	if (ret == -ERESTARTSYS)
		return -ERESTARTNOHAND;
	if (umask)
		sigmask_restore();
	return ret;
}

long sys_ppoll(const struct sysargs *args)
{
	u64 deadline;
	long ret = poll_deadline(ARG_U64(2), &deadline);

	if (!ret)
		ret = poll_set_mask(ARG_U64(3), ARG_U64(4));
	if (ret)
		return ret;
	ret = do_poll(ARG_U64(0), ARG_UINT(1), deadline);
	ret = poll_end_mask(ARG_U64(3), ret);
	poll_put_rest(ARG_U64(2), deadline);
	return ret;
}
