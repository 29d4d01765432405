/* SPDX-License-Identifier: MIT */
/*
 * queue.c: split virtqueues. Every index and length that the guest wrote is read once into a local
 * variable and checked there; buffers are translated by memory.c alone.
 */
#include "queue.h"

#include <string.h>

#include "die.h"

#define DESC_FLAGS (VRING_DESC_F_NEXT | VRING_DESC_F_WRITE)

static const struct memory *guest; /* of all queues */

void queue_create(struct queue *q, const char *name, struct memory *m, u16 size, u8 vector)
{
	u64 avail_size = sizeof(struct vring_avail) + size * sizeof(u16);
	u64 used_size = sizeof(struct vring_used) + size * sizeof(struct vring_used_elem);

	guest = m;
	*q = (struct queue){.name = name, .memory = m, .size = size, .vector = vector};
	q->desc_gpa = memory_place(m, size * sizeof(struct vring_desc), 16);
	q->avail_gpa = memory_place(m, avail_size, 2);
	q->used_gpa = memory_place(m, used_size, 4);
	q->desc = memory_at(m, q->desc_gpa, size * sizeof(struct vring_desc));
	q->avail = memory_at(m, q->avail_gpa, avail_size);
	q->used = memory_at(m, q->used_gpa, used_size);
	pthread_mutex_init(&q->lock, NULL);
}

/* Acquire: pairs with the guest's store of avail->idx behind the ring entry and the descriptors. */
static u16 available(const struct queue *q)
{
	return (u16)(__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) - q->next_avail);
}

bool queue_ready(const struct queue *q)
{
	return available(q) != 0;
}

static void add_buffer(struct iovec *iov, u16 *count, u64 *total, void *base, u32 length)
{
	struct iovec *last = *count ? &iov[*count - 1] : NULL;

	*total += length;
	if (last && (u8 *)last->iov_base + last->iov_len == base)
		last->iov_len += length;
	else
		iov[(*count)++] = (struct iovec){base, length};
}

static void add_descriptor(struct queue *q, struct queue_chain *chain, const struct vring_desc *d)
{
	void *base = d->flags & VRING_DESC_F_WRITE ? memory_at(q->memory, d->addr, d->len)
						   : (void *)memory_readable_at(q->memory, d->addr, d->len);

	if (!base)
		die("the guest put a buffer outside of its memory into the %s queue", q->name);
	if (d->flags & ~DESC_FLAGS)
		die("the guest used unknown flags in the %s queue", q->name);
	if (d->flags & VRING_DESC_F_WRITE)
		add_buffer(chain->write, &chain->write_count, &chain->write_length, base, d->len);
	else if (chain->write_count)
		die("the guest put a readable buffer behind a writable one in the %s queue", q->name);
	else
		add_buffer(chain->read, &chain->read_count, &chain->read_length, base, d->len);
}

bool queue_peek(struct queue *q, struct queue_chain *chain)
{
	u16 waiting = available(q);
	u16 index;
	struct vring_desc d;

	if (waiting == 0)
		return false;
	if (waiting > q->size)
		die("the guest's index of the %s queue is out of range", q->name);
	index = __atomic_load_n(&q->avail->ring[q->next_avail % q->size], __ATOMIC_RELAXED);
	chain->head = index;
	chain->read_count = chain->write_count = 0;
	chain->read_length = chain->write_length = 0;
	for (unsigned int n = 0;; n++) {
		if (index >= q->size || n >= q->size)
			die("the guest put a malformed chain into the %s queue", q->name);
		memcpy(&d, &q->desc[index], sizeof(d));
		__asm__ volatile("" ::: "memory"); /* from here on the copy: the guest may change its own */
		add_descriptor(q, chain, &d);
		if (!(d.flags & VRING_DESC_F_NEXT))
			return true;
		index = d.next;
	}
}

void queue_take(struct queue *q)
{
	q->next_avail++;
}

void queue_return(struct queue *q, u16 head, u32 written)
{
	struct vring_used_elem *e = &q->used->ring[q->next_used % q->size];

	e->id = head;
	e->len = written;
	q->next_used++;
	/* Release: the guest sees the buffers and the element before the index. */
	__atomic_store_n(&q->used->idx, q->next_used, __ATOMIC_RELEASE);
}

void queue_done(struct queue *q, const struct queue_chain *chain, u32 written)
{
	queue_take(q);
	queue_return(q, chain->head, written);
}

bool queue_wants_interrupt(const struct queue *q)
{
	return !(__atomic_load_n(&q->avail->flags, __ATOMIC_RELAXED) & VRING_AVAIL_F_NO_INTERRUPT);
}

size_t queue_copy_in(void *to, size_t length, const struct iovec *from, unsigned int count)
{
	size_t done = 0;

	for (unsigned int i = 0; i < count && done < length; i++) {
		size_t n = length - done < from[i].iov_len ? length - done : from[i].iov_len;

		if (guest && memory_in_window(guest, from[i].iov_base, n))
			die("the guest put a request into its window");
		memcpy((u8 *)to + done, from[i].iov_base, n);
		done += n;
	}
	return done;
}

size_t queue_copy_out(const struct iovec *to, unsigned int count, const void *from, size_t length)
{
	size_t done = 0;

	for (unsigned int i = 0; i < count && done < length; i++) {
		size_t n = length - done < to[i].iov_len ? length - done : to[i].iov_len;

		memcpy(to[i].iov_base, (const u8 *)from + done, n);
		done += n;
	}
	return done;
}

unsigned int queue_skip(struct iovec *iov, unsigned int count, size_t length)
{
	unsigned int first = 0;

	while (first < count && length >= iov[first].iov_len)
		length -= iov[first++].iov_len;
	if (first == count)
		return 0;
	memmove(iov, iov + first, (count - first) * sizeof(*iov));
	iov[0].iov_base = (u8 *)iov[0].iov_base + length;
	iov[0].iov_len -= length;
	return count - first;
}
