/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: what becomes of typed bytes. Editing and echo in canonical mode, signals, flow
 * control; reading is file.c's.
 */
#include "tty.h"

static bool on(const struct tty *t, u32 lflags)
{
	return t->termios.lflag & lflags;
}

/* Is c this special character? '\0' disables one. */
static bool is(const struct tty *t, u8 c, u32 which)
{
	return c && t->termios.cc[which] == c;
}

static bool is_extended(const struct tty *t, u8 c, u32 which)
{
	return on(t, IEXTEN) && is(t, c, which);
}

static bool is_control(u8 c)
{
	return c < ' ' || c == 0x7f;
}

static bool is_word(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       c >= 0xc0;
}

static bool continues(const struct tty *t, u8 c)
{
	return t->termios.iflag & IUTF8 && (c & 0xc0) == 0x80;
}

static u16 *slot(struct tty *t, u32 at)
{
	return &t->in[at % TTY_IN];
}

/* When a line without end fills the buffer its last byte is replaced. */
static void store(struct tty *t, u32 c)
{
	if (t->head - t->tail >= TTY_IN)
		t->head--;
	*slot(t, t->head++) = (u16)c;
}

static void end_line(struct tty *t, u8 c)
{
	store(t, c | LINE_END);
	t->canon = t->head;
}

static void echo_string(struct tty *t, const char *s)
{
	while (*s)
		tty_put(t, (u8)*s++);
}

static void echo(struct tty *t, u8 c)
{
	if (on(t, ECHOCTL) && is_control(c) && c != '\t') {
		tty_put(t, '^');
		c ^= 0100;
	}
	tty_put(t, c);
}

static void finish_erasing(struct tty *t)
{
	if (t->erasing)
		tty_put(t, '/');
	t->erasing = false;
}

/* Back over a tab: to the column that what stands before it in the line ends in. */
static void echo_erase_tab(struct tty *t)
{
	u32 at = t->head, columns = 0;

	while (at != t->canon && *slot(t, at - 1) != '\t') {
		u8 c = (u8)*slot(t, --at);

		columns += is_control(c) ? (on(t, ECHOCTL) ? 2 : 0) : !continues(t, c);
	}
	if (at == t->canon)
		columns += t->canon_column;
	for (columns = 8 - columns % 8; columns; columns--)
		tty_put(t, '\b');
}

/* The `count` bytes behind head were one character, and are erased. */
static void echo_erased(struct tty *t, u32 count, bool kill)
{
	u8 c = (u8)*slot(t, t->head);

	if (on(t, ECHOPRT)) {
		if (!t->erasing)
			tty_put(t, '\\');
		t->erasing = true;
		echo(t, c);
		for (u32 i = 1; i < count; i++)
			tty_put(t, (u8)*slot(t, t->head + i));
	} else if (!kill && !on(t, ECHOE)) {
		echo(t, t->termios.cc[VERASE]);
	} else if (c == '\t') {
		echo_erase_tab(t);
	} else {
		if (is_control(c) && on(t, ECHOCTL))
			echo_string(t, "\b \b");
		if (!is_control(c) || on(t, ECHOCTL))
			echo_string(t, "\b \b");
	}
}

static void kill_unseen(struct tty *t)
{
	t->head = t->canon;
	if (!on(t, ECHO))
		return;
	finish_erasing(t);
	echo(t, t->termios.cc[VKILL]);
	if (on(t, ECHOK))
		tty_put(t, '\n');
}

/* VERASE, VWERASE, VKILL. */
static void erase(struct tty *t, u8 by)
{
	bool word = is_extended(t, by, VWERASE) && !is(t, by, VERASE), kill = !word && !is(t, by, VERASE);
	bool seen = false;

	if (kill && (!on(t, ECHO) || !on(t, ECHOK) || !on(t, ECHOKE) || !on(t, ECHOE))) {
		if (t->head != t->canon)
			kill_unseen(t);
		return;
	}
	while (t->head != t->canon) {
		u32 from = t->head, count;

		do
			from--;
		while (continues(t, (u8)*slot(t, from)) && from != t->canon);
		if (continues(t, (u8)*slot(t, from)))
			break;
		if (word && !is_word((u8)*slot(t, from)) && seen)
			break;
		seen = seen || is_word((u8)*slot(t, from));
		count = t->head - from;
		t->head = from;
		if (on(t, ECHO))
			echo_erased(t, count, kill || word);
		if (!word && !kill)
			break;
	}
	if (t->head == t->canon && on(t, ECHO))
		finish_erasing(t);
}

static void reprint(struct tty *t, u8 c)
{
	finish_erasing(t);
	echo(t, c);
	tty_put(t, '\n');
	for (u32 at = t->canon; at != t->head; at++)
		echo(t, (u8)*slot(t, at));
}

static void plain(struct tty *t, u8 c)
{
	if (on(t, ECHO)) {
		finish_erasing(t);
		if (t->head == t->canon)
			t->canon_column = t->column;
		if (c == '\n')
			tty_put(t, c);
		else
			echo(t, c);
	}
	if (t->termios.iflag & PARMRK && c == 0xff)
		store(t, c);
	store(t, c);
}

