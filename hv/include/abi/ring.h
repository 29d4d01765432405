/* SPDX-License-Identifier: MIT */
/*
 * ring.h: the rings between uvm-kernel and nacelle-worker: split virtqueues as in virtio 1.x ("Split
 * Virtqueues"), little-endian, in guest memory that the worker placed and that the boot block names.
 * Neither side trusts what the other wrote: indices and lengths are read once and checked.
 */
#ifndef ABI_RING_H
#define ABI_RING_H

#include <abi/types.h>

#define VRING_DESC_F_NEXT 1
#define VRING_DESC_F_WRITE 2 /* the worker writes this buffer */
#define VRING_USED_F_NO_NOTIFY 1
#define VRING_AVAIL_F_NO_INTERRUPT 1

struct vring_desc {
	u64 addr; /* GPA */
	u32 len;  /* bytes */
	u16 flags;
	u16 next;
};
ABI_SIZE(struct vring_desc, 16);

struct vring_avail {
	u16 flags;
	u16 idx;
	u16 ring[];
};

struct vring_used_elem {
	u32 id;	 /* head descriptor */
	u32 len; /* bytes written by the worker */
};

struct vring_used {
	u16 flags;
	u16 idx;
	struct vring_used_elem ring[];
};
ABI_OFFSET(struct vring_used, ring, 4);

/* Devices and their queues. A doorbell names (device, queue). */
enum nacelle_device {
	NACELLE_DEV_CONSOLE = 0,
	NACELLE_DEV_FS = 1,
	NACELLE_DEV_NET = 2, /* socket proxy, see abi/net.h */
};

/* Console: byte streams. in: buffers the worker fills (used length 0 = end of file, once); out and err:
 * bytes for standard output and error, answered with used length 0, or 1 when the reader is gone; an out
 * buffer of length 0 closes that stream. Answers on the in and control queues always interrupt. With a
 * terminal, in and out are its two directions, and the end of either is the end of both. */
#define NACELLE_CONSOLE_QUEUE_IN 0
#define NACELLE_CONSOLE_QUEUE_OUT 1
#define NACELLE_CONSOLE_QUEUE_ERR 2
/* Control: the worker fills a struct nacelle_control_event per buffer. */
#define NACELLE_CONSOLE_QUEUE_CONTROL 3

/* File server: each request is a FUSE message chain (fuse_in_header + arguments readable, then
 * fuse_out_header + reply writable), as in virtio-fs. FUSE_FORGET has no reply part. Requests are served
 * in the ring's order, answered before the doorbell's OUT retires, and never interrupt. */
#define NACELLE_FS_QUEUE_REQUEST 0

enum nacelle_control_kind {
	NACELLE_CONTROL_SIGNAL = 1,	   /* argument = Linux signal number, for the container's init */
	NACELLE_CONTROL_TERMINAL_SIZE = 2, /* value = rows, columns, pixels across and down, 16 bits each */
};

struct nacelle_control_event {
	u32 kind;
	u32 argument;
	u64 value;
};
ABI_SIZE(struct nacelle_control_event, 16);

/* I/O ports of the guest's machine; each write is 32 bits wide and is an intercept to the worker.
 * The worker serves the ring before the VP goes on, so a synchronous answer is usually there when OUT
 * retires; when not, the queue's interrupt follows later. */
#define NACELLE_PORT_DOORBELL 0x4e00 /* device << 16 | queue */
#define NACELLE_PORT_EXIT 0x4e04     /* Linux wait status of the container's init; does not return */
#define NACELLE_PORT_PANIC 0x4e08    /* the guest kernel died; the reason is in its log; no return */
#define NACELLE_PORT_OOM 0x4e0c	     /* value: 1 = a process was killed for lack of memory (counted) */
#define NACELLE_PORT_READY 0x4e10    /* user mode is about to start (bench, create/start) */

#endif
