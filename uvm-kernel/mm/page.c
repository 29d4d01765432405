/* SPDX-License-Identifier: MIT */
/*
 * Physical pages: a buddy allocator fed by a frontier. Frames above the frontier were never touched and read
 * as zero; they are taken only when no returned frame fits, so the machine's footprint stays what was needed.
 */
#include <uvm/kernel.h>

#define ORDER_MAX 10
#define SHRINK_STEP 64 /* cache pages to drop at once while a block is missing */
#define IMAGE_OFFSET 0xffffffff80000000UL

struct page *page_array, *page_window;
u64 page_first;

static struct page_list free_lists[ORDER_MAX + 1];
static u64 free_pages;	  /* on free_lists */
static u64 frontier, end; /* frame indices */
static u64 managed, reserve;
u64 page_anon_count;

void clear_page(void *dst);

void *gpa_to_virt(u64 gpa)
{
	return (void *)(UVM_DIRECT_MAP + gpa);
}

u64 virt_to_gpa(const void *v)
{
	u64 a = (u64)v;

	if (a >= IMAGE_OFFSET)
		return a - IMAGE_OFFSET;
	return kstack_contains(a) ? kstack_gpa(a) : a - UVM_DIRECT_MAP;
}

struct page *gpa_to_page(u64 gpa)
{
	return page_array + ((gpa >> PAGE_SHIFT) - page_first);
}

u64 page_to_gpa(const struct page *p)
{
	return ((u64)(p - page_array) + page_first) << PAGE_SHIFT;
}

void *page_to_virt(const struct page *p)
{
	return gpa_to_virt(page_to_gpa(p));
}

struct page *virt_to_page(const void *v)
{
	return gpa_to_page(virt_to_gpa(v));
}

void page_list_add_tail(struct page_list *l, struct page *p)
{
	u32 i = (u32)(p - page_array);

	p->next = 0;
	p->prev = l->tail;
	if (l->tail)
		page_array[l->tail].next = i;
	else
		l->head = i;
	l->tail = i;
	l->count++;
}

static void page_list_add_head(struct page_list *l, struct page *p)
{
	u32 i = (u32)(p - page_array);

	p->prev = 0;
	p->next = l->head;
	if (l->head)
		page_array[l->head].prev = i;
	else
		l->tail = i;
	l->head = i;
	l->count++;
}

void page_list_del(struct page_list *l, struct page *p)
{
	if (p->prev)
		page_array[p->prev].next = p->next;
	else
		l->head = p->next;
	if (p->next)
		page_array[p->next].prev = p->prev;
	else
		l->tail = p->prev;
	p->next = 0;
	p->prev = 0;
	l->count--;
}

struct page *page_list_first(const struct page_list *l)
{
	return l->head ? page_array + l->head : NULL;
}

/* The array itself is the first user of free memory; its untouched part costs nothing. */
void page_init(void)
{
	u64 first = boot->free_gpa >> PAGE_SHIFT, all;

	page_first = boot->ram_base >> PAGE_SHIFT;
	end = boot->ram_size >> PAGE_SHIFT;
	page_array = gpa_to_virt(boot->free_gpa);
	page_window = page_array + end;
	all = end + (boot->window_size >> PAGE_SHIFT);
	frontier = first - page_first + (PAGE_UP(all * sizeof(struct page)) >> PAGE_SHIFT);
	if (frontier + 64 > end)
		panic("too little memory: %lu KiB", boot->ram_size >> 10);
	managed = end - frontier;
	reserve = 16 + MIN(managed / 64, 1024UL);
}

static void block_insert(u64 index, unsigned order)
{
	struct page *p = page_array + index;

	p->flags = PG_BUDDY;
	p->order = (u8)order;
	page_list_add_head(&free_lists[order], p);
}

static void block_free(u64 index, unsigned order)
{
	free_pages += 1UL << order;
	while (order < ORDER_MAX) {
		u64 buddy = index ^ (1UL << order);
		struct page *b = page_array + buddy;

		if (buddy >= frontier || b->flags != PG_BUDDY || b->order != order)
			break;
		page_list_del(&free_lists[order], b);
		b->flags = 0;
		index &= ~(1UL << order);
		order++;
	}
	block_insert(index, order);
}

static struct page *take_returned(unsigned order)
{
	for (unsigned o = order; o <= ORDER_MAX; o++) {
		struct page *p = page_list_first(&free_lists[o]);
		u64 index;

		if (!p)
			continue;
		page_list_del(&free_lists[o], p);
		p->flags = 0;
		index = (u64)(p - page_array);
		while (o > order) {
			o--;
			block_insert(index + (1UL << o), o);
		}
		free_pages -= 1UL << order;
		return p;
	}
	return NULL;
}

static struct page *take_frontier(unsigned order)
{
	u64 index = ALIGN_UP(frontier, 1UL << order);
	u64 gap = frontier;

	if (index + (1UL << order) > end)
		return NULL;
	frontier = index + (1UL << order);
	for (; gap < index; gap++)
		block_free(gap, 0);
	return page_array + index;
}

static struct page *take_block(unsigned order, unsigned flags)
{
	struct page *p = take_returned(order);

	if (!p)
		return take_frontier(order);
	if (flags & ALLOC_ZERO)
		for (u64 i = 0; i < 1UL << order; i++)
			clear_page(page_to_virt(p + i));
	return p;
}

static u64 pages_left(void)
{
	return free_pages + end - frontier;
}

struct page *page_alloc(unsigned order, unsigned flags)
{
	u64 keep = (flags & ALLOC_USER ? reserve : 0) + (1UL << order);
	struct page *p;

	if (unlikely(pages_left() < keep)) {
		pagecache_shrink(keep - pages_left() + 32);
		if (pages_left() < keep)
			return NULL;
	}
	p = take_block(order, flags);
	/* Enough is free, but in pieces: cache pages between them may go. */
	while (unlikely(!p) && order && pagecache_shrink(SHRINK_STEP))
		p = take_block(order, flags);
	if (unlikely(!p))
		return NULL;
	p->refs = 1;
	p->order = (u8)order;
	return p;
}

void page_put(struct page *p)
{
	assert(p->refs);
	if (--p->refs)
		return;
	if (p->flags & PG_WINDOW) {
		window_put(p);
		return;
	}
	if (p->flags & PG_ANON)
		page_anon_count--;
	p->flags = 0;
	p->owner = NULL;
	p->index = 0;
	block_free((u64)(p - page_array), p->order);
}

void page_get_stats(struct page_stats *s)
{
	*s = (struct page_stats){
		.total = end,
		.managed = managed,
		.free = pages_left(),
		.slab = kmalloc_pages(),
		.anon = page_anon_count,
		.frontier = frontier,
	};
}

void *page_alloc_virt(unsigned flags)
{
	struct page *p = page_alloc(0, flags);

	return p ? page_to_virt(p) : NULL;
}

void page_free_virt(void *v)
{
	page_put(virt_to_page(v));
}
