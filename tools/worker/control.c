/* SPDX-License-Identifier: MIT */
/*
 * control.c: the control ring. All signals are blocked in all threads and read from one signalfd; those
 * that come before the guest has given a buffer wait here, one bit each. What our own terminal tells us (its
 * size has changed, it is gone) is for the guest's terminal, not for its first process.
 */
#include "control.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot_block.h"
#include "console.h"
#include "die.h"
#include "io.h"
#include "machine.h"
#include "queue.h"

#define CONTROL_QUEUE_SIZE 16

static struct queue queue;
static u64 pending;		 /* [queue.lock] bit n: signal n + 1 */
static bool resized;		 /* [queue.lock] */
static struct queue_chain chain; /* [queue.lock] */

void control_block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

void control_create(struct memory *m, struct boot_block *block)
{
	queue_create(&queue, "control", m, CONTROL_QUEUE_SIZE, IO_VECTOR_CONTROL);
	boot_block_add_queue(block, NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_CONTROL, &queue);
}

int control_open(void)
{
	sigset_t all;
	int fd;

	sigfillset(&all);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die_errno("cannot receive signals");
	return fd;
}

/* One of the things that are pending, which it is no more. */
static struct nacelle_control_event next_event(void)
{
	struct nacelle_control_event event = {.kind = NACELLE_CONTROL_TERMINAL_SIZE};

	if (resized) {
		event.value = console_terminal_size();
		resized = false;
	} else {
		event.kind = NACELLE_CONTROL_SIGNAL;
		event.argument = (u32)__builtin_ctzll(pending) + 1;
		pending &= pending - 1;
	}
	return event;
}

/* Passes on what is pending as far as the guest has buffers. Needs the lock. */
static void deliver(void)
{
	bool any = false;

	while ((pending || resized) && queue_peek(&queue, &chain)) {
		struct nacelle_control_event event = next_event();

		if (chain.write_length < sizeof(event))
			die("the guest put too small a buffer into the control queue");
		queue_copy_out(chain.write, chain.write_count, &event, sizeof(event));
		queue_done(&queue, &chain, sizeof(event));
		any = true;
	}
	if (any && queue_wants_interrupt(&queue))
		vm_interrupt(machine.vm, queue.vector);
}

/* Not the container's business: SIGPIPE of our own write, or what the kernel says about our terminal. */
static bool for_us(const struct signalfd_siginfo *info)
{
	bool terminal = machine.launch->flags & LAUNCH_TERMINAL && info->ssi_code == SI_KERNEL;

	if (terminal && info->ssi_signo == SIGWINCH)
		resized = true;
	return terminal || (info->ssi_signo == SIGPIPE && info->ssi_pid == (u32)getpid());
}

void control_read(int fd)
{
	struct signalfd_siginfo info;

	pthread_mutex_lock(&queue.lock);
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		if (!for_us(&info) && info.ssi_signo >= 1 && info.ssi_signo <= 64)
			pending |= 1ULL << (info.ssi_signo - 1);
	deliver();
	pthread_mutex_unlock(&queue.lock);
}

void control_doorbell(void)
{
	pthread_mutex_lock(&queue.lock);
	deliver();
	pthread_mutex_unlock(&queue.lock);
}
