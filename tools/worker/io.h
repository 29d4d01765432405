/* SPDX-License-Identifier: MIT */
/*
 * io.h: the I/O thread, which waits for everything that does not answer at once: standard input, a full
 * output pipe, signals, sockets.
 */
#ifndef WORKER_IO_H
#define WORKER_IO_H

/* Interrupt vectors of the queues; the guest reads them from the boot block. */
#define IO_VECTOR_CONSOLE 0x41 /* and the two behind it */
#define IO_VECTOR_CONTROL 0x44
#define IO_VECTOR_FS 0x45
#define IO_VECTOR_NET 0x46
#define IO_VECTOR_NET_EVENT 0x47

/* Opens what the thread waits for. */
void io_create(void);

/* Starts the thread. */
void io_start(void);

/* Makes the thread look again at what it waits for. From any thread. */
void io_wake(void);

#endif
