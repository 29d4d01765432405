/* SPDX-License-Identifier: MIT */
/*
 * Standard input, output and error of a container without terminal: pipes whose other end is the worker's own
 * descriptor. Input is asked for only when somebody reads or polls, so that nothing is taken that nobody
 * wants.
 */
#include "console.h"

#include "pipe.h"

struct stream {
	struct console_ring ring;
	u64 len; /* of what is with the worker: bytes of the pipe */
	struct pipe *pipe;
	struct file *outer; /* the worker's end; NULL: it has left */
	u8 *page;	    /* for input */
	bool closed;	    /* the worker knows that no more output comes */
};

static struct stream streams[3];

int console_ring_open(struct console_ring *r, u16 queue, wake_fn done)
{
	r->q = virtq_open(NACELLE_DEV_CONSOLE, queue);
	if (!r->q)
		return -ENODEV;
	waiter_init(&r->waiter);
	r->waiter.func = done;
	waitq_add(&r->q->wait, &r->waiter);
	return 0;
}

void console_send(struct console_ring *r, const struct virtq_seg *segs, u32 count)
{
	r->sent = !virtq_add(r->q, &r->buf, segs, count);
	virtq_kick(r->q);
	virtq_poll(r->q);
}

/* Takes the answer of the worker, if there is one. */
static void settle(struct stream *s)
{
	const struct virtq_buf *b = &s->ring.buf;

	if (!s->ring.sent || !b->done)
		return;
	s->ring.sent = false;
	if (!s->pipe->fed)
		pipe_drop(s->pipe, s->len);
	else if (b->written)
		pipe_show(s->pipe, s->page, b->written);
	if (s->pipe->fed ? !b->written : b->used_len) {
		file_put(s->outer);
		s->outer = NULL;
	}
}

/* What is to be sent next: a number of pieces. */
static u32 next(struct stream *s, struct virtq_seg *segs, u64 want)
{
	struct pipe *p = s->pipe;
	u32 n = 0;

	if (p->fed) {
		segs[0] = (struct virtq_seg){s->page, (u32)MIN(want, PAGE_SIZE), true};
		return want && p->head == p->tail;
	}
	n = pipe_pieces(p, segs, MIN(PIPE_PAGES, (u32)s->ring.q->size));
	s->len = 0;
	for (u32 i = 0; i < n; i++)
		s->len += segs[i].len;
	if (n || p->writers || s->closed)
		return n;
	s->closed = true;
	segs[0] = (struct virtq_seg){p, 0, false}; /* no bytes, but an address in RAM */
	return 1;
}

static void pump(struct pipe *p, u64 want)
{
	struct stream *s = p->outside;
	struct virtq_seg segs[PIPE_PAGES];
	u32 n;

	settle(s);
	while (s->outer && !s->ring.sent && (n = next(s, segs, want))) {
		console_send(&s->ring, segs, n);
		settle(s);
	}
}

/* Whoever has the pipe locked settles before unlocking it: he may be putting bytes into its last page. */
static bool answered(struct waiter *w)
{
	struct stream *s = container_of(w, struct stream, ring.waiter);

	if (s->outer && !s->pipe->lock.owner)
		pump(s->pipe, 0);
	return true;
}

static int open_stream(u32 fd)
{
	struct stream *s = &streams[fd];
	struct file *ends[2];
	int error;

	if (boot->streams_closed >> fd & 1)
		return 0;
	error = console_ring_open(&s->ring, (u16)fd, answered);
	if (!error)
		error = pipe_make(0, ends);
	if (error)
		return error;
	s->outer = ends[!fd];
	s->pipe = s->outer->private;
	s->pipe->pump = pump;
	s->pipe->outside = s;
	s->pipe->fed = !fd;
	s->page = fd ? NULL : page_alloc_virt(0);
	if (!fd && !s->page)
		return -ENOMEM;
	error = fd_install_at(ends[!!fd], false, (int)fd);
	return MIN(error, 0);
}

int console_boot(void)
{
	int error = 0;

	for (u32 fd = 0; fd < 3 && !error; fd++)
		error = open_stream(fd);
	return error;
}

void console_flush(void)
{
	for (u32 fd = 1; fd < 3; fd++)
		if (streams[fd].outer)
			wait_event(&streams[fd].ring.q->wait, !streams[fd].ring.sent);
	tty_console_flush();
}
