/* SPDX-License-Identifier: MIT */
/*
 * io.c: one poll loop for the whole worker.
 */
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "console.h"
#include "control.h"
#include "die.h"
#include "net.h"

static int wake_fd;
static int signal_fd;

void io_wake(void)
{
	uint64_t one = 1;

	if (write(wake_fd, &one, sizeof(one)) < 0)
		die_errno("cannot wake the I/O thread");
}

static void *io_loop(void *unused)
{
	struct pollfd fds[3 + CONSOLE_POLL_MAX];
	uint64_t count;

	(void)unused;
	fds[0] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
	for (;;) {
		unsigned int n = console_poll_set(fds + 3);

		fds[2] = (struct pollfd){.fd = net_poll_fd(), .events = POLLIN};
		if (poll(fds, 3 + n, -1) < 0) {
			if (errno == EINTR)
				continue;
			die_errno("cannot wait for input");
		}
		if (fds[0].revents && read(wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
			die_errno("cannot read the I/O thread's wake-up");
		if (fds[1].revents)
			control_read(signal_fd);
		if (fds[2].revents)
			net_poll_ready();
		console_poll_ready(fds + 3, n);
	}
	return NULL;
}

void io_create(void)
{
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		die_errno("cannot create the I/O thread's event");
	signal_fd = control_open();
}

void io_start(void)
{
	pthread_t thread;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	errno = pthread_create(&thread, &attr, io_loop, NULL);
	if (errno)
		die_errno("cannot start the I/O thread");
}
