/* SPDX-License-Identifier: MIT */
/*
 * virtq.h: driver side of the rings to nacelle-worker (virtio 1.x split virtqueues, see abi/ring.h). The
 * other side is checked, not trusted: ids, lengths and indices are read once.
 */
#pragma once

#include <abi/ring.h>
#include <uvm/wait.h>

#define VIRTQ_SIZE_MAX 256

/* One request in flight; embed it. The last three are set by virtq_poll. */
struct virtq_buf {
	u16 head;
	u16 descs;
	u32 writable; /* bytes the worker may write */
	u32 written;  /* bytes it says it wrote, clipped to writable */
	u32 used_len; /* the raw number */
	bool done;
};

struct virtq_seg {
	const void *addr; /* in the direct map, contiguous */
	u32 len;
	bool device_writes;
};

struct virtq {
	u16 device, index, size;
	u16 free_head, free_count;
	u16 avail_idx, used_idx;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct waitq wait; /* woken when buffers came back */
	struct virtq_buf *owner[VIRTQ_SIZE_MAX];
	u16 next[VIRTQ_SIZE_MAX]; /* links of free descriptors and of chains, out of the worker's reach */
};

/* Opens a queue of the boot block and takes its interrupt: NULL if absent (logged) or out of memory. */
struct virtq *virtq_open(u16 device, u16 index);
/* Queues a chain: 0, or -EAGAIN when too few descriptors are free. Does not ring. */
int virtq_add(struct virtq *q, struct virtq_buf *b, const struct virtq_seg *segs, u32 count);
void virtq_kick(struct virtq *q);
/* Takes what the worker has finished, wakes q->wait when that is anything; returns how many. */
int virtq_poll(struct virtq *q);
/* Queue, ring, and sleep uninterruptibly until done. *written as in virtq_buf. 0 or -errno. */
int virtq_transact(struct virtq *q, const struct virtq_seg *segs, u32 count, u32 *written);
