/* SPDX-License-Identifier: MIT */
/*
 * Standard input, output and error of a container without terminal: byte streams to the worker's own
 * descriptors, which look like pipes from inside. Input is asked for only when somebody reads or polls, so
 * that nothing is taken that nobody wants.
 */
#include "console.h"

#include <uvm/ioctl.h>
#include <uvm/virtq.h>

#define OUT_BUFFERS 16u /* what a slow reader may leave unread: 64 KiB, as in a pipe */

struct out_buffer {
	struct virtq_buf buf;
	void *page; /* NULL: free */
};

struct stream {
	struct virtq *q;
	u32 files;	   /* open on it */
	struct mutex lock; /* one reader, or one writer, at a time */
	/* input */
	struct virtq_buf in;
	u8 *page;
	bool asked; /* `in` is with the worker */
	bool ended;
	u32 at, have; /* bytes in page not given out yet */
	/* output */
	struct out_buffer out[OUT_BUFFERS];
	bool broken; /* the reader is gone */
};

static struct stream streams[3];

/* Takes the answer of the worker, if there is one. */
static void input_settle(struct stream *s)
{
	if (!s->asked || !s->in.done)
		return;
	s->asked = false;
	s->at = 0;
	s->have = s->in.written;
	if (!s->have)
		s->ended = true;
}

static int input_ask(struct stream *s, u64 want)
{
	struct virtq_seg seg;
	int error;

	if (s->asked || s->ended || s->have)
		return 0;
	if (!s->page)
		s->page = page_alloc_virt(0);
	if (!s->page)
		return -ENOMEM;
	seg = (struct virtq_seg){s->page, (u32)MIN(want, PAGE_SIZE), true};
	error = virtq_add(s->q, &s->in, &seg, 1);
	if (error)
		return error;
	s->asked = true;
	virtq_kick(s->q);
	virtq_poll(s->q);
	input_settle(s);
	return 0;
}

static bool input_ready(struct stream *s)
{
	input_settle(s);
	return s->have || s->ended;
}

static long input_give(struct stream *s, struct iov_iter *to)
{
	size_t n = iter_copy_to(to, s->page + s->at, MIN(to->left, (u64)s->have));

	s->at += (u32)n;
	s->have -= (u32)n;
	return n ? (long)n : -EFAULT;
}

static long console_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct stream *s = f->inode->private;
	long ret = 0;

	if (!to->left)
		return 0;
	for (;;) {
		input_settle(s);
		if (!s->have)
			ret = input_ask(s, to->left);
		if (ret)
			return ret;
		if (s->have || s->ended)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(&s->q->wait, input_ready(s));
		if (ret)
			return ret;
	}
	mutex_lock(&s->lock);
	ret = s->have ? input_give(s, to) : 0;
	mutex_unlock(&s->lock);
	return ret;
}

/* Frees what the worker has written out. */
static void output_settle(struct stream *s)
{
	for (u32 i = 0; i < OUT_BUFFERS; i++) {
		struct out_buffer *b = &s->out[i];

		if (!b->page || !b->buf.done)
			continue;
		if (b->buf.used_len)
			s->broken = true;
		page_free_virt(b->page);
		b->page = NULL;
	}
}

static struct out_buffer *output_free(struct stream *s)
{
	output_settle(s);
	for (u32 i = 0; i < OUT_BUFFERS; i++)
		if (!s->out[i].page && s->q->free_count)
			return &s->out[i];
	return NULL;
}

static long output_page(struct stream *s, struct out_buffer *b, struct iov_iter *from)
{
	struct virtq_seg seg;
	size_t n;
	int error;

	b->page = page_alloc_virt(0);
	if (!b->page)
		return -ENOMEM;
	n = iter_copy_from(from, b->page, MIN(from->left, PAGE_SIZE));
	seg = (struct virtq_seg){b->page, (u32)n, false};
	error = n ? virtq_add(s->q, &b->buf, &seg, 1) : -EFAULT;
	if (error) {
		page_free_virt(b->page);
		b->page = NULL;
		return error;
	}
	return (long)n;
}

static void output_go(struct stream *s)
{
	virtq_kick(s->q);
	virtq_poll(s->q);
	output_settle(s);
}

