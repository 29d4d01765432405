/* SPDX-License-Identifier: MIT */
/* Physical memory as hv sees it: mapped one to one. A host-built test brings its own version of this
 * header, which points into an array. */
#pragma once

#include <abi/types.h>
#include <hv/config.h>

/* A guest physical address, a host physical address: numbers of different worlds, kept apart by type.
 * Host page frames go by number (pfn). */
typedef struct {
	u64 v;
} gpa_t;
typedef struct {
	u64 v;
} gva_t;

static inline gpa_t gpa(u64 v)
{
	return (gpa_t){v};
}

static inline void *phys_ptr(u64 address)
{
	return (void *)address;
}

static inline void *frame_ptr(u64 pfn)
{
	return phys_ptr(pfn << PAGE_SHIFT);
}

static inline u64 ptr_phys(const void *p)
{
	return (u64)p;
}

static inline u64 ptr_frame(const void *p)
{
	return ptr_phys(p) >> PAGE_SHIFT;
}
