/* SPDX-License-Identifier: MIT */
/*
 * control.c: the control ring. All signals are blocked in all threads and read from one signalfd; those
 * that come before the guest has given a buffer wait here, one bit each.
 */
#include "control.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot_block.h"
#include "die.h"
#include "io.h"
#include "machine.h"
#include "queue.h"

#define CONTROL_QUEUE_SIZE 16

static struct queue queue;
static u64 pending;		 /* [queue.lock] bit n: signal n + 1 */
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

/* Passes on what is pending as far as the guest has buffers. Needs the lock. */
static void deliver(void)
{
	bool any = false;

	while (pending && queue_peek(&queue, &chain)) {
		struct nacelle_control_event event = {.kind = NACELLE_CONTROL_SIGNAL};
		int bit = __builtin_ctzll(pending);

		event.argument = (u32)bit + 1;
		if (chain.write_length < sizeof(event))
			die("the guest put too small a buffer into the control queue");
		queue_copy_out(chain.write, chain.write_count, &event, sizeof(event));
		queue_done(&queue, &chain, sizeof(event));
		pending &= ~(1ULL << bit);
		any = true;
	}
	if (any && queue_wants_interrupt(&queue))
		vm_interrupt(machine.vm, queue.vector);
}

/* A write to a pipe without readers sends us SIGPIPE: not the container's business. */
static bool own_sigpipe(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGPIPE && info->ssi_pid == (u32)getpid();
}

void control_read(int fd)
{
	struct signalfd_siginfo info;

	pthread_mutex_lock(&queue.lock);
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		if (!own_sigpipe(&info) && info.ssi_signo >= 1 && info.ssi_signo <= 64)
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
