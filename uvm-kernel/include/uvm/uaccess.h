/* SPDX-License-Identifier: MIT */
/*
 * The only way to user memory. Every function checks that the range lies in the user half, survives faults,
 * and may sleep while a page is brought in; values are copied once, so they cannot change after a check.
 */
#pragma once

#include <uvm/errno.h>
#include <uvm/types.h>

static inline bool access_ok(const void __user *addr, size_t len)
{
	return len <= USER_END && (u64)addr <= USER_END - len;
}

/* 0 or -EFAULT. */
int __must_check copy_from_user(void *dst, const void __user *src, size_t len);
int __must_check copy_to_user(void __user *dst, const void *src, size_t len);

/* Bytes copied before a fault, for read() and write(), which report partial progress. */
size_t copy_from_user_partial(void *dst, const void __user *src, size_t len);
size_t copy_to_user_partial(void __user *dst, const void *src, size_t len);

/* A NUL-terminated string: its length, -EFAULT, or -ENAMETOOLONG when there is no NUL in size bytes. */
ssize_t __must_check strncpy_from_user(char *dst, const char __user *src, size_t size);

/* Small values: get_user(variable, address) and put_user(value, address) give 0 or -EFAULT. */
#define get_user(x, ptr) copy_from_user(&(x), (const void *)(ptr), sizeof(x))
#define put_user(x, ptr)                                                        \
	({                                                                      \
		typeof(x) put_user_v_ = (x);                                    \
		copy_to_user((void *)(ptr), &put_user_v_, sizeof(put_user_v_)); \
	})

/* Atomically: *old = *addr; if (*old == expect) *addr = desired. For futexes. 0 or -EFAULT. */
int __must_check cmpxchg_user_u32(u32 __user *addr, u32 expect, u32 desired, u32 *old);