static long console_write_locked(struct file *f, struct stream *s, struct iov_iter *from)
{
	long done = 0, n = 0;

	while (from->left && !s->broken) {
		struct out_buffer *b = output_free(s);

		if (b) {
			n = output_page(s, b, from);
			if (n < 0)
				break;
			done += n;
			if (!from->left || !output_free(s))
				output_go(s);
			continue;
		}
		n = f->flags & O_NONBLOCK
			    ? -EAGAIN
			    : wait_event_interruptible(&s->q->wait, output_free(s) || s->broken);
		if (n)
			break;
	}
	if (done && n < 0)
		output_go(s);
	if (s->broken && !done) {
		signal_task(current, SIGPIPE);
		return -EPIPE;
	}
	return done ? done : n;
}

static long console_write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	struct stream *s = f->inode->private;
	long ret;

	mutex_lock(&s->lock);
	ret = console_write_locked(f, s, from);
	mutex_unlock(&s->lock);
	return ret;
}

static u32 console_poll(struct file *f, struct poll_table *pt)
{
	struct stream *s = f->inode->private;
	u32 events = 0;

	poll_wait(f, &s->q->wait, pt);
	if (s == &streams[0]) {
		if (!input_ready(s))
			input_ask(s, PAGE_SIZE);
		if (s->have)
			events |= POLLIN | POLLRDNORM;
		return s->ended ? events | POLLHUP : events;
	}
	if (output_free(s))
		events |= POLLOUT | POLLWRNORM;
	return s->broken ? events | POLLERR : events;
}

static long console_ioctl(struct file *f, u32 cmd, u64 arg)
{
	struct stream *s = f->inode->private;

	if (cmd != FIONREAD || s != &streams[0])
		return -ENOTTY;
	if (!input_ready(s))
		input_ask(s, PAGE_SIZE);
	return put_user((s32)s->have, arg);
}

/* Tells the worker that no more output comes, so that the reader outside sees the end. */
static void close_output(struct stream *s)
{
	struct virtq_seg seg = {s->page, 0, false};

	if (!s->page)
		s->page = page_alloc_virt(0);
	seg.addr = s->page;
	if (!s->page || virtq_add(s->q, &s->in, &seg, 1))
		return;
	virtq_kick(s->q);
	virtq_poll(s->q);
}

static int console_open(struct inode *inode, struct file *f)
{
	struct stream *s = inode->private;

	if (s == &streams[0] ? f->can_write : f->can_read)
		return -EACCES;
	if (s != &streams[0] && !s->files)
		return -ENXIO; /* closed towards the worker for good */
	s->files++;
	return 0;
}

static void console_release(struct file *f)
{
	struct stream *s = f->inode->private;

	if (--s->files == 0 && s != &streams[0])
		close_output(s);
}

static const struct file_ops console_fops = {
	.open = console_open,
	.release = console_release,
	.read = console_read,
	.write = console_write,
	.poll = console_poll,
	.ioctl = console_ioctl,
	.stream = true,
};

static int open_stream(u32 fd)
{
	struct stream *s = &streams[fd];
	struct inode *inode;
	struct file *f;
	char name[32];
	int error;

	if (boot->streams_closed >> fd & 1)
		return 0;
	s->q = virtq_open(NACELLE_DEV_CONSOLE, (u16)fd);
	inode = s->q ? anon_inode(S_IFIFO | 0600) : NULL;
	if (!inode)
		return s->q ? -ENOMEM : -ENODEV;
	mutex_init(&s->lock);
	inode->private = s;
	inode->fops = &console_fops;
	inode->uid = boot->uid;
	inode->gid = boot->gid;
	snprintf(name, sizeof(name), "pipe:[%lu]", inode->ino);
	f = file_anon(inode, name, &console_fops, fd ? O_WRONLY : O_RDONLY, NULL, &error);
	if (!f)
		return error;
	s->files = 1;
	error = fd_install_at(f, false, (int)fd);
	if (error < 0)
		file_put(f);
	return error < 0 ? error : 0;
}

int console_boot(void)
{
	int error = 0;

	for (u32 fd = 0; fd < 3 && !error; fd++)
		error = open_stream(fd);
	return error;
}
