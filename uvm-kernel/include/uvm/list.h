/* SPDX-License-Identifier: MIT */
/*
 * Circular doubly linked lists, embedded in the objects they link. A link that is on no list points at itself
 * when initialised by list_init; list_del leaves it so again.
 */
#pragma once

#include <uvm/types.h>

struct list {
	struct list *next;
	struct list *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}

static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert_(struct list *n, struct list *prev, struct list *next)
{
	next->prev = n;
	n->next = next;
	n->prev = prev;
	prev->next = n;
}

static inline void list_add(struct list *n, struct list *head)
{
	list_insert_(n, head, head->next);
}

static inline void list_add_tail(struct list *n, struct list *head)
{
	list_insert_(n, head->prev, head);
}

static inline void list_del(struct list *n)
{
	n->next->prev = n->prev;
	n->prev->next = n->next;
	list_init(n);
}

static inline void list_move_tail(struct list *n, struct list *head)
{
	list_del(n);
	list_add_tail(n, head);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_last(head, type, member) list_entry((head)->prev, type, member)
#define list_for_each(pos, head, member)                                                   \
	for (pos = list_entry((head)->next, typeof(*pos), member); &pos->member != (head); \
	     pos = list_entry(pos->member.next, typeof(*pos), member))
/* The current entry may be removed (and freed) inside the loop; nothing else may. */
#define list_for_each_safe(pos, n, head, member)                    \
	for (pos = list_entry((head)->next, typeof(*pos), member),  \
	    n = list_entry(pos->member.next, typeof(*pos), member); \
	     &pos->member != (head); pos = n, n = list_entry(n->member.next, typeof(*n), member))
