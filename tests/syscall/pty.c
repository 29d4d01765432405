/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals: /dev/ptmx, locks and numbers, peers, what either side sees when the other goes. */
#include "terminal.h"

#include <sys/epoll.h>
#include <sys/sysmacros.h>

TEST(lock)
{
	struct terminal t = terminal_open();
	int on = 1, now = -1;

	IS(sys(SYS_ioctl, t.master, K_TIOCGPTLCK, &now), 0);
	IS(now, 0);
	IS(sys(SYS_ioctl, t.master, TIOCSPTLCK, &on), 0);
	IS(sys(SYS_ioctl, t.master, K_TIOCGPTLCK, &now), 0);
	IS(now, 1);
	IS(sys(SYS_open, t.name, O_RDWR | O_NOCTTY), -EIO);
	IS(sys(SYS_ioctl, t.master, K_TIOCGPTPEER, O_RDWR | O_NOCTTY), -EIO);
	IS(sys(SYS_ioctl, t.master, TIOCSPTLCK, BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_ioctl, t.slave, TIOCSPTLCK, &on), -ENOTTY);
	IS(sys(SYS_ioctl, t.slave, TIOCGPTN, &now), -ENOTTY);
}

TEST(fresh_master_is_locked)
{
	long m;
	int now = 0;

	(void)terminal_open();
	m = MUST(sys(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY));
	IS(sys(SYS_ioctl, m, K_TIOCGPTLCK, &now), 0);
	IS(now, 1);
}

TEST(numbers)
{
	struct terminal a = terminal_open(), b = terminal_open(), c;
	int number = a.number;
	struct stat st;
	char link[64], text[64];
	long n;

	TRUE(a.number != b.number);
	IS(sys(SYS_fstat, a.slave, &st), 0);
	IS(st.st_mode & S_IFMT, S_IFCHR);
	IS(st.st_rdev, makedev(136, number));
	IS(st.st_uid, sys(SYS_geteuid));
	IS(sys(SYS_fstat, a.master, &st), 0);
	IS(st.st_rdev, makedev(5, 2));
	snprintf(link, sizeof(link), "/proc/self/fd/%ld", a.slave);
	n = OK(sys(SYS_readlink, link, text, sizeof(text) - 1));
	text[n > 0 ? n : 0] = 0;
	STREQ(text, a.name);
	IS(sys(SYS_close, a.slave), 0);
	IS(sys(SYS_close, a.master), 0);
	IS(sys(SYS_stat, a.name, &st), -ENOENT);
	c = terminal_open();
	note("%d was %d", c.number, number);
	IS(sys(SYS_stat, c.name, &st), 0);
}

TEST_FLAGS(nobody_makes_entries, ROOT)
{
	(void)terminal_open();
	IS(sys(SYS_open, "/dev/pts/x", O_CREAT | O_RDWR, 0600), -EACCES);
	IS(sys(SYS_mkdir, "/dev/pts/x", 0700), -EPERM);
	IS(sys(SYS_unlink, "/dev/pts/ptmx"), -EPERM);
	IS(sys(SYS_open, "/dev/pts/4000", O_RDWR | O_NOCTTY), -ENOENT);
}

TEST(peer)
{
	struct terminal t = terminal_open();
	struct ktermios m;
	long fd = MUST(sys(SYS_ioctl, t.master, K_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));

	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_ioctl, fd, TCGETS, &m), 0);
	IS(sys(SYS_write, fd, "x", 1), 1);
	SHOWS(&t, "x");
}

TEST(slave_closes)
{
	struct terminal t = terminal_open();
	char buffer[8];
	long fd;

	IS(ready(t.master, POLLIN | POLLOUT), POLLOUT);
	IS(sys(SYS_write, t.slave, "rest", 4), 4);
	IS(sys(SYS_close, t.slave), 0);
	SHOWS(&t, "rest");
	IS(sys(SYS_read, t.master, buffer, 8), -EIO);
	IS(ready(t.master, POLLIN) & (POLLHUP | POLLIN), POLLHUP);
	fd = MUST(sys(SYS_open, t.name, O_RDWR | O_NOCTTY));
	IS(ready(t.master, POLLIN), 0);
	set_nonblock(t.master, 1);
	IS(sys(SYS_read, t.master, buffer, 8), -EAGAIN);
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_read, t.master, buffer, 8), -EIO);
	IS(sys(SYS_write, t.master, "early\n", 6), 6); /* for whoever opens it next */
	t.slave = MUST(sys(SYS_open, t.name, O_RDWR | O_NOCTTY));
	GETS(&t, "early\n");
}

