/* SPDX-License-Identifier: MIT */
/*
 * ioctl on terminals: modes, sizes, queues. Requests about jobs are job.c's, those of a pty's master pty.c's.
 */
#include "tty.h"

#include <uvm/ioctl.h>

#define CBAUD 010017u
#define BOTHER 010000u
#define IBSHIFT 16
#define CSIZE_PARENB 0460u
#define CS8_CREAD 0260u

/* Baud rate of a mode's bits; one that is given as a number stays as it is. */
static u32 speed(u32 bits, u32 number)
{
	static const u32 rates[] = {0,	     50,      75,      110,	134,	 150,	  200,	  300,
				    600,     1200,    1800,    2400,	4800,	 9600,	  19200,  38400,
				    57600,   115200,  230400,  460800,	500000,	 576000,  921600, 1000000,
				    1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};

	if ((bits & CBAUD) == BOTHER)
		return number;
	return rates[(bits & 017) + (bits & BOTHER ? 15 : 0)];
}

static long set_mode(struct tty *t, u32 cmd, u64 arg, size_t size)
{
	struct termios new = t->termios, old;
	bool wait = cmd != TCSETS && cmd != TCSETS2;
	long error = tty_check_change(t, SIGTTOU);

	if (!error)
		error = copy_from_user(&new, (const void *)arg, size);
	if (!error && wait && t->drains)
		error = wait_event_interruptible(&t->slave, !tty_has_output(t));
	if (error)
		return error;
	if (cmd == TCSETSF || cmd == TCSETSF2)
		tty_flush_input(t);
	old = t->termios;
	new.ospeed = speed(new.cflag, new.ospeed);
	new.ispeed = new.cflag >> IBSHIFT &CBAUD ? speed(new.cflag >> IBSHIFT, new.ispeed) : new.ospeed;
	new.cflag = (new.cflag & ~CSIZE_PARENB) | CS8_CREAD;
	t->termios = new;
	tty_mode_changed(t, &old);
	return 0;
}

static long flush(struct tty *t, bool master, u64 arg)
{
	enum { INPUT, OUTPUT, BOTH };
	long error = tty_check_change(t, SIGTTOU);

	if (error || arg > BOTH)
		return error ?: -EINVAL;
	/* A master's input is our output; its own output has been taken in already. */
	if (master ? arg != OUTPUT : arg != INPUT)
		tty_flush_output(t);
	if (!master && arg != OUTPUT)
		tty_flush_input(t);
	return 0;
}

static long flow(struct tty *t, u64 arg)
{
	enum { OUTPUT_OFF, OUTPUT_ON, INPUT_OFF, INPUT_ON };
	long error = tty_check_change(t, SIGTTOU);
	u8 c;

	if (error || arg > INPUT_ON)
		return error ?: -EINVAL;
	if (arg <= OUTPUT_ON) {
		tty_stop(t, arg == OUTPUT_OFF);
		return 0;
	}
	c = t->termios.cc[arg == INPUT_OFF ? VSTOP : VSTART];
	if (c) {
		tty_put(t, c);
		t->output(t);
	}
	return 0;
}

/* There is no line to break; what was written has gone. */
static long wait_sent(struct tty *t)
{
	long error = tty_check_change(t, SIGTTOU);

	if (!error && t->drains && wait_event_interruptible(&t->slave, !tty_has_output(t)))
		error = -EINTR;
	return error;
}

void tty_resize(struct tty *t, const u16 size[4])
{
	if (!memcmp(t->size, size, sizeof(t->size)))
		return;
	memcpy(t->size, size, sizeof(t->size));
	if (t->pgrp)
		signal_pgrp(t->pgrp, SIGWINCH);
}

static long set_size(struct tty *t, u64 arg)
{
	u16 size[4];

	if (copy_from_user(size, (const void *)arg, sizeof(size)))
		return -EFAULT;
	tty_resize(t, size);
	return 0;
}

static long set_discipline(u64 arg)
{
	s32 n;

	if (get_user(n, arg))
		return -EFAULT;
	return n ? -EINVAL : 0;
}

long tty_ioctl(struct file *f, u32 cmd, u64 arg)
{
	struct tty *t = f->private;
	bool master = f->ops != &tty_fops;

	if (!master && tty_hung_up(f))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	switch (cmd) {
	case TCGETS:
	case TCGETS2:
		return copy_to_user((void *)arg, &t->termios,
				    cmd == TCGETS ? TERMIOS_OLD_SIZE : sizeof(t->termios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_mode(t, cmd, arg, TERMIOS_OLD_SIZE);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_mode(t, cmd, arg, sizeof(t->termios));
	case TCSBRK:
		return wait_sent(t);
	case TCXONC:
		return flow(t, arg);
	case TCFLSH:
		return flush(t, master, arg);
	case TIOCGWINSZ:
		return copy_to_user((void *)arg, t->size, sizeof(t->size));
	case TIOCSWINSZ:
		return set_size(t, arg);
	case FIONREAD:
		return put_user((s32)(master ? t->out_head - t->out_tail : tty_input_count(t)), arg);
	case TIOCOUTQ:
		return put_user((s32)(t->drains ? t->out_head - t->out_tail : 0), arg);
	case TIOCGETD:
		return put_user((s32)0, arg);
	case TIOCSETD:
		return set_discipline(arg);
	default:
		return tty_job_ioctl(t, f, cmd, arg);
	}
}
