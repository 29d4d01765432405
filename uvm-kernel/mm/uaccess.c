/* SPDX-License-Identifier: MIT */
/*
 * User memory: range checks and the SMAP window around the copies of lib/copy.S.
 */
#include <uvm/kernel.h>

size_t user_copy(void *dst, const void *src, size_t n);
size_t user_clear(void *dst, size_t n);
ssize_t user_strncpy(char *dst, const char *src, size_t n);
int user_cmpxchg32(u32 *addr, u32 expect, u32 desired, u32 *old);

static inline void window_open(void)
{
	if (likely(cpu_smap))
		__asm__ volatile("stac" ::: "memory");
}

static inline void window_close(void)
{
	if (likely(cpu_smap))
		__asm__ volatile("clac" ::: "memory");
}

static inline size_t copy(void *dst, const void *src, size_t len)
{
	size_t left;

	window_open();
	left = user_copy(dst, src, len);
	window_close();
	return len - left;
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t len)
{
	return access_ok(src, len) ? copy(dst, src, len) : 0;
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t len)
{
	return access_ok(dst, len) ? copy(dst, src, len) : 0;
}

int copy_from_user(void *dst, const void __user *src, size_t len)
{
	size_t n = copy_from_user_partial(dst, src, len);

	if (likely(n == len))
		return 0;
	memset((char *)dst + n, 0, len - n);
	return -EFAULT;
}

int copy_to_user(void __user *dst, const void *src, size_t len)
{
	return copy_to_user_partial(dst, src, len) == len ? 0 : -EFAULT;
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	size_t reach = (u64)src < USER_END ? MIN(size, USER_END - (u64)src) : 0;
	ssize_t n;

	window_open();
	n = user_strncpy(dst, src, reach);
	window_close();
	if (n < 0 || ((size_t)n == reach && reach < size))
		return -EFAULT;
	return (size_t)n == size ? -ENAMETOOLONG : n;
}

int cmpxchg_user_u32(u32 __user *addr, u32 expect, u32 desired, u32 *old)
{
	u32 seen = 0;
	int bad;

	if (!access_ok(addr, sizeof(*addr)))
		return -EFAULT;
	window_open();
	bad = user_cmpxchg32(addr, expect, desired, &seen);
	window_close();
	*old = seen;
	return bad ? -EFAULT : 0;
}