TEST(master_closes)
{
	struct terminal t = terminal_open();
	int pgrp = 1;
	char c;

	type(&t, "lost\n");
	wait_ready(t.slave, POLLIN);
	IS(sys(SYS_close, t.master), 0);
	IS(sys(SYS_read, t.slave, &c, 1), 0);
	IS(sys(SYS_write, t.slave, &c, 1), -EIO);
	IS(sys(SYS_ioctl, t.slave, FIONREAD, &pgrp), -EIO);
	IS(sys(SYS_ioctl, t.slave, TIOCSPGRP, &pgrp), -ENOTTY);
	IS(ready(t.slave, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLERR | POLLHUP);
	IS(sys(SYS_open, t.name, O_RDWR | O_NOCTTY), -ENOENT);
}

static void close_later(void *arg)
{
	struct terminal *t = arg;

	sys(SYS_close, t->slave);
	sleep_ms(50);
	sys(SYS_close, t->master);
}

TEST(reader_is_woken_by_the_end)
{
	struct terminal t = terminal_open();
	long pid = child(close_later, &t);
	char c;

	IS(sys(SYS_close, t.master), 0);
	IS(sys(SYS_read, t.slave, &c, 1), -EIO); /* but 0 for those who come later */
	IS(sys(SYS_read, t.slave, &c, 1), 0);
	IS(reap(pid), 0);
}

#define AMOUNT 100000

static void copy(void *arg)
{
	struct terminal *t = arg;
	static char buffer[1000];
	long n, done = 0;

	while (done < AMOUNT) {
		n = MUST(sys(SYS_read, t->slave, buffer, sizeof(buffer)));
		for (long i = 0; i < n;)
			i += MUST(sys(SYS_write, t->slave, buffer + i, n - i));
		done += n;
	}
}

TEST(much_through_it)
{
	struct terminal t = terminal_open();
	static char out[AMOUNT], in[AMOUNT];
	long pid, sent = 0, got = 0, n;

	set_raw(&t, 1, 0);
	for (int i = 0; i < AMOUNT; i++)
		out[i] = (char)(i * 7 + i / 251);
	pid = child(copy, &t);
	set_nonblock(t.master, 1);
	while (got < AMOUNT) {
		wait_ready(t.master, sent < AMOUNT ? POLLIN | POLLOUT : POLLIN);
		n = sent < AMOUNT ? sys(SYS_write, t.master, out + sent, AMOUNT - sent) : 0;
		sent += n > 0 ? n : 0;
		n = sys(SYS_read, t.master, in + got, AMOUNT - got);
		got += n > 0 ? n : 0;
	}
	SAME(in, out, AMOUNT);
	IS(reap(pid), 0);
}

TEST(full)
{
	struct terminal t = terminal_open();
	static char big[65536];
	long n, more;

	set_raw(&t, 1, 0);
	set_nonblock(t.slave, 1);
	n = OK(sys(SYS_write, t.slave, big, sizeof(big)));
	do { /* Linux moves bytes to the other side in the background: there may be room again */
		while ((more = sys(SYS_write, t.slave, big, sizeof(big))) > 0)
			n += more;
		IS(more, -EAGAIN);
	} while (ready(t.slave, POLLOUT));
	TRUE(n >= 4096 && n < 100000);
	while (n > 0)
		n -= OK(sys(SYS_read, t.master, big, sizeof(big)));
	IS(n, 0);
	wait_ready(t.slave, POLLOUT);
}

TEST(watched)
{
	struct terminal t = terminal_open();
	long ep = MUST(sys(SYS_epoll_create1, 0));
	struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = 1}, got;

	IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, t.master, &e), 0);
	e.data.u64 = 2;
	IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, t.slave, &e), 0);
	IS(sys(SYS_epoll_wait, ep, &got, 1, 0), 0);
	IS(sys(SYS_write, t.slave, "x", 1), 1);
	IS(sys(SYS_epoll_wait, ep, &got, 1, -1), 1);
	IS(got.data.u64, 1);
	set_local(&t, K_ECHO, 0);
	type(&t, "y\n");
	do
		IS(sys(SYS_epoll_wait, ep, &got, 1, -1), 1);
	while (got.data.u64 != 2);
	IS(got.events, EPOLLIN);
	IS(sys(SYS_close, t.slave), 0);
	do
		IS(sys(SYS_epoll_wait, ep, &got, 1, -1), 1);
	while (!(got.events & EPOLLHUP));
	IS(got.data.u64, 1);
}
