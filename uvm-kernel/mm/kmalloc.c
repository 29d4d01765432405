/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects: pages cut into equal pieces, one list of pages with room per size; larger objects are whole
 * page blocks. struct page: owner = first free piece, index = pieces in use, order = size class.
 */
#include <uvm/kernel.h>

static const u16 class_size[] = {16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048};
#define CLASSES ARRAY_SIZE(class_size)

static struct page_list partial[CLASSES];
static u64 pages_held;

u64 kmalloc_pages(void)
{
	return pages_held;
}

static unsigned class_of(size_t size)
{
	unsigned c = 0;

	while (class_size[c] < size)
		c++;
	return c;
}

static unsigned order_of(size_t size)
{
	unsigned order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

static void *large_alloc(size_t size)
{
	unsigned order = order_of(size);
	struct page *p;

	if (order > 10)
		return NULL;
	p = page_alloc(order, ALLOC_KERNEL);
	if (!p)
		return NULL;
	p->flags = PG_LARGE;
	pages_held += 1UL << order;
	return page_to_virt(p);
}

static struct page *slab_new(unsigned c)
{
	struct page *p = page_alloc(0, ALLOC_KERNEL);
	char *base;
	void **last;

	if (!p)
		return NULL;
	pages_held++;
	p->flags = PG_SLAB;
	p->order = (u8)c;
	p->index = 0;
	base = page_to_virt(p);
	p->owner = base;
	last = (void **)base;
	for (size_t off = class_size[c]; off + class_size[c] <= PAGE_SIZE; off += class_size[c]) {
		*last = base + off;
		last = (void **)(base + off);
	}
	*last = NULL;
	page_list_add_tail(&partial[c], p);
	return p;
}

void *kmalloc(size_t size)
{
	struct page *p;
	unsigned c;
	void **obj;

	if (size > class_size[CLASSES - 1])
		return large_alloc(size);
	c = class_of(size);
	p = page_list_first(&partial[c]);
	if (!p) {
		p = slab_new(c);
		if (!p)
			return NULL;
	}
	obj = p->owner;
	p->owner = *obj;
	p->index++;
	if (!p->owner)
		page_list_del(&partial[c], p);
	return obj;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

static void slab_free(struct page *p, void *obj)
{
	unsigned c = p->order;

	if (!p->owner)
		page_list_add_tail(&partial[c], p);
	*(void **)obj = p->owner;
	p->owner = obj;
	p->index--;
	if (!p->index && partial[c].count > 1) {
		page_list_del(&partial[c], p);
		pages_held--;
		p->order = 0;
		page_put(p);
	}
}

void kfree(const void *obj)
{
	struct page *p;

	if (!obj)
		return;
	p = virt_to_page(obj);
	if (p->flags & PG_SLAB) {
		slab_free(p, (void *)obj);
	} else {
		assert(p->flags & PG_LARGE);
		pages_held -= 1UL << p->order;
		page_put(p);
	}
}

void *krealloc(void *old, size_t size)
{
	struct page *p;
	size_t room;
	void *fresh;

	if (!old)
		return kmalloc(size);
	p = virt_to_page(old);
	room = p->flags & PG_SLAB ? class_size[p->order] : PAGE_SIZE << p->order;
	if (size <= room)
		return old;
	fresh = kmalloc(size);
	if (!fresh)
		return NULL;
	memcpy(fresh, old, room);
	kfree(old);
	return fresh;
}

void *kmemdup(const void *src, size_t size)
{
	void *p = kmalloc(size);

	return p ? memcpy(p, src, size) : NULL;
}

char *kstrdup(const char *s)
{
	return kmemdup(s, strlen(s) + 1);
}
