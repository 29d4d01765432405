/* SPDX-License-Identifier: MIT */
/*
 * virtq.h: driver side of the rings to nacelle-worker (virtio 1.x split virtqueues, see abi/ring.h). The
 * other side is checked, not trusted: ids, lengths and indices are read once.
 */
#ifndef UVM_VIRTQ_H
#define UVM_VIRTQ_H

#include <abi/ring.h>
#include <uvm/types.h>
#include <uvm/wait.h>

struct boot_block;
struct boot_queue;

#define VIRTQ_SIZE_MAX 256

/* One request in flight; embed it. done and written are set by virtq_poll. */
struct virtq_buf {
	u16 head;
	u16 descs;
	bool done;
	u32 written; /* bytes the worker says it wrote, clipped to what was writable */
	u32 writable;
};

struct virtq_seg {
	const void *addr; /* direct map or kernel image; contiguous in guest memory */
	u32 len;
	bool device_writes;
};

struct virtq {
	u16 device, index, size;
	u8 vector;
	u16 free_head, free_count;
	u16 avail_idx, used_idx;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct virtq_buf *owner[VIRTQ_SIZE_MAX];
	struct wait_queue wait; /* woken when buffers were used or descriptors became free */
};

/* Finds the queue in the boot block, checks it: NULL if absent or malformed (logged). */
struct virtq *virtq_open(const struct boot_block *boot, u16 device, u16 queue);
/* Queues a chain: 0, or -EAGAIN when too few descriptors are free. Does not ring. */
int virtq_add(struct virtq *q, struct virtq_buf *b, const struct virtq_seg *segs, u32 count);
void virtq_kick(struct virtq *q);
/* Takes what the worker has finished; returns how many. Wakes q->wait when any. */
int virtq_poll(struct virtq *q);
/* Queue, ring, and wait uninterruptibly until done. May sleep. 0 or -errno. */
int virtq_transact(struct virtq *q, const struct virtq_seg *segs, u32 count, u32 *written);

/* uvmcore calls this from its interrupt entry, kernel lock held, for vectors of the boot block's queues. */
void virtq_interrupt(u8 vector);

#endif
