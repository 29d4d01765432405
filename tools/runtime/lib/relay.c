/* SPDX-License-Identifier: MIT */
/*
 * relay.c: stands between the user's terminal and a container: bytes both ways, sizes, signals. Without a
 * terminal only the signals are left.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One direction. What was read waits until it can be written; a side that fails is done with. */
struct copy {
	int from, to; /* from is -1 at its end */
	size_t at, have;
	char data[4096];
};

static void fill(struct copy *c)
{
	ssize_t n = read(c->from, c->data, sizeof(c->data));

	c->at = c->have = 0;
	if (n > 0)
		c->have = (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->from = -1;
}

static void drain(struct copy *c)
{
	ssize_t n = write(c->to, c->data + c->at, c->have - c->at);

	if (n > 0)
		c->at += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		c->at = c->have; /* nobody takes it */
}

static struct pollfd wants(const struct copy *c)
{
	if (c->at < c->have)
		return (struct pollfd){.fd = c->to, .events = POLLOUT};
	return (struct pollfd){.fd = c->from, .events = POLLIN};
}

static void step(struct copy *c)
{
	if (c->at < c->have)
		drain(c);
	else
		fill(c);
}

/* Our terminal passes every key on; what it was is left in `was`. */
static void make_raw(const struct terminal *t, struct termios *was)
{
	struct termios raw;

	if (t->own < 0 || tcgetattr(t->own, was) < 0)
		return;
	raw = *was;
	cfmakeraw(&raw);
	tcsetattr(t->own, TCSADRAIN, &raw);
}

static void copy_size(const struct terminal *t)
{
	struct winsize size;

	if (ioctl(t->own, TIOCGWINSZ, &size) == 0)
		ioctl(t->master, TIOCSWINSZ, &size);
}

/* True when the worker has ended. */
static bool take_signals(int fd, const struct terminal *t, pid_t worker, int *status)
{
	struct signalfd_siginfo info;
	bool ended = false;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;

		if (sig == SIGCHLD)
			ended = ended || waitpid(worker, status, WNOHANG) == worker;
		else if (sig == SIGWINCH && t->own >= 0)
			copy_size(t);
		else if (sig != SIGPIPE && !ended)
			kill(worker, sig);
	}
	return ended;
}

/* The user's terminal is gone: so is the container's. */
static void hang_up(struct terminal *t, struct copy *in, struct copy *out)
{
	close(t->master);
	t->master = out->from = in->to = -1;
	in->at = in->have = 0;
}

static void copy_step(struct terminal *t, struct copy *in, struct copy *out, const struct pollfd *fds)
{
	bool had = in->from >= 0;

	if (fds[0].revents)
		step(in);
	if (fds[1].revents)
		step(out);
	if (had && in->from < 0 && isatty(STDIN_FILENO))
		hang_up(t, in, out);
}

/* What the container wrote before it ended. */
static void finish_output(struct copy *out)
{
	while (out->from >= 0 || out->at < out->have) {
		if (out->at < out->have)
			drain(out);
		else
			fill(out);
		if (out->at == out->have && out->from >= 0 &&
		    !poll(&(struct pollfd){out->from, POLLIN, 0}, 1, 0))
			return;
	}
}

int terminal_relay(struct terminal *t, pid_t worker)
{
	static struct copy in, out;
	struct termios was;
	sigset_t all;
	int signals, status = 0;
	bool copying = t->own >= 0;

	sigfillset(&all);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	in = (struct copy){.from = copying ? STDIN_FILENO : -1, .to = t->master};
	out = (struct copy){.from = copying ? t->master : -1, .to = STDOUT_FILENO};
	if (copying) {
		fcntl(t->master, F_SETFL, O_RDWR | O_NONBLOCK);
		make_raw(t, &was);
		copy_size(t);
	}
	for (;;) {
		struct pollfd fds[] = {wants(&in), wants(&out), {.fd = signals, .events = POLLIN}};

		if (poll(fds, 3, -1) < 0)
			continue;
		copy_step(t, &in, &out, fds);
		if (fds[2].revents && take_signals(signals, t, worker, &status))
			break;
	}
	finish_output(&out);
	if (copying)
		tcsetattr(t->own, TCSADRAIN, &was);
	close(signals);
	return status;
}
