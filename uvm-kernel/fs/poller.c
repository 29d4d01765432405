/* SPDX-License-Identifier: MIT */
/*
 * One task waiting for many files: looks, waits, looks again. Its waiters: a few on the stack, the rest in
 * blocks.
 */
#include "poller.h"

#include <uvm/kernel.h>

#define FEW 8u
#define MORE 64u

struct block {
	struct block *next;
	u32 used;
	struct waiter waiters[MORE];
};

struct poller {
	struct poll_table pt;
	struct waiter few[FEW];
	u32 used;
	struct block *more;
};

static struct waiter *new_waiter(struct poller *p)
{
	if (p->used < FEW)
		return &p->few[p->used++];
	if (!p->more || p->more->used == MORE) {
		struct block *b = kmalloc(sizeof(*b));

		if (!b)
			return NULL;
		b->next = p->more;
		b->used = 0;
		p->more = b;
	}
	return &p->more->waiters[p->more->used++];
}

static void add(struct poll_table *pt, struct file *f __unused, struct waitq *wq)
{
	struct waiter *w = new_waiter(container_of(pt, struct poller, pt));

	if (!w) {
		pt->error = -ENOMEM;
		return;
	}
	waiter_init(w);
	waitq_add(wq, w);
}

static void end(struct poller *p)
{
	for (u32 i = 0; i < p->used; i++)
		waitq_del(&p->few[i]);
	while (p->more) {
		struct block *b = p->more;

		for (u32 i = 0; i < b->used; i++)
			waitq_del(&b->waiters[i]);
		p->more = b->next;
		kfree(b);
	}
}

long poller_run(long (*scan)(void *what, struct poll_table *pt), void *what, u64 deadline)
{
	struct poller p;
	struct poll_table *pt = &p.pt; /* NULL once all queues are known */
	long ready;
	int error = 0;

	p.pt = (struct poll_table){.add = add};
	p.used = 0;
	p.more = NULL;
	for (;;) {
		ready = scan(what, pt);
		if (ready || error || !deadline)
			break;
		pt = NULL;
		error = p.pt.error ? p.pt.error : wait_step(WAIT_INTERRUPTIBLE, deadline);
		if (error && error != -ETIMEDOUT)
			break;
	}
	end(&p);
	return ready ? ready : error == -ETIMEDOUT ? 0 : error;
}
