/* SPDX-License-Identifier: MIT */
/*
 * The character devices that every Linux program expects: null, zero, full, random, urandom; terminals are
 * tty/'s.
 */
#include "../tty/tty.h"
#include "dirops.h"

#include <uvm/ioctl.h>

static long read_end(struct file *f __unused, struct iov_iter *to __unused, u64 *pos __unused)
{
	return 0;
}

static long write_away(struct file *f __unused, struct iov_iter *from, u64 *pos __unused)
{
	return (long)from->left;
}

static long read_zeros(struct file *f __unused, struct iov_iter *to, u64 *pos __unused)
{
	u64 want = to->left;
	long done = 0;

	while (to->left) {
		size_t n = iter_zero(to, MIN(to->left, 16 * PAGE_SIZE));

		if (!n)
			break;
		done += (long)n;
		if (signal_pending())
			break;
	}
	return done || !want ? done : -EFAULT;
}

static long write_full(struct file *f __unused, struct iov_iter *from, u64 *pos __unused)
{
	return from->left ? -ENOSPC : 0;
}

static long read_random(struct file *f __unused, struct iov_iter *to, u64 *pos __unused)
{
	u64 want = to->left;
	u8 block[256];
	long done = 0;

	while (to->left) {
		size_t part = MIN(to->left, sizeof(block)), n;

		random_bytes(block, part);
		n = iter_copy_to(to, block, part);
		done += (long)n;
		if (n < part || signal_pending())
			break;
	}
	return done || !want ? done : -EFAULT;
}

static long write_random(struct file *f __unused, struct iov_iter *from, u64 *pos __unused)
{
	u8 block[256];
	long done = 0;

	while (from->left) {
		size_t n = iter_copy_from(from, block, sizeof(block));

		if (!n)
			return done ? done : -EFAULT;
		random_mix(block, n);
		done += (long)n;
	}
	return done;
}

static long random_ioctl(struct file *f __unused, u32 cmd, u64 arg)
{
	return cmd == RNDGETENTCNT ? put_user((s32)256, arg) : -ENOTTY;
}

/* Seeking on these succeeds and means nothing. */
static s64 seek_anywhere(struct file *f, s64 offset __unused, int whence __unused)
{
	f->pos = 0;
	return 0;
}

static const struct file_ops null_fops = {.read = read_end, .write = write_away, .seek = seek_anywhere};
static const struct file_ops zero_fops = {
	.read = read_zeros, .write = write_away, .seek = seek_anywhere, .map_anonymous = true};
static const struct file_ops full_fops = {.read = read_zeros, .write = write_full, .seek = seek_anywhere};
static const struct file_ops random_fops = {
	.read = read_random, .write = write_random, .seek = seek_anywhere, .ioctl = random_ioctl};

const struct file_ops *chardev_fops(u32 rdev)
{
	if (dev_major(rdev) == 5)
		return dev_minor(rdev) == 0   ? &dev_tty_fops
		       : dev_minor(rdev) == 2 ? &ptmx_fops
					      : &noopen_fops;
	if (dev_major(rdev) == TTY_MAJOR)
		return &pts_fops;
	if (dev_major(rdev) != 1)
		return &noopen_fops;
	switch (dev_minor(rdev)) {
	case 3:
		return &null_fops;
	case 5:
		return &zero_fops;
	case 7:
		return &full_fops;
	case 8:
	case 9:
		return &random_fops;
	default:
		return &noopen_fops;
	}
}
