/* SPDX-License-Identifier: MIT */
/*
 * The radix tree of radix.h. Empty nodes are freed at once, so an empty tree is a NULL root.
 */
#include "radix.h"

#include <uvm/errno.h>
#include <uvm/page.h>

static struct radix_node *new_node(u32 shift)
{
	struct radix_node *n = kzalloc(sizeof(*n));

	if (n)
		n->shift = shift;
	return n;
}

static bool covers(const struct radix_node *n, u64 index)
{
	return n->shift + RADIX_BITS >= 64 || !(index >> (n->shift + RADIX_BITS));
}

static u32 slot_of(const struct radix_node *n, u64 index)
{
	return (u32)(index >> n->shift) & (RADIX_SLOTS - 1);
}

void *radix_get(struct radix_node *n, u64 index)
{
	if (!n || !covers(n, index))
		return NULL;
	while (n && n->shift)
		n = n->slots[slot_of(n, index)];
	return n ? n->slots[slot_of(n, index)] : NULL;
}

static int grow(struct radix_node **root, u64 index)
{
	if (!*root) {
		u32 shift = 0;

		while (shift + RADIX_BITS < 64 && index >> (shift + RADIX_BITS))
			shift += RADIX_BITS;
		*root = new_node(shift);
		return *root ? 0 : -ENOMEM;
	}
	while (!covers(*root, index)) {
		struct radix_node *top = new_node((*root)->shift + RADIX_BITS);

		if (!top)
			return -ENOMEM;
		top->slots[0] = *root;
		top->used = 1;
		*root = top;
	}
	return 0;
}

/* Takes empty nodes on the way to index out again, and a root that only leads to its first slot. */
static void prune(struct radix_node **root, u64 index)
{
	struct radix_node *n = *root, **links[12], *parents[12];
	u32 depth = 0;

	links[0] = root;
	parents[0] = NULL;
	while (n->shift) {
		struct radix_node **link = (struct radix_node **)&n->slots[slot_of(n, index)];

		if (!*link)
			break;
		parents[++depth] = n;
		links[depth] = link;
		n = *link;
	}
	for (;; n = parents[depth--]) {
		if (n->used)
			break;
		*links[depth] = NULL;
		if (parents[depth])
			parents[depth]->used--;
		kfree(n);
		if (!depth)
			return;
	}
}

int radix_set(struct radix_node **root, u64 index, void *value)
{
	struct radix_node *n;
	int error = grow(root, index);

	if (error) {
		if (*root)
			prune(root, index);
		return error;
	}
	for (n = *root; n->shift;) {
		void **slot = &n->slots[slot_of(n, index)];

		if (!*slot) {
			*slot = new_node(n->shift - RADIX_BITS);
			if (!*slot) {
				prune(root, index);
				return -ENOMEM;
			}
			n->used++;
		}
		n = *slot;
	}
	n->slots[slot_of(n, index)] = value;
	n->used++;
	return 0;
}

void *radix_remove(struct radix_node **root, u64 index)
{
	struct radix_node *n = *root;
	void *old;

	if (!radix_get(n, index))
		return NULL;
	while (n->shift)
		n = n->slots[slot_of(n, index)];
	old = n->slots[slot_of(n, index)];
	n->slots[slot_of(n, index)] = NULL;
	n->used--;
	prune(root, index);
	return old;
}

static void *next_in(struct radix_node *n, u64 *index)
{
	u32 i = slot_of(n, *index);

	for (;;) {
		void *slot = n->slots[i];

		if (slot) {
			void *found = n->shift ? next_in(slot, index) : slot;

			if (found)
				return found;
		}
		if (++i == RADIX_SLOTS)
			return NULL;
		/* The first index of the next slot. */
		*index = ((*index >> n->shift) + 1) << n->shift;
	}
}

void *radix_next(struct radix_node *n, u64 *index)
{
	if (!n || !covers(n, *index))
		return NULL;
	return next_in(n, index);
}
