/* SPDX-License-Identifier: MIT */
/*
 * Fixed-width types and compile-time layout checks for every ABI header. The one place that knows
 * whether it is compiled into hv, the UEFI loader, the Linux kernel or user space.
 */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

/* ABI_OFFSET(struct s, field, 0x10): the field stands where the document says. */
#define ABI_OFFSET(type, field, offset) \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field " is misplaced")
#define ABI_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has the wrong size")

#endif
