/* SPDX-License-Identifier: MIT */
/*
 * Terminals as files of the processes that use them: open, read, write, poll, close, and their end.
 */
#include "tty.h"

#define TENTH (NSEC_PER_SEC / 10) /* VTIME counts these */

/* What stty calls sane, at 38400 baud. */
static const struct termios sane = {
	.iflag = ICRNL | IXON,
	.oflag = OPOST | ONLCR,
	.cflag = 0277, /* B38400 CS8 CREAD */
	.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.cc = {[VINTR] = 3,
	       [VQUIT] = 034,
	       [VERASE] = 0x7f,
	       [VKILL] = 025,
	       [VEOF] = 4,
	       [VMIN] = 1,
	       [VSTART] = 021,
	       [VSTOP] = 023,
	       [VSUSP] = 032,
	       [VREPRINT] = 022,
	       [VDISCARD] = 017,
	       [VWERASE] = 027,
	       [VLNEXT] = 026},
	.ispeed = 38400,
	.ospeed = 38400,
};

struct tty *tty_new(void)
{
	struct tty *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->termios = sane;
	waitq_init(&t->slave);
	waitq_init(&t->master);
	return t;
}

void tty_free(struct tty *t)
{
	if (t->master_gone && !t->files)
		kfree(t);
}

int tty_open(struct tty *t, struct file *f)
{
	if (!t || t->locked || t->master_gone)
		return -EIO;
	f->private = t;
	f->ops = &tty_fops;
	f->fh = t->hangups;
	t->files++;
	t->slave_closed = false;
	tty_opened_by_leader(t, f);
	return 0;
}

static void release(struct file *f)
{
	struct tty *t = f->private;

	if (--t->files)
		return;
	t->slave_closed = true;
	wake_all(&t->master);
	tty_free(t);
}

/* Collects bytes as VMIN and VTIME say: how many, 0 at the end of file, -errno. */
static long collect(struct file *f, u8 *buf, u32 max)
{
	struct tty *t = f->private;
	const u8 *cc = t->termios.cc;
	bool raw = !(t->termios.lflag & ICANON);
	u32 min = raw && cc[VMIN] ? cc[VMIN] : 1, got = 0;
	u64 time = raw ? cc[VTIME] * TENTH : 0, deadline = NO_DEADLINE;
	int error;

	if (raw && !cc[VMIN])
		deadline = time_monotonic() + time;
	for (;;) {
		if (tty_readable(t, 1) && !tty_hung_up(f)) {
			got += tty_take_input(t, buf + got, max - got);
			if (!raw || got >= min || got == max)
				return got;
			if (time)
				deadline = time_monotonic() + time;
			continue;
		}
		if (tty_hung_up(f))
			return got ? (long)got : t->master_gone ? -EIO : 0;
		if (deadline != NO_DEADLINE && !time)
			return got;
		error = file_wait_until(f, &t->slave, tty_readable(t, 1) || tty_hung_up(f), deadline);
		if (error == -ETIMEDOUT)
			return got;
		if (error)
			return got ? (long)got : error;
	}
}

static long read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	u32 max = (u32)MIN(to->left, TTY_IN);
	long n = tty_hung_up(f) ? 0 : tty_check_change(f->private, SIGTTIN);
	u8 *buf;

	if (n || !max || tty_hung_up(f))
		return n;
	buf = kmalloc(max);
	if (!buf)
		return -ENOMEM;
	n = collect(f, buf, max);
	if (n > 0)
		n = (long)iter_copy_to(to, buf, (size_t)n) ?: -EFAULT;
	kfree(buf);
	return n;
}

static long put_chunk(struct file *f, const u8 *bytes, u32 n)
{
	struct tty *t = f->private;
	long error = 0;
	u32 done = 0;

	while (done < n && !error) {
		if (tty_hung_up(f)) {
			error = -EIO;
		} else if (tty_write_room(t)) {
			tty_put(t, bytes[done++]);
		} else {
			t->output(t);
			error = file_wait(f, &t->slave, tty_write_room(t) || tty_hung_up(f));
		}
	}
	t->output(t);
	return done ? (long)done : error;
}

long tty_write_chunks(struct file *f, struct iov_iter *from, long (*put)(struct file *, const u8 *, u32))
{
	u8 chunk[256];
	long done = 0, n;

	while (from->left) {
		u32 want = (u32)iter_copy_from(from, chunk, MIN(from->left, sizeof(chunk)));

		n = want ? put(f, chunk, want) : -EFAULT;
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((u32)n < want)
			break;
	}
	return done;
}

static long write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	struct tty *t = f->private;
	long n = tty_hung_up(f) ? -EIO : t->termios.lflag & TOSTOP ? tty_check_change(t, SIGTTOU) : 0;

	if (!n)
		n = file_wait(f, &t->slave, !t->writing);
	if (n)
		return n;
	t->writing = true;
	n = tty_write_chunks(f, from, put_chunk);
	t->writing = false;
	wake_all(&t->slave);
	return n;
}

static u32 poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = f->private;
	const u8 *cc = t->termios.cc;
	u32 events = 0;

	poll_wait(f, &t->slave, pt);
	if (tty_hung_up(f))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP;
	if (tty_readable(t, cc[VMIN] && !cc[VTIME] ? cc[VMIN] : 1))
		events |= POLLIN | POLLRDNORM;
	if (tty_write_room(t))
		events |= POLLOUT | POLLWRNORM;
	return events;
}

const struct file_ops tty_fops = {
	.read = read,
	.write = write,
	.poll = poll,
	.ioctl = tty_ioctl,
	.release = release,
	.stream = true,
};
