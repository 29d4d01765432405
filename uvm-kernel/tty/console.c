/* SPDX-License-Identifier: MIT */
/*
 * The container's terminal: /dev/pts/0, whose master side is the worker's console rings. The worker's
 * terminal is raw, so that the line discipline and job control are all here; input is always asked for, since
 * ^C must work while nobody reads.
 */
#include "../fs/console.h"
#include "tty.h"

struct side {
	struct console_ring ring;
	u8 *page;
	bool busy; /* somebody loops already */
};

static struct tty *console;
static struct side in, out;
static u32 have, at; /* bytes of in.page, and how many were typed */
static bool gone;    /* the worker's terminal: nothing comes from it, nothing can be told to it */

static bool send(struct side *s, u32 len, bool device_writes)
{
	console_send(&s->ring, &(struct virtq_seg){s->page, len, device_writes}, 1);
	return s->ring.sent;
}

static void output(struct tty *t)
{
	if (out.busy)
		return;
	out.busy = true;
	while (!out.ring.sent && tty_has_output(t)) {
		u32 n = tty_take_output(t, out.page, PAGE_SIZE);

		send(&out, n, false);
	}
	out.busy = false;
}

static void input(struct tty *t)
{
	if (in.busy)
		return;
	in.busy = true;
	do {
		for (; at < have && tty_takes(t); at++)
			tty_receive(t, in.page + at, 1);
	} while (at == have && !in.ring.sent && !send(&in, PAGE_SIZE, true));
	in.busy = false;
}

/* Takes the buffer back, unless the worker reports the end: then it stays where it is. */
static bool settle(struct side *s, bool end)
{
	if (gone || !s->ring.sent || !s->ring.buf.done)
		return false;
	gone = end;
	s->ring.sent = end;
	if (end)
		tty_hangup(console);
	return !end;
}

static bool output_done(struct waiter *w __unused)
{
	if (settle(&out, out.ring.buf.used_len))
		output(console);
	return true;
}

static bool input_came(struct waiter *w __unused)
{
	if (settle(&in, !in.ring.buf.written)) {
		have = in.ring.buf.written;
		at = 0;
		input(console);
	}
	return true;
}

static int side_open(struct side *s, u16 queue, wake_fn done)
{
	s->page = page_alloc_virt(0);
	return s->page ? console_ring_open(&s->ring, queue, done) : -ENOMEM;
}

static struct mount *mount_of(const struct superblock *sb)
{
	struct mount *m = mount_first();

	while (m && m->sb != sb)
		m = mount_next(m);
	return m;
}

int tty_console_make(struct path *where)
{
	int error;
	struct superblock *sb = devpts_first(&error);
	u16 size[4] = {(u16)boot->terminal_size, (u16)(boot->terminal_size >> 16)};

	console = sb ? pts_new(sb, &error) : NULL;
	if (!console)
		return error;
	console->output = output;
	console->room = input;
	console->drains = true;
	tty_resize(console, size);
	*where = (struct path){mount_of(sb), console->node};
	error = side_open(&in, NACELLE_CONSOLE_QUEUE_IN, input_came);
	if (!error)
		error = side_open(&out, NACELLE_CONSOLE_QUEUE_OUT, output_done);
	return error;
}

int tty_console_open(void)
{
	struct path p = {mount_of(console->node->sb), console->node};
	struct inode *inode = p.dentry->inode;
	struct file *f;
	int error = 0;

	inode->uid = boot->uid;
	f = file_open_at(&p, O_RDWR, &error); /* the first process leads a session: its terminal now */
	for (int fd = 0; f && fd < 3 && error >= 0; fd++)
		error = fd_install_at(fd ? file_get(f) : f, false, fd);
	input(console);
	return error < 0 ? error : 0;
}

void tty_console_resize(u64 packed)
{
	u16 size[4] = {(u16)packed, (u16)(packed >> 16), (u16)(packed >> 32), (u16)(packed >> 48)};

	if (console)
		tty_resize(console, size);
}

void tty_console_flush(void)
{
	if (console)
		wait_event(&console->slave, gone || !tty_has_output(console));
}
