/* SPDX-License-Identifier: MIT */
/*
 * A terminal's output: processing on the way in, the ring of bytes that the master side takes, and stopping
 * it.
 */
#include "tty.h"

static u32 used(const struct tty *t)
{
	return t->out_head - t->out_tail;
}

static void put(struct tty *t, u8 c)
{
	if (used(t) < TTY_OUT)
		t->out[t->out_head++ % TTY_OUT] = c;
}

static void newline(struct tty *t, bool to_left)
{
	if (to_left)
		t->column = 0;
	t->canon_column = t->column;
}

static void tab(struct tty *t)
{
	u32 width = 8 - t->column % 8;

	t->column += width;
	if ((t->termios.oflag & XTABS) != XTABS)
		put(t, '\t');
	else
		while (width--)
			put(t, ' ');
}

static void graphic(struct tty *t, u8 c)
{
	if (t->termios.oflag & OLCUC && c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (!(t->termios.iflag & IUTF8 && (c & 0xc0) == 0x80) && c >= ' ' && c != 0x7f)
		t->column++;
	put(t, c);
}

void tty_put(struct tty *t, u8 c)
{
	u32 o = t->termios.oflag;

	if (!(o & OPOST)) {
		put(t, c);
	} else if (c == '\n') {
		newline(t, o & (ONLRET | ONLCR));
		if (o & ONLCR)
			put(t, '\r');
		put(t, c);
	} else if (c == '\r') {
		if (o & ONOCR && !t->column)
			return;
		newline(t, !(o & OCRNL) || o & ONLRET);
		put(t, o & OCRNL ? '\n' : c);
	} else if (c == '\t') {
		tab(t);
	} else if (c == '\b') {
		t->column -= t->column > 0;
		put(t, c);
	} else {
		graphic(t, c);
	}
}

u32 tty_write_room(const struct tty *t)
{
	return t->stopped || used(t) >= TTY_OUT_WRITE ? 0 : TTY_OUT_WRITE - used(t);
}

u32 tty_take_output(struct tty *t, void *to, u32 max)
{
	u8 *p = to;

	while (max && tty_has_output(t)) {
		*p++ = t->out[t->out_tail++ % TTY_OUT];
		max--;
	}
	wake_all(&t->slave);
	return (u32)(p - (u8 *)to);
}

void tty_stop(struct tty *t, bool stop)
{
	if (t->stopped == stop)
		return;
	t->stopped = stop;
	t->out_stop = t->out_head;
	if (stop)
		return;
	t->output(t);
	wake_all(&t->slave);
}

void tty_flush_output(struct tty *t)
{
	t->out_tail = t->out_stop = t->out_head;
	wake_all(&t->slave);
}
