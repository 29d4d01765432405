/* SPDX-License-Identifier: MIT */
/*
 * console.h: the container's standard streams. Output is written by the VP that rings, as long as it can
 * be taken at once; input, and output that must wait, belongs to the I/O thread (io.c).
 */
#ifndef WORKER_CONSOLE_H
#define WORKER_CONSOLE_H

#include <abi/boot_block.h>
#include <poll.h>

#include "queue.h"

/* Places the rings and enters them into the boot block. */
void console_create(struct memory *m, struct boot_block *block);

/* Of the container's terminal: rows, columns, pixels across and down, 16 bits each from the lowest. */
u64 console_terminal_size(void);

/* A doorbell: serves what can be served at once, leaves the rest to the I/O thread. */
void console_doorbell(u16 queue);

/* For the I/O thread: fills `fds` with what the console waits for, the number of entries (at most 3). */
#define CONSOLE_POLL_MAX 3
unsigned int console_poll_set(struct pollfd *fds);

/* For the I/O thread: goes on with whatever became ready. */
void console_poll_ready(const struct pollfd *fds, unsigned int count);

/* Writes everything that the guest has handed over, however long it takes. At the container's end. */
void console_flush(void);

#endif
