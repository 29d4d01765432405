/* SPDX-License-Identifier: MIT */
/*
 * Basic types and small macros that every file of the guest kernel uses. No declarations of functions that
 * live in a .c file: those are in the header named after it.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

typedef s64 ssize_t;
typedef s64 loff_t;
typedef s32 pid_t;
typedef u32 uid_t;
typedef u32 gid_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_UP(x) (((u64)(x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_DOWN(x) ((u64)(x)&PAGE_MASK)

#define USER_END 0x00007ffffffff000UL /* first address that user mode can never own */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define ALIGN_UP(x, a) (((x) + (a)-1) & ~((typeof(x))(a)-1))
/* The number makes the names unique, so that MIN(MIN(a, b), c) shadows nothing. */
#define MIN_(a, b, n)                          \
	({                                     \
		typeof(a) x_##n = (a);         \
		typeof(b) y_##n = (b);         \
		x_##n < y_##n ? x_##n : y_##n; \
	})
#define MAX_(a, b, n)                          \
	({                                     \
		typeof(a) x_##n = (a);         \
		typeof(b) y_##n = (b);         \
		x_##n > y_##n ? x_##n : y_##n; \
	})
#define MIN__(a, b, n) MIN_(a, b, n)
#define MAX__(a, b, n) MAX_(a, b, n)
#define MIN(a, b) MIN__(a, b, __COUNTER__)
#define MAX(a, b) MAX__(a, b, __COUNTER__)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define barrier() __asm__ volatile("" ::: "memory")

#define __noreturn __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __must_check __attribute__((warn_unused_result))
#define __aligned(n) __attribute__((aligned(n)))
#define __packed __attribute__((packed))
#define __unused __attribute__((unused))
#define __noinline __attribute__((noinline))
#define __user /* an address of user mode: only uaccess.h may touch it */

/* A pointer that may carry -errno instead. */
#define MAX_ERRNO 4095
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}
static inline long PTR_ERR(const void *p)
{
	return (long)p;
}
static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-MAX_ERRNO;
}
