/* SPDX-License-Identifier: MIT */
/*
 * Split virtqueues, driver side: chains of descriptors out, used elements back. Who sends what is console.c's
 * and fuse_request.c's business.
 */
#include <uvm/kernel.h>
#include <uvm/virtq.h>

static void on_interrupt(void *arg)
{
	virtq_poll(arg);
}

static const struct boot_queue *find(u16 device, u16 index)
{
	for (u32 i = 0; i < boot->queue_count; i++)
		if (boot->queues[i].device == device && boot->queues[i].queue == index)
			return &boot->queues[i];
	return NULL;
}

struct virtq *virtq_open(u16 device, u16 index)
{
	const struct boot_queue *b = find(device, index);
	struct virtq *q;

	/* boot_block_check has seen to size, range and alignment. */
	if (!b) {
		pr_err("ring %u.%u is not in the boot block\n", device, index);
		return NULL;
	}
	q = kzalloc(sizeof(*q));
	if (!q)
		return NULL;
	q->device = device;
	q->index = index;
	q->size = b->size;
	q->desc = gpa_to_virt(b->desc_gpa);
	q->avail = gpa_to_virt(b->avail_gpa);
	q->used = gpa_to_virt(b->used_gpa);
	waitq_init(&q->wait);
	for (u16 i = 0; i < q->size; i++)
		q->next[i] = (u16)(i + 1);
	q->free_count = q->size;
	irq_set_handler(b->vector, on_interrupt, q);
	return q;
}

static void fill_desc(struct vring_desc *d, const struct virtq_seg *seg, bool last, u16 next)
{
	d->addr = virt_to_gpa(seg->addr);
	d->len = seg->len;
	d->flags = (u16)((seg->device_writes ? VRING_DESC_F_WRITE : 0) | (last ? 0 : VRING_DESC_F_NEXT));
	d->next = last ? 0 : next;
}

int virtq_add(struct virtq *q, struct virtq_buf *b, const struct virtq_seg *segs, u32 count)
{
	u16 at = q->free_head;

	if (!count || count > q->size)
		return -EINVAL;
	if (count > q->free_count)
		return -EAGAIN;
	*b = (struct virtq_buf){.head = at, .descs = (u16)count};
	for (u32 i = 0; i < count; i++) {
		fill_desc(&q->desc[at], &segs[i], i + 1 == count, q->next[at]);
		if (segs[i].device_writes)
			b->writable += segs[i].len;
		at = q->next[at];
	}
	q->free_head = at;
	q->free_count = (u16)(q->free_count - count);
	q->owner[b->head] = b;
	q->avail->ring[q->avail_idx % q->size] = b->head;
	/* Partner: the worker's acquire of idx before it reads the ring. */
	__atomic_store_n(&q->avail->idx, ++q->avail_idx, __ATOMIC_RELEASE);
	return 0;
}

void virtq_kick(struct virtq *q)
{
	outl(NACELLE_PORT_DOORBELL, (u32)q->device << 16 | q->index);
}

static void release_chain(struct virtq *q, struct virtq_buf *b)
{
	u16 last = b->head;

	for (u16 i = 1; i < b->descs; i++)
		last = q->next[last];
	q->next[last] = q->free_head;
	q->free_head = b->head;
	q->free_count = (u16)(q->free_count + b->descs);
}

int virtq_poll(struct virtq *q)
{
	int taken = 0;

	/* Partner: the worker's release of idx after it wrote the element. */
	while (q->used_idx != __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE)) {
		struct vring_used_elem e;
		struct virtq_buf *b;

		e.id = READ_ONCE(q->used->ring[q->used_idx % q->size].id);
		e.len = READ_ONCE(q->used->ring[q->used_idx % q->size].len);
		q->used_idx++;
		b = e.id < q->size ? q->owner[e.id] : NULL;
		if (!b) {
			pr_err("ring %u.%u: the worker returned a buffer it does not have\n", q->device,
			       q->index);
			continue;
		}
		q->owner[e.id] = NULL;
		release_chain(q, b);
		b->written = MIN(e.len, b->writable);
		b->used_len = e.len;
		b->done = true;
		taken++;
	}
	if (taken)
		wake_all(&q->wait);
	return taken;
}

int virtq_transact(struct virtq *q, const struct virtq_seg *segs, u32 count, u32 *written)
{
	struct virtq_buf b;
	int error;

	while ((error = virtq_add(q, &b, segs, count)) == -EAGAIN)
		wait_event(&q->wait, q->free_count >= count);
	if (error)
		return error;
	virtq_kick(q);
	virtq_poll(q);
	wait_event(&q->wait, b.done);
	if (written)
		*written = b.written;
	return 0;
}
