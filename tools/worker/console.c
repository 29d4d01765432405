/* SPDX-License-Identifier: MIT */
/*
 * console.c: standard input, output and error as three rings. A descriptor that was closed when the
 * worker started is reported to the guest in the boot block; a reader that has gone is reported in the
 * used length (1), so that the guest can raise SIGPIPE.
 *
 * A container's terminal is the slave of a pty, as descriptors 0 and 1. It is raw: bytes pass unchanged, and
 * the line discipline with all of job control is the guest's (uvm-kernel/tty). Its size, and changes of it,
 * are control events.
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "boot_block.h"
#include "die.h"
#include "io.h"
#include "machine.h"

#define CONSOLE_QUEUE_SIZE 16
#define USED_READER_GONE 1

/* One stream. A request that could not be finished stays on the ring; `done` bytes of it are through. */
struct stream {
	struct queue queue;
	int fd;
	u64 done;     /* [queue.lock] */
	bool waiting; /* [queue.lock] the I/O thread polls for it */
	bool ended;   /* [queue.lock] end of input told, or output closed by the guest */
};

static struct stream streams[3];
static struct queue_chain chains[3]; /* [stream's lock] too large for a stack */

u64 console_terminal_size(void)
{
	struct winsize w = {0};

	ioctl(STDIN_FILENO, TIOCGWINSZ, &w);
	return w.ws_row | (u64)w.ws_col << 16 | (u64)w.ws_xpixel << 32 | (u64)w.ws_ypixel << 48;
}

/* Only we have the slave open: nobody else is surprised that it does not block. */
static void create_terminal(struct boot_block *block)
{
	if (fcntl(STDIN_FILENO, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		die_errno("cannot prepare the container's terminal");
	block->terminal = 1;
	block->terminal_size = (u32)console_terminal_size();
}

void console_create(struct memory *m, struct boot_block *block)
{
	static const char *const names[] = {"console input", "console output", "console error"};

	for (u16 i = 0; i < 3; i++) {
		queue_create(&streams[i].queue, names[i], m, CONSOLE_QUEUE_SIZE, (u8)(IO_VECTOR_CONSOLE + i));
		boot_block_add_queue(block, NACELLE_DEV_CONSOLE, i, &streams[i].queue);
		streams[i].fd = i;
		streams[i].ended = machine.streams_closed >> i & 1;
	}
	block->streams_closed = machine.streams_closed;
	if (machine.launch->flags & LAUNCH_TERMINAL)
		create_terminal(block);
}

static bool poll_for(int fd, short events, int timeout)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, timeout) > 0;
}

static void finish(struct stream *s, struct queue_chain *chain, u32 used)
{
	queue_done(&s->queue, chain, used);
	s->done = 0;
}

/* Writes without waiting: at most PIPE_BUF bytes when poll() says so never block. False: must wait. */
static bool write_chain(struct stream *s, struct queue_chain *c, bool may_wait)
{
	while (s->done < c->read_length) {
		struct iovec iov = c->read[0];
		ssize_t n;

		if (iov.iov_len > PIPE_BUF)
			iov.iov_len = PIPE_BUF;
		if (!poll_for(s->fd, POLLOUT, may_wait ? -1 : 0) && !may_wait)
			return false;
		n = write(s->fd, iov.iov_base, iov.iov_len);
		if (n < 0 && (errno == EINTR || (may_wait && errno == EAGAIN)))
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			finish(s, c, USED_READER_GONE);
			return true;
		}
		s->done += (u64)n;
		queue_skip(c->read, c->read_count, (size_t)n);
	}
	finish(s, c, 0);
	return true;
}

static void close_output(struct stream *s, struct queue_chain *c)
{
	if (!s->ended)
		close(s->fd);
	s->ended = true;
	finish(s, c, 0);
}

/* Everything in an output ring that can go now. Needs the lock. */
static void serve_output(struct stream *s, bool may_wait)
{
	struct queue_chain *c = &chains[s->fd];

	s->waiting = false;
	while (queue_peek(&s->queue, c)) {
		u64 length = c->read_length;

		if (c->write_count)
			die("the guest put a writable buffer into the %s queue", s->queue.name);
		if (length == 0) {
			close_output(s, c);
			continue;
		}
		if (s->ended) {
			finish(s, c, USED_READER_GONE);
			continue;
		}
		c->read_count = (u16)queue_skip(c->read, c->read_count, s->done);
		if (!write_chain(s, c, may_wait)) {
			s->waiting = true;
			return;
		}
	}
}

/* Fills one input buffer if there is something to read. Needs the lock. True: a buffer was returned. */
static bool serve_input(struct stream *s)
{
	struct queue_chain *c = &chains[s->fd];
	ssize_t n;

	s->waiting = false;
	if (s->ended || !queue_peek(&s->queue, c))
		return false;
	if (c->read_count || c->write_length == 0)
		die("the guest put an unwritable buffer into the %s queue", s->queue.name);
	if (!poll_for(s->fd, POLLIN, 0)) {
		s->waiting = true;
		return false;
	}
	n = readv(s->fd, c->write, c->write_count);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		s->waiting = true;
		return false;
	}
	if (n <= 0) {
		s->ended = true;
		n = 0;
	}
	finish(s, c, (u32)n);
	return true;
}

static void interrupt(struct stream *s)
{
	if (queue_wants_interrupt(&s->queue))
		vm_interrupt(machine.vm, s->queue.vector);
}

static void serve(struct stream *s, bool from_io_thread)
{
	bool was_waiting;

	pthread_mutex_lock(&s->queue.lock);
	was_waiting = s->waiting;
	if (s->fd == STDIN_FILENO) {
		if (serve_input(s))
			interrupt(s);
		if (queue_ready(&s->queue) && !s->ended)
			s->waiting = true;
	} else {
		u16 used = s->queue.next_used;

		serve_output(s, false);
		if (from_io_thread && used != s->queue.next_used)
			interrupt(s);
	}
	if (s->waiting && !was_waiting && !from_io_thread)
		io_wake();
	pthread_mutex_unlock(&s->queue.lock);
}

void console_doorbell(u16 queue)
{
	serve(&streams[queue], false);
}

unsigned int console_poll_set(struct pollfd *fds)
{
	unsigned int count = 0;

	for (int i = 0; i < 3; i++) {
		struct stream *s = &streams[i];

		pthread_mutex_lock(&s->queue.lock);
		if (s->waiting)
			fds[count++] = (struct pollfd){.fd = i, .events = i == 0 ? POLLIN : POLLOUT};
		pthread_mutex_unlock(&s->queue.lock);
	}
	return count;
}

void console_poll_ready(const struct pollfd *fds, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (fds[i].revents)
			serve(&streams[fds[i].fd], true);
}

void console_flush(void)
{
	for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++) {
		pthread_mutex_lock(&streams[i].queue.lock);
		serve_output(&streams[i], true);
		pthread_mutex_unlock(&streams[i].queue.lock);
	}
}
