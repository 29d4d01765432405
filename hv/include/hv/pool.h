/* SPDX-License-Identifier: MIT */
/* A list of free frames, linked through the frames themselves. Frames are zeroed when taken. */
#pragma once

#include <abi/types.h>
#include <hv/phys.h>
#include <hv/string.h>

struct pool {
	u64 head;  /* pfn, 0 = empty (frame 0 is never pooled) */
	u64 free;  /* frames in the list */
	u64 total; /* frames the pool owns, in use ones included */
};

static inline void pool_put(struct pool *p, u64 pfn)
{
	*(u64 *)frame_ptr(pfn) = p->head;
	p->head = pfn;
	p->free++;
}

/* 0 when empty. */
static inline u64 pool_get(struct pool *p)
{
	u64 pfn = p->head;

	if (!pfn)
		return 0;
	p->head = *(u64 *)frame_ptr(pfn);
	p->free--;
	memset(frame_ptr(pfn), 0, PAGE_SIZE);
	return pfn;
}