/* Editing; true if c is none of it. */
static bool canonical(struct tty *t, u8 c)
{
	if (is(t, c, VERASE) || is(t, c, VKILL) || is_extended(t, c, VWERASE)) {
		erase(t, c);
	} else if (is_extended(t, c, VLNEXT)) {
		t->literal = true;
		if (on(t, ECHO)) {
			finish_erasing(t);
			if (on(t, ECHOCTL))
				echo_string(t, "^\b");
		}
	} else if (on(t, ECHO) && is_extended(t, c, VREPRINT)) {
		reprint(t, c);
	} else if (c == '\n') {
		if (on(t, ECHO | ECHONL))
			tty_put(t, c);
		end_line(t, c);
	} else if (is(t, c, VEOF)) {
		end_line(t, '\0');
	} else if (is(t, c, VEOL) || is_extended(t, c, VEOL2)) {
		if (on(t, ECHO))
			echo(t, c);
		end_line(t, c);
	} else {
		return true;
	}
	return false;
}

static int signal_of(const struct tty *t, u8 c)
{
	if (!on(t, ISIG))
		return 0;
	return is(t, c, VINTR) ? SIGINT : is(t, c, VQUIT) ? SIGQUIT : is(t, c, VSUSP) ? SIGTSTP : 0;
}

static void send_signal(struct tty *t, u8 c, int sig)
{
	signal_pgrp(t->pgrp, sig);
	if (!on(t, NOFLSH)) {
		tty_flush_output(t);
		tty_flush_input(t);
	}
	if (t->termios.iflag & IXON)
		tty_stop(t, false);
	if (on(t, ECHO))
		echo(t, c);
}

static void receive(struct tty *t, u8 c)
{
	u32 i = t->termios.iflag;
	int sig;

	if (i & ISTRIP)
		c &= 0x7f;
	if (i & IUCLC && on(t, IEXTEN) && c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if (t->literal) {
		t->literal = false;
		plain(t, c);
		return;
	}
	if (i & IXON && (is(t, c, VSTART) || is(t, c, VSTOP))) {
		tty_stop(t, !is(t, c, VSTART));
		return;
	}
	sig = signal_of(t, c);
	if (sig) {
		send_signal(t, c, sig);
		return;
	}
	if (i & IXON && i & IXANY)
		tty_stop(t, false);
	if (c == '\r') {
		if (i & IGNCR)
			return;
		c = i & ICRNL ? '\n' : c;
	} else if (c == '\n' && i & INLCR) {
		c = '\r';
	}
	if (!on(t, ICANON) || canonical(t, c))
		plain(t, c);
}

bool tty_takes(const struct tty *t)
{
	return t->head - t->tail < TTY_IN - 2 || (on(t, ICANON) && t->canon == t->tail);
}

void tty_receive(struct tty *t, const u8 *bytes, u32 n)
{
	for (u32 i = 0; i < n; i++)
		receive(t, bytes[i]);
	if (tty_has_output(t))
		t->output(t);
	if (tty_readable(t, 1))
		wake_all(&t->slave);
}

bool tty_readable(const struct tty *t, u32 min)
{
	return on(t, ICANON) ? t->canon != t->tail : t->head - t->tail >= min;
}

/* Up to the end of the line, or max bytes; a VEOF right behind those goes with them. */
static u32 take_line(struct tty *t, u8 *to, u32 max)
{
	u32 n = 0;

	while (t->tail != t->canon) {
		u32 c = *slot(t, t->tail);

		if (n == max && c != LINE_END)
			break;
		t->tail++;
		if (c == LINE_END)
			break;
		to[n++] = (u8)c;
		if (c & LINE_END)
			break;
	}
	return n;
}

u32 tty_take_input(struct tty *t, u8 *to, u32 max)
{
	u32 n = 0;

	if (on(t, ICANON))
		n = take_line(t, to, max);
	else
		while (n < max && t->tail != t->head)
			to[n++] = (u8)*slot(t, t->tail++);
	t->room(t);
	return n;
}

u32 tty_input_count(const struct tty *t)
{
	u32 n = 0;

	if (!on(t, ICANON))
		return t->head - t->tail;
	for (u32 at = t->tail; at != t->canon; at++)
		n += t->in[at % TTY_IN] != LINE_END;
	return n;
}

void tty_flush_input(struct tty *t)
{
	t->tail = t->canon = t->head;
	t->erasing = t->literal = false;
	t->room(t);
}

void tty_mode_changed(struct tty *t, const struct termios *old)
{
	if ((old->lflag ^ t->termios.lflag) & ICANON) {
		for (u32 at = t->tail; at != t->head; at++)
			*slot(t, at) &= 0xff;
		t->erasing = t->literal = false;
		t->canon = on(t, ICANON) ? t->head : t->tail;
		if (on(t, ICANON) && t->head != t->tail)
			*slot(t, t->head - 1) |= LINE_END;
	}
	if (old->iflag & ~t->termios.iflag & IXON)
		tty_stop(t, false);
	wake_all(&t->slave);
}
