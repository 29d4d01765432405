/* SPDX-License-Identifier: MIT */
/*
 * control.h: signals sent to the worker become events for the container's first process.
 */
#ifndef WORKER_CONTROL_H
#define WORKER_CONTROL_H

#include <abi/boot_block.h>

#include "memory.h"

/* Blocks every signal in this thread and all that it will start. Before anything else. */
void control_block_signals(void);

void control_create(struct memory *m, struct boot_block *block);

/* The descriptor that becomes readable when a signal has come. */
int control_open(void);

/* For the I/O thread: takes the signals that came, passes them on. */
void control_read(int fd);

/* A doorbell: the guest has put buffers into the ring. */
void control_doorbell(void);

#endif
