/* SPDX-License-Identifier: MIT */
/*
 * eventfd and eventfd2: a counter that can be waited for.
 */
#include "../fs/fs.h"

#define COUNT_MAX (~0ULL - 1)
enum { EFD_SEMAPHORE = 1 };

struct event {
	struct waitq wait;
	u64 count;
	bool semaphore;
};

static long event_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct event *e = f->private;
	u64 value;
	long error;

	if (to->left < sizeof(value))
		return -EINVAL;
	error = file_wait(f, &e->wait, e->count);
	if (error)
		return error;
	value = e->semaphore ? 1 : e->count;
	e->count -= value;
	wake_all(&e->wait);
	return iter_copy_to(to, &value, sizeof(value)) == sizeof(value) ? (long)sizeof(value) : -EFAULT;
}

static long event_write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	struct event *e = f->private;
	u64 value;
	long error;

	if (from->left < sizeof(value))
		return -EINVAL;
	if (iter_copy_from(from, &value, sizeof(value)) < sizeof(value))
		return -EFAULT;
	if (value == ~0ULL)
		return -EINVAL;
	error = file_wait(f, &e->wait, value <= COUNT_MAX - e->count);
	if (error)
		return error;
	e->count += value;
	wake_all(&e->wait);
	return sizeof(value);
}

static u32 event_poll(struct file *f, struct poll_table *pt)
{
	struct event *e = f->private;

	poll_wait(f, &e->wait, pt);
	return (e->count ? POLLIN | POLLRDNORM : 0) | (e->count < COUNT_MAX ? POLLOUT | POLLWRNORM : 0);
}

static const struct file_ops event_fops = {
	.read = event_read,
	.write = event_write,
	.poll = event_poll,
	.release = anon_release,
	.stream = true,
};

long sys_eventfd2(const struct sysargs *args)
{
	u32 flags = ARG_UINT(1);
	struct event *e;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (e) {
		waitq_init(&e->wait);
		e->count = ARG_UINT(0);
		e->semaphore = flags & EFD_SEMAPHORE;
	}
	return anon_fd("[eventfd]", &event_fops, O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)), e);
}
