/* SPDX-License-Identifier: MIT */
/*
 * queue.h: the worker's end of a split virtqueue (abi/ring.h) in guest memory. A guest that writes
 * nonsense into a ring ends its own container, with one line that says what it did.
 */
#ifndef WORKER_QUEUE_H
#define WORKER_QUEUE_H

#include <abi/ring.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "memory.h"

#define QUEUE_SIZE_MAX 256

struct queue {
	const char *name; /* for messages */
	const struct memory *memory;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u64 desc_gpa, avail_gpa, used_gpa;
	u16 size;
	u16 next_avail;	      /* [lock] */
	u16 next_used;	      /* [lock] */
	u8 vector;	      /* constant */
	pthread_mutex_t lock; /* held while buffers of this queue are served */
};

/* One request: the buffers the worker may read, then those it may write, neighbours merged. */
struct queue_chain {
	u16 head;
	u16 read_count;
	u16 write_count;
	u64 read_length;
	u64 write_length;
	struct iovec read[QUEUE_SIZE_MAX];
	struct iovec write[QUEUE_SIZE_MAX];
};

/* Places the rings in guest memory. */
void queue_create(struct queue *q, const char *name, struct memory *m, u16 size, u8 vector);

/* Is there a request? Needs the lock. */
bool queue_ready(const struct queue *q);

/* Describes the next request without taking it; false if there is none. Needs the lock. */
bool queue_peek(struct queue *q, struct queue_chain *chain);

/* Takes the request that was peeked, to be returned to the guest later, in any order. Needs the lock. */
void queue_take(struct queue *q);

/* Returns a request that was taken, by its chain's head. Needs the lock. */
void queue_return(struct queue *q, u16 head, u32 written);

/* Takes the request that was peeked and returns it to the guest. Needs the lock. */
void queue_done(struct queue *q, const struct queue_chain *chain, u32 written);

/* Whether the guest wants an interrupt for what was returned. */
bool queue_wants_interrupt(const struct queue *q);

/* Copies up to `length` bytes from the front of an array of buffers; the number copied. */
size_t queue_copy_in(void *to, size_t length, const struct iovec *from, unsigned int count);

/* Copies `length` bytes to the front of an array of buffers; the number copied. */
size_t queue_copy_out(const struct iovec *to, unsigned int count, const void *from, size_t length);

/* Drops the first `length` bytes of an array of buffers: the number of buffers left in `iov`. */
unsigned int queue_skip(struct iovec *iov, unsigned int count, size_t length);

#endif
