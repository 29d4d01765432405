/* SPDX-License-Identifier: MIT */
/* Walking and changing nested page tables, for both vendors and for root and children alike. What may
 * be mapped where is decided by root.c and gpa.c. */
#include <hv/assert.h>
#include <hv/slat.h>

#define ENTRIES 512
#define TOP_LEVEL 3u
#define ADDRESS 0x000ffffffffff000ULL

static unsigned slot(gpa_t gpa, u32 level)
{
	return gpa.v >> (PAGE_SHIFT + 9 * level) & (ENTRIES - 1);
}

static u64 *table_of(u64 entry)
{
	return phys_ptr(entry & ADDRESS);
}

static bool present(u64 entry)
{
	return entry & SLAT_PRESENT;
}

static bool is_leaf(u64 entry, u32 level)
{
	return level == SLAT_4K || entry & SLAT_LARGE;
}

bool slat_uniform(const struct slat_format *f, u64 pfn, u32 level)
{
	return !f->type || f->type(pfn, level) != SLAT_MIXED;
}

static u64 make_leaf(const struct slat *s, u64 pfn, u32 level, u32 rights)
{
	const struct slat_format *f = s->format;
	u64 entry = pfn << PAGE_SHIFT | f->leaf | SLAT_PRESENT;

	if (level != SLAT_4K)
		entry |= SLAT_LARGE;
	if (rights & SLAT_WRITE)
		entry |= SLAT_WRITABLE;
	if (f->type)
		entry |= f->type(pfn, level);
	return entry | (rights & SLAT_EXECUTE ? f->execute : f->no_execute);
}

static u32 rights_of(const struct slat *s, u64 entry)
{
	const struct slat_format *f = s->format;
	bool execute = f->execute ? (entry & f->execute) != 0 : (entry & f->no_execute) == 0;

	return SLAT_READ | (entry & SLAT_WRITABLE ? SLAT_WRITE : 0) | (execute ? SLAT_EXECUTE : 0);
}

bool slat_init(struct slat *s, const struct slat_format *format, struct pool *pool)
{
	u64 pfn = pool_get(pool);

	s->format = format;
	s->pool = pool;
	s->top = pfn << PAGE_SHIFT;
	return pfn != 0;
}

/* The entry for gpa at the given level, or the leaf or absent entry that ends the walk earlier. */
static u64 *walk(const struct slat *s, gpa_t gpa, u32 level, u32 *at)
{
	u64 *entry = (u64 *)phys_ptr(s->top) + slot(gpa, TOP_LEVEL);

	for (*at = TOP_LEVEL; *at > level && present(*entry) && !is_leaf(*entry, *at); --*at)
		entry = table_of(*entry) + slot(gpa, *at - 1);
	return entry;
}

struct slat_leaf slat_find(const struct slat *s, gpa_t gpa)
{
	struct slat_leaf leaf = {0};
	u64 *entry = walk(s, gpa, SLAT_4K, &leaf.level);

	if (!present(*entry))
		return leaf;
	leaf.entry = entry;
	leaf.pfn = ((*entry & ADDRESS) >> PAGE_SHIFT) + (gpa.v >> PAGE_SHIFT & (SLAT_PAGES(leaf.level) - 1));
	leaf.rights = rights_of(s, *entry);
	return leaf;
}

u32 slat_missing(const struct slat *s, gpa_t gpa)
{
	u32 at;

	walk(s, gpa, SLAT_4K, &at);
	return at;
}

bool slat_map(struct slat *s, gpa_t gpa, u64 pfn, u32 level, u32 rights)
{
	u32 at;
	u64 *entry = walk(s, gpa, level, &at);

	while (at > level) {
		u64 table = pool_get(s->pool);

		assert(!present(*entry));
		if (!table)
			return false;
		__atomic_store_n(entry, table << PAGE_SHIFT | s->format->table, __ATOMIC_RELEASE);
		entry = (u64 *)frame_ptr(table) + slot(gpa, --at);
	}
	assert(!present(*entry) || is_leaf(*entry, level));
	__atomic_store_n(entry, make_leaf(s, pfn, level, rights), __ATOMIC_RELEASE);
	return true;
}

void slat_unmap(struct slat *s, gpa_t gpa, u32 level)
{
	u32 at;
	u64 *entry = walk(s, gpa, level, &at);

	assert(at == level && is_leaf(*entry, level));
	__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
}

bool slat_split(struct slat *s, gpa_t gpa)
{
	struct slat_leaf leaf = slat_find(s, gpa);
	u64 table, first;

	assert(leaf.entry && leaf.level != SLAT_4K);
	table = pool_get(s->pool);
	if (!table)
		return false;
	first = (*leaf.entry & ADDRESS) >> PAGE_SHIFT;
	for (u64 i = 0; i < ENTRIES; i++) {
		((u64 *)frame_ptr(table))[i] =
			make_leaf(s, first + i * SLAT_PAGES(leaf.level - 1), leaf.level - 1, leaf.rights);
	}
	__atomic_store_n(leaf.entry, table << PAGE_SHIFT | s->format->table, __ATOMIC_RELEASE);
	return true;
}

/* Accessed and dirty bits differ between entries of one run. */
static u64 stable(const struct slat *s, u64 entry)
{
	return entry & ~(s->format->accessed | s->format->dirty);
}

bool slat_merge(struct slat *s, gpa_t gpa, u32 level)
{
	u32 at;
	u64 *entry = walk(s, gpa, level, &at);
	u64 *table = table_of(*entry);
	u64 first;

	if (at != level || !present(*entry) || is_leaf(*entry, level))
		return false;
	first = stable(s, table[0]);
	for (u64 i = 0; i < ENTRIES; i++) {
		if (!is_leaf(table[i], level - 1) ||
		    stable(s, table[i]) != first + (i * SLAT_PAGES(level - 1) << PAGE_SHIFT))
			return false;
	}
	if (!present(first) || first & ((SLAT_PAGES(level) << PAGE_SHIFT) - 1) & ADDRESS)
		return false;
	if (!slat_uniform(s->format, (first & ADDRESS) >> PAGE_SHIFT, level))
		return false;
	__atomic_store_n(entry, make_leaf(s, (first & ADDRESS) >> PAGE_SHIFT, level, rights_of(s, first)),
			 __ATOMIC_RELEASE);
	pool_put(s->pool, ptr_frame(table));
	return true;
}

u32 slat_access(const struct slat *s, u64 *entry, u32 clear)
{
	u64 drop = (clear & 1 ? s->format->accessed : 0) | (clear & 2 ? s->format->dirty : 0);
	u64 old = drop ? __atomic_fetch_and(entry, ~drop, __ATOMIC_ACQ_REL)
		       : __atomic_load_n(entry, __ATOMIC_ACQUIRE);

	return (old & s->format->accessed ? 1 : 0) | (old & s->format->dirty ? 2 : 0);
}

static void destroy_table(struct slat *s, u64 *table, u32 level)
{
	for (unsigned i = 0; level > SLAT_4K && i < ENTRIES; i++) {
		if (present(table[i]) && !is_leaf(table[i], level))
			destroy_table(s, table_of(table[i]), level - 1);
	}
	pool_put(s->pool, ptr_frame(table));
}

void slat_destroy(struct slat *s)
{
	if (s->top)
		destroy_table(s, phys_ptr(s->top), TOP_LEVEL);
	s->top = 0;
}
