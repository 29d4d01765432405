/* SPDX-License-Identifier: MIT */
/*
 * The sleeping mutex: handed over in the order of asking.
 */
#include <uvm/kernel.h>

void mutex_init(struct mutex *m)
{
	m->owner = NULL;
	waitq_init(&m->queue);
}

void mutex_lock(struct mutex *m)
{
	struct waiter w;

	if (!m->owner) {
		m->owner = current;
		return;
	}
	assert(m->owner != current);
	waiter_init(&w);
	waitq_add(&m->queue, &w);
	while (m->owner != current)
		wait_step(0, NO_DEADLINE);
}

/* The longest waiter becomes the owner at once, so nobody can slip in before it. */
void mutex_unlock(struct mutex *m)
{
	struct waiter *w;

	assert(m->owner == current);
	m->owner = NULL;
	if (!waitq_active(&m->queue))
		return;
	w = list_first(&m->queue.waiters, struct waiter, link);
	waitq_del(w);
	m->owner = w->task;
	sched_wake(w->task);
}
