/* SPDX-License-Identifier: MIT */
/*
 * The mount options of tmpfs.
 */
#include "tmpfs.h"

#include <uvm/page.h>
#include <uvm/printk.h>
#include <uvm/string.h>

static bool parse_number(const char *s, const char *end, u32 base, u64 *out)
{
	u64 n = 0;

	if (s == end)
		return false;
	for (; s < end; s++) {
		u32 digit = (u32)(*s - '0');

		if (digit >= base || __builtin_mul_overflow(n, (u64)base, &n) ||
		    __builtin_add_overflow(n, (u64)digit, &n))
			return false;
	}
	*out = n;
	return true;
}

/* 65536, 64k, 1m, 2G, 50% of memory */
static bool parse_size(const char *s, const char *end, u64 *out)
{
	u32 shift = 0;
	char unit = end > s ? end[-1] : '\0';
	struct page_stats stats;

	if (unit == '%') {
		page_get_stats(&stats);
		if (!parse_number(s, end - 1, 10, out) || *out > 100)
			return false;
		*out = stats.total * PAGE_SIZE / 100 * *out;
		return true;
	}
	if (unit == 'k' || unit == 'K')
		shift = 10;
	else if (unit == 'm' || unit == 'M')
		shift = 20;
	else if (unit == 'g' || unit == 'G')
		shift = 30;
	if (!parse_number(s, shift ? end - 1 : end, 10, out) || *out << shift >> shift != *out)
		return false;
	*out <<= shift;
	return true;
}

static bool is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

static bool parse_value(const char *name, size_t len, const char *value, const char *end,
			struct tmpfs_options *o)
{
	u64 n = 0;
	bool good;

	if (is(name, len, "size"))
		return parse_size(value, end, &o->size);
	if (is(name, len, "nr_blocks")) {
		good = parse_size(value, end, &n) && n < 1ULL << 40;
		o->size = n << PAGE_SHIFT;
		return good;
	}
	if (is(name, len, "nr_inodes"))
		return parse_size(value, end, &o->inodes);
	if (is(name, len, "mode")) {
		good = parse_number(value, end, 8, &n) && n <= 07777;
		o->mode = (u32)n;
		return good;
	}
	if (is(name, len, "huge") || is(name, len, "mpol"))
		return true; /* hints about placement; there is one node and one page size */
	good = parse_number(value, end, 10, &n) && n < ~0u;
	if (is(name, len, "uid"))
		o->uid = (u32)n;
	else if (is(name, len, "gid"))
		o->gid = (u32)n;
	else
		return false;
	return good;
}

static bool parse_one(const char *s, const char *end, struct tmpfs_options *o)
{
	const char *eq = s;

	while (eq < end && *eq != '=')
		eq++;
	if (eq == end) /* flags without effect here */
		return s == end || is(s, (size_t)(end - s), "inode64") || is(s, (size_t)(end - s), "inode32");
	return parse_value(s, (size_t)(eq - s), eq + 1, end, o);
}

int tmpfs_parse(const char *text, struct tmpfs_options *o)
{
	while (*text) {
		const char *end = text;

		while (*end && *end != ',')
			end++;
		if (!parse_one(text, end, o)) {
			pr_err("tmpfs: bad mount option '%.*s'\n", (int)(end - text), text);
			return -EINVAL;
		}
		text = *end ? end + 1 : end;
	}
	return 0;
}
