/* SPDX-License-Identifier: MIT */
/* The unit tests' physical memory, in place of hv's own header: an array, and every access is checked. */
#ifndef HV_PHYS_H
#define HV_PHYS_H

#include <abi/types.h>
#include <hv/config.h>

typedef struct {
	u64 v;
} gpa_t;
typedef struct {
	u64 v;
} gva_t;

#define UNIT_FRAMES 4096ul
extern u8 unit_memory[UNIT_FRAMES][4096];
_Noreturn void unit_died(const char *why);

static inline gpa_t gpa(u64 v)
{
	return (gpa_t){v};
}

static inline void *phys_ptr(u64 address)
{
	if (address >= UNIT_FRAMES * 4096)
		unit_died("an access outside of physical memory");
	return (u8 *)unit_memory + address;
}

static inline void *frame_ptr(u64 pfn)
{
	return phys_ptr(pfn << PAGE_SHIFT);
}

static inline u64 ptr_phys(const void *p)
{
	return (u64)((const u8 *)p - (u8 *)unit_memory);
}

static inline u64 ptr_frame(const void *p)
{
	return ptr_phys(p) >> PAGE_SHIFT;
}

#endif
