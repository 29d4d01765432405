/* SPDX-License-Identifier: MIT */
/* Pages for the tests, from one range that the firmware gave. */
#include "lib.h"

void *memset(void *to, int byte, size_t n);

static u64 next, end;
static void *free_list;
static u64 free_count;

void memory_give(u64 base, u64 pages)
{
	next = base;
	end = base + pages * PAGE;
}

void *page_alloc(void)
{
	void *page = free_list;

	if (page) {
		free_list = *(void **)page;
		free_count--;
	} else {
		if (next == end)
			return NULL;
		page = (void *)next;
		next += PAGE;
	}
	return memset(page, 0, PAGE);
}

void page_free(void *page)
{
	*(void **)page = free_list;
	free_list = page;
	free_count++;
}

void *large_alloc(void)
{
	u64 base = (end - 512 * PAGE) & ~(512 * PAGE - 1);

	if (base < next)
		return NULL;
	end = base;
	return memset((void *)base, 0, 512 * PAGE);
}

u64 pages_left(void)
{
	return free_count + (end - next) / PAGE;
}
