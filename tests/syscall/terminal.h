/* SPDX-License-Identifier: MIT */
/*
 * terminal.h: a pty for the tests of terminals. Linux moves typed bytes to the reader in the background:
 * whoever looks for their effect first waits for something that must come later (echo, readiness).
 */
#ifndef TESTS_SYSCALL_TERMINAL_H
#define TESTS_SYSCALL_TERMINAL_H

#include "check.h"

#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

struct ktermios {
	unsigned iflag, oflag, cflag, lflag;
	unsigned char line, cc[19];
	unsigned ispeed, ospeed;
};

/* Bits of termios(3) as the kernel has them. */
enum {
	K_ISTRIP = 040,
	K_INLCR = 0100,
	K_IGNCR = 0200,
	K_ICRNL = 0400,
	K_IXON = 02000,
	K_IXANY = 04000,
	K_IUTF8 = 040000
};
enum {
	K_OPOST = 1,
	K_OLCUC = 2,
	K_ONLCR = 4,
	K_OCRNL = 010,
	K_ONOCR = 020,
	K_ONLRET = 040,
	K_XTABS = 014000
};
enum {
	K_ISIG = 1,
	K_ICANON = 2,
	K_ECHO = 010,
	K_ECHOE = 020,
	K_ECHOK = 040,
	K_ECHONL = 0100,
	K_NOFLSH = 0200
};
enum { K_TOSTOP = 0400, K_ECHOCTL = 01000, K_ECHOPRT = 02000, K_ECHOKE = 04000, K_IEXTEN = 0100000 };
enum { K_VTIME = 5, K_VMIN = 6, K_EOL = 11, K_EOL2 = 16 };
#define K_TCGETS2 0x802c542aul
#define K_TCSETS2 0x402c542bul
#define K_TIOCGPTLCK 0x80045439ul
#define K_TIOCGPTPEER 0x5441ul

struct terminal {
	long master, slave;
	int number;
	char name[32];
};

/* An unlocked pty whose slave is nobody's controlling terminal. */
static inline struct terminal terminal_open(void)
{
	struct terminal t;
	int off = 0;

	t.master = sys(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY);
	if (t.master == -ENOENT || t.master == -ENODEV || t.master == -EACCES)
		skip("there is no /dev/ptmx to open");
	MUST(t.master);
	MUST(sys(SYS_ioctl, t.master, TIOCGPTN, &t.number));
	MUST(sys(SYS_ioctl, t.master, TIOCSPTLCK, &off));
	snprintf(t.name, sizeof(t.name), "/dev/pts/%d", t.number);
	t.slave = MUST(sys(SYS_open, t.name, O_RDWR | O_NOCTTY));
	return t;
}

static inline void type(const struct terminal *t, const char *s)
{
	IS(sys(SYS_write, t->master, s, strlen(s)), strlen(s));
}

/* Reads exactly what is expected from one side; more may be left. */
static inline bool reads(long fd, const char *expected, const char *file, int line)
{
	size_t n = strlen(expected), done = 0;
	char buffer[8192];

	while (done < n) {
		long r = sys(SYS_read, fd, buffer + done, n - done);

		if (r <= 0)
			return check_is(r, (long)(n - done), "bytes to read", file, line);
		done += (size_t)r;
	}
	buffer[n] = 0;
	if (memcmp(buffer, expected, n))
		note("read \"%s\"", buffer);
	return check_true(!memcmp(buffer, expected, n), expected, file, line);
}
#define SHOWS(t, s) reads((t)->master, s, __FILE__, __LINE__) /* the master sees */
#define GETS(t, s) reads((t)->slave, s, __FILE__, __LINE__)   /* the slave gets, in any number of reads */

static inline void get_mode(const struct terminal *t, struct ktermios *m)
{
	memset(m, 0, sizeof(*m));
	MUST(sys(SYS_ioctl, t->slave, TCGETS, m));
}

/* Changes flags: clear, then set. */
static inline void set_local(const struct terminal *t, unsigned clear, unsigned set)
{
	struct ktermios m;

	get_mode(t, &m);
	m.lflag = (m.lflag & ~clear) | set;
	MUST(sys(SYS_ioctl, t->slave, TCSETS, &m));
}

static inline void set_raw(const struct terminal *t, int min, int time)
{
	struct ktermios m;

	get_mode(t, &m);
	m.iflag = m.oflag = 0;
	m.lflag &= ~(unsigned)(K_ICANON | K_ECHO | K_ISIG | K_IEXTEN);
	m.cc[K_VMIN] = (unsigned char)min;
	m.cc[K_VTIME] = (unsigned char)time;
	MUST(sys(SYS_ioctl, t->slave, TCSETS, &m));
}

static inline int ready(long fd, int events)
{
	struct pollfd p = {.fd = (int)fd, .events = (short)events};

	return sys(SYS_poll, &p, 1, 0) < 0 ? -1 : p.revents;
}

static inline void wait_ready(long fd, int events)
{
	struct pollfd p = {.fd = (int)fd, .events = (short)events};

	IS(sys(SYS_poll, &p, 1, -1), 1);
}

static inline void set_nonblock(long fd, int on)
{
	MUST(sys(SYS_ioctl, fd, FIONBIO, &on));
}

#endif
