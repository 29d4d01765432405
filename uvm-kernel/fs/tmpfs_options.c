/* SPDX-License-Identifier: MIT */
/*
 * The mount options of tmpfs and devpts.
 */
#include "tmpfs_options.h"

#include <uvm/errno.h>
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

enum kind { SIZE, BLOCKS, OCTAL, DECIMAL, ANYTHING, FLAG };

#define AT(field) offsetof(struct tmpfs_options, field)

/* What takes no effect: hints about placement (there is one node and one page size), widths of inode numbers,
 * and that a mount of devpts stands alone, as each does. */
static const struct option {
	const char *name;
	enum kind kind;
	bool tmpfs, devpts;
	size_t offset;
} known[] = {
	{"size", SIZE, true, false, AT(size)},
	{"nr_blocks", BLOCKS, true, false, AT(size)},
	{"nr_inodes", SIZE, true, false, AT(inodes)},
	{"mode", OCTAL, true, true, AT(mode)},
	{"uid", DECIMAL, true, true, AT(uid)},
	{"gid", DECIMAL, true, true, AT(gid)},
	{"ptmxmode", OCTAL, false, true, AT(ptmxmode)},
	{"huge", ANYTHING, true, false, 0},
	{"mpol", ANYTHING, true, false, 0},
	{"inode64", FLAG, true, false, 0},
	{"inode32", FLAG, true, false, 0},
	{"newinstance", FLAG, false, true, 0},
};

static bool parse_value(const struct option *k, const char *value, const char *end, struct tmpfs_options *o)
{
	void *field = (char *)o + k->offset;
	u64 n = 0;

	switch (k->kind) {
	case SIZE:
		return parse_size(value, end, field);
	case BLOCKS:
		if (!parse_size(value, end, &n) || n >> 40)
			return false;
		*(u64 *)field = n << PAGE_SHIFT;
		return true;
	case OCTAL:
	case DECIMAL:
		if (!parse_number(value, end, k->kind == OCTAL ? 8 : 10, &n) ||
		    n >= (k->kind == OCTAL ? 010000 : ~0u))
			return false;
		*(u32 *)field = (u32)n;
		return true;
	default:
		return true;
	}
}

static bool parse_one(const char *s, const char *end, struct tmpfs_options *o)
{
	const char *eq = s;

	while (eq < end && *eq != '=')
		eq++;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (is(s, (size_t)(eq - s), known[i].name) && (known[i].kind == FLAG) == (eq == end) &&
		    (o->devpts ? known[i].devpts : known[i].tmpfs))
			return parse_value(&known[i], eq + 1, end, o);
	return s == end;
}

int tmpfs_parse(const char *text, struct tmpfs_options *o)
{
	while (*text) {
		const char *end = text;

		while (*end && *end != ',')
			end++;
		if (!parse_one(text, end, o)) {
			pr_err("%s: bad mount option '%.*s'\n", o->devpts ? "devpts" : "tmpfs",
			       (int)(end - text), text);
			return -EINVAL;
		}
		text = *end ? end + 1 : end;
	}
	return 0;
}
