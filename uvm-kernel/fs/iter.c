/* SPDX-License-Identifier: MIT */
/*
 * iov_iter: moves bytes between kernel memory and a list of user ranges, or another kernel buffer.
 */
#include "fs.h"

#define LONG (16 * PAGE_SIZE) /* so much takes its time */

void iter_user(struct iov_iter *it, u64 ubuf, u64 len)
{
	*it = (struct iov_iter){.single = {ubuf, len}, .count = 1, .left = len};
	it->vec = &it->single;
}

void iter_kernel(struct iov_iter *it, void *buf, u64 len)
{
	iter_user(it, (u64)buf, len);
	it->kernel = true;
}

long iovec_check(const struct iovec *vec, u32 count)
{
	u64 total = 0;

	for (u32 i = 0; i < count; i++) {
		if ((s64)vec[i].len < 0 || __builtin_add_overflow(total, vec[i].len, &total) ||
		    (s64)total < 0)
			return -EINVAL;
		if (vec[i].len && !access_ok((void *)vec[i].base, vec[i].len))
			return -EFAULT;
	}
	return 0;
}

void iter_vec(struct iov_iter *it, const struct iovec *vec, u32 count)
{
	*it = (struct iov_iter){.vec = vec, .count = count};
	for (u32 i = 0; i < count; i++)
		it->left += vec[i].len;
}

/* The next contiguous piece, at most n bytes. */
static u64 piece(struct iov_iter *it, size_t n, size_t *len)
{
	if (unlikely(it->left > LONG) && !it->kernel)
		sched_point();
	while (it->count && it->skip == it->vec->len) {
		it->vec++;
		it->count--;
		it->skip = 0;
	}
	if (!it->count || !it->left) {
		*len = 0;
		return 0;
	}
	*len = MIN(n, it->vec->len - it->skip);
	return it->vec->base + it->skip;
}

static void advance(struct iov_iter *it, size_t n)
{
	it->skip += n;
	it->left -= n;
}

/* Between the ranges and n bytes at own; out: the ranges are written. Less: a range cannot be reached. */
static size_t copy(struct iov_iter *it, char *own, size_t n, bool out)
{
	size_t done = 0, len, moved;

	for (; done < n; done += moved) {
		void *range = (void *)piece(it, n - done, &len);

		if (!len)
			break;
		moved = len;
		if (it->kernel)
			memcpy(out ? range : own + done, out ? own + done : range, len);
		else
			moved = out ? copy_to_user_partial(range, own + done, len)
				    : copy_from_user_partial(own + done, range, len);
		advance(it, moved);
		if (moved < len)
			return done + moved;
	}
	return done;
}

size_t iter_copy_to(struct iov_iter *it, const void *src, size_t n)
{
	return copy(it, (char *)src, n, true);
}

size_t iter_copy_from(struct iov_iter *it, void *dst, size_t n)
{
	return copy(it, dst, n, false);
}

void iter_advance(struct iov_iter *it, u64 n)
{
	size_t len;

	for (; n && piece(it, n, &len) && len; n -= len)
		advance(it, len);
}

size_t iter_zero(struct iov_iter *it, size_t n)
{
	static const char zeros[PAGE_SIZE];
	size_t done = 0;

	while (done < n) {
		size_t part = MIN(n - done, sizeof(zeros));
		size_t moved = iter_copy_to(it, zeros, part);

		done += moved;
		if (moved < part)
			break;
	}
	return done;
}
