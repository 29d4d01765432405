/* SPDX-License-Identifier: MIT */
/*
 * The waiters of one poll call: a few on the stack, the rest in blocks.
 */
#include "poller.h"

#include <uvm/kernel.h>

#define MORE_COUNT 64u

struct poller_more {
	struct poller_more *next;
	u32 used;
	struct waiter waiters[MORE_COUNT];
};

static struct waiter *new_waiter(struct poller *p)
{
	if (p->used < POLLER_FEW)
		return &p->few[p->used++];
	if (!p->more || p->more->used == MORE_COUNT) {
		struct poller_more *m = kmalloc(sizeof(*m));

		if (!m)
			return NULL;
		m->next = p->more;
		m->used = 0;
		p->more = m;
	}
	return &p->more->waiters[p->more->used++];
}

static void add(struct poll_table *pt, struct file *f __unused, struct waitq *wq)
{
	struct poller *p = container_of(pt, struct poller, pt);
	struct waiter *w = new_waiter(p);

	if (!w) {
		pt->error = -ENOMEM;
		return;
	}
	waiter_init(w);
	waitq_add(wq, w);
}

void poller_init(struct poller *p)
{
	p->pt = (struct poll_table){.add = add};
	p->used = 0;
	p->more = NULL;
	p->registered = false;
}

struct poll_table *poller_table(struct poller *p, bool ready)
{
	return p->registered || ready ? NULL : &p->pt;
}

int poller_sleep(struct poller *p, u64 deadline)
{
	if (p->pt.error)
		return p->pt.error;
	p->registered = true;
	return wait_step(WAIT_INTERRUPTIBLE, deadline);
}

void poller_end(struct poller *p)
{
	for (u32 i = 0; i < p->used; i++)
		waitq_del(&p->few[i]);
	while (p->more) {
		struct poller_more *m = p->more;

		for (u32 i = 0; i < m->used; i++)
			waitq_del(&m->waiters[i]);
		p->more = m->next;
		kfree(m);
	}
}
