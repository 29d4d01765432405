/* SPDX-License-Identifier: MIT */
/*
 * Control events of the worker: signals for the container's init, the size of its terminal.
 */

#include "console.h"

#include <uvm/virtq.h>

#define EVENTS 4u

struct event_buffer {
	struct virtq_buf buf;
	struct nacelle_control_event event;
	bool posted;
};

static struct virtq *queue;
static struct event_buffer *buffers;
static struct waiter waiter;

static void post(struct event_buffer *b)
{
	struct virtq_seg seg = {&b->event, sizeof(b->event), true};

	b->posted = !virtq_add(queue, &b->buf, &seg, 1);
}

static void handle(const struct event_buffer *b)
{
	struct nacelle_control_event e = b->event;

	if (b->buf.written < sizeof(e)) {
		pr_err("control: short event\n");
		return;
	}
	if (e.kind == NACELLE_CONTROL_SIGNAL && e.argument >= 1 && e.argument <= 64)
		init_control_signal((int)e.argument);
	else if (e.kind == NACELLE_CONTROL_TERMINAL_SIZE)
		tty_console_resize(e.value);
	else
		pr_err("control: unknown event %u (%u)\n", e.kind, e.argument);
}

/* From the queue's interrupt. */
static bool ready(struct waiter *w __unused)
{
	bool any = false;

	for (u32 i = 0; i < EVENTS; i++) {
		if (!buffers[i].posted || !buffers[i].buf.done)
			continue;
		handle(&buffers[i]);
		post(&buffers[i]);
		any = true;
	}
	if (any)
		virtq_kick(queue);
	return any;
}

int control_boot(void)
{
	queue = virtq_open(NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_CONTROL);
	buffers = kzalloc(EVENTS * sizeof(*buffers));
	if (!queue || !buffers)
		return queue ? -ENOMEM : -ENODEV;
	waiter_init(&waiter);
	waiter.func = ready;
	waitq_add(&queue->wait, &waiter);
	for (u32 i = 0; i < EVENTS; i++)
		post(&buffers[i]);
	virtq_kick(queue);
	virtq_poll(queue);
	return 0;
}
