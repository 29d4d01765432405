/* SPDX-License-Identifier: MIT */
/*
 * signalfd and signalfd4: signals read from a descriptor. It has no signals of its own: whoever reads takes
 * those that are pending for him.
 */
#include "../fs/fs.h"
#include "../fs/text.h"

struct signalfd_siginfo {
	u32 signo;
	s32 error, code;
	u32 pid, uid;
	s32 fd;
	u32 timer_id, band, overrun, trap;
	s32 status, value_int;
	u64 value, utime, stime, addr;
	u8 unused[48];
};
_Static_assert(sizeof(struct signalfd_siginfo) == 128, "Linux's layout");

/* Which fields of a siginfo mean something follows from its signal and code. */
static void convert(const struct siginfo *in, struct signalfd_siginfo *out)
{
	bool own_code = in->code > SI_USER && in->code < SI_KERNEL;

	*out = (struct signalfd_siginfo){.signo = (u32)in->signo, .error = in->error, .code = in->code};
	if (in->code == SI_TIMER) {
		out->timer_id = (u32)in->timer_id;
		out->overrun = (u32)in->overrun;
		out->value = in->timer_value;
		out->value_int = (s32)in->timer_value;
	} else if (in->code == SI_SIGIO || (own_code && in->signo == SIGIO)) {
		out->band = (u32)in->band;
		out->fd = in->fd;
	} else if (own_code && in->signo != SIGCHLD) {
		out->addr = in->addr;
	} else {
		out->pid = (u32)in->pid;
		out->uid = in->uid;
		if (own_code) {
			out->status = in->status;
			out->utime = (u64)in->utime;
			out->stime = (u64)in->stime;
		} else if (in->code < 0) {
			out->value = in->value;
			out->value_int = (s32)in->value;
		}
	}
}

static long signalfd_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	const sigset_t *mask = f->private;
	struct signalfd_siginfo out;
	struct siginfo info;
	long done = 0, error = 0;

	if (to->left < sizeof(out))
		return -EINVAL;
	if (!(f->flags & O_NONBLOCK))
		error = wait_event_interruptible(&current->process->signal_wait, signal_pending_in(*mask));
	while (!error && to->left >= sizeof(out) && signal_take(*mask, &info)) {
		convert(&info, &out);
		if (iter_copy_to(to, &out, sizeof(out)) < sizeof(out))
			error = -EFAULT;
		else
			done += (long)sizeof(out);
	}
	return done ? done : error ? error : -EAGAIN;
}

static u32 signalfd_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &current->process->signal_wait, pt);
	return signal_pending_in(*(const sigset_t *)f->private) ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_show(struct file *f, struct text *t)
{
	text_printf(t, "sigmask:\t%016lx\n", *(const sigset_t *)f->private);
}

static const struct file_ops signalfd_fops = {
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = anon_release,
	.fdinfo = signalfd_show,
	.stream = true,
};

static long change(int fd, sigset_t mask)
{
	struct file *f __drop_file = fd_file(fd);

	if (!f)
		return -EBADF;
	if (f->ops != &signalfd_fops)
		return -EINVAL;
	*(sigset_t *)f->private = mask;
	wake_all(&current->process->signal_wait);
	return fd;
}

long sys_signalfd4(const struct sysargs *args)
{
	u32 flags = ARG_UINT(3);
	sigset_t mask;

	if (ARG_U64(2) != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, ARG_U64(1)))
		return -EFAULT;
	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	mask &= ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	if (ARG_INT(0) != -1)
		return change(ARG_INT(0), mask);
	return anon_fd("[signalfd]", &signalfd_fops, O_RDWR | flags, kmemdup(&mask, sizeof(mask)));
}
