/* SPDX-License-Identifier: MIT */
/*
 * console.h: the container's standard streams or its terminal, and the worker's control events.
 */
#pragma once

#include "fs.h"

#include <uvm/virtq.h>

/* A ring to or from the worker with one buffer, and who hears when it came back. */
struct console_ring {
	struct virtq *q;
	struct virtq_buf buf;
	struct waiter waiter;
	bool sent; /* buf is with the worker; the owner takes it back */
};
int console_ring_open(struct console_ring *r, u16 queue, wake_fn done);
void console_send(struct console_ring *r, const struct virtq_seg *segs, u32 count);

/* Opens the rings and installs descriptors 0, 1, 2 of the current task, less those that start closed. */
int console_boot(void);

/* Starts listening for the worker's control events. */
int control_boot(void);

/* Makes the container's terminal; *where: its node, without references. */
int tty_console_make(struct path *where);
/* Descriptors 0, 1 and 2 of the current task. */
int tty_console_open(void);
/* Rows, columns, pixels across and down, 16 bits each from the lowest. */
void tty_console_resize(u64 packed);
void tty_console_flush(void);
