/* SPDX-License-Identifier: MIT */
/* Nested page tables on an array of memory: map, find, split, merge, an empty pool, and a model. */
#include <hv/slat.h>

#include "unit.h"

/* AMD's bits: present, writable, user, accessed, dirty, large, no execute. */
static const struct slat_format npt = {
	.table = 7, .leaf = 5, .no_execute = 1ull << 63, .accessed = 0x20, .dirty = 0x40};
/* Intel's: read, write, execute; accessed 8, dirty 9. */
static const struct slat_format ept = {
	.table = 7, .leaf = 6u << 3, .execute = 4, .accessed = 0x100, .dirty = 0x200};

static struct pool pool;
static struct slat slat;

static void start(const struct slat_format *format, u64 frames)
{
	memset(unit_memory, 0xaa, sizeof(unit_memory));
	pool = (struct pool){0};
	slat = (struct slat){0};
	for (u64 pfn = 1; pfn <= frames; pfn++)
		pool_put(&pool, pfn);
	CHECK(slat_init(&slat, format, &pool));
}

static void both(void (*test)(const struct slat_format *))
{
	test(&npt);
	test(&ept);
}

static void map_and_find(const struct slat_format *f)
{
	struct slat_leaf leaf;

	start(f, 20);
	CHECK(!slat_find(&slat, gpa(0x123000)).entry);
	EQ(slat_missing(&slat, gpa(0x123000)), 3);
	CHECK(slat_map(&slat, gpa(0x123000), 0x777, SLAT_4K, SLAT_READ));
	leaf = slat_find(&slat, gpa(0x123fff));
	CHECK(leaf.entry);
	EQ(leaf.pfn, 0x777);
	EQ(leaf.level, SLAT_4K);
	EQ(leaf.rights, SLAT_READ);
	EQ(slat_missing(&slat, gpa(0x124000)), 0);
	CHECK(!slat_find(&slat, gpa(0x124000)).entry);
	CHECK(slat_map(&slat, gpa(0x123000), 0x778, SLAT_4K, SLAT_ALL)); /* replaces */
	EQ(slat_find(&slat, gpa(0x123000)).rights, SLAT_ALL);
	EQ(slat_find(&slat, gpa(0x123000)).pfn, 0x778);
	CHECK(slat_map(&slat, gpa(3ull << 30), 1ull << 20, SLAT_1G, SLAT_READ | SLAT_WRITE));
	leaf = slat_find(&slat, gpa((3ull << 30) + 0x12345678));
	EQ(leaf.level, SLAT_1G);
	EQ(leaf.pfn, (1ull << 20) + 0x12345);
	EQ(leaf.rights, SLAT_READ | SLAT_WRITE);
	slat_unmap(&slat, gpa(0x123000), SLAT_4K);
	CHECK(!slat_find(&slat, gpa(0x123000)).entry);
	slat_destroy(&slat);
	EQ(pool.free, 20);
}

TEST(mapping)
{
	both(map_and_find);
}

static void splitting(const struct slat_format *f)
{
	struct slat_leaf leaf;

	start(f, 20);
	CHECK(slat_map(&slat, gpa(1ull << 30), 1ull << 18, SLAT_1G, SLAT_ALL));
	CHECK(slat_split(&slat, gpa((1ull << 30) + 0x200000)));
	CHECK(slat_split(&slat, gpa((1ull << 30) + 0x200000)));
	for (u64 off = 0; off < 1ull << 30; off += 0x1ff000) {
		leaf = slat_find(&slat, gpa((1ull << 30) + off));
		EQ(leaf.pfn, (1ull << 18) + (off >> 12));
		EQ(leaf.rights, SLAT_ALL);
		EQ(leaf.level, off >> 21 == 1 ? SLAT_4K : SLAT_2M);
	}
	slat_unmap(&slat, gpa((1ull << 30) + 0x203000), SLAT_4K);
	CHECK(!slat_find(&slat, gpa((1ull << 30) + 0x203000)).entry);
	CHECK(slat_find(&slat, gpa((1ull << 30) + 0x204000)).entry);
	/* not whole: not merged */
	CHECK(!slat_merge(&slat, gpa((1ull << 30) + 0x200000), SLAT_2M));
	CHECK(slat_map(&slat, gpa((1ull << 30) + 0x203000), (1ull << 18) + 0x203, SLAT_4K, SLAT_READ));
	CHECK(!slat_merge(&slat, gpa((1ull << 30) + 0x200000), SLAT_2M)); /* other rights */
	CHECK(slat_map(&slat, gpa((1ull << 30) + 0x203000), (1ull << 18) + 0x204, SLAT_4K, SLAT_ALL));
	CHECK(!slat_merge(&slat, gpa((1ull << 30) + 0x200000), SLAT_2M)); /* another frame */
	CHECK(slat_map(&slat, gpa((1ull << 30) + 0x203000), (1ull << 18) + 0x203, SLAT_4K, SLAT_ALL));
	*slat_find(&slat, gpa((1ull << 30) + 0x205000)).entry |= f->accessed | f->dirty; /* does not matter */
	CHECK(slat_merge(&slat, gpa((1ull << 30) + 0x200000), SLAT_2M));
	EQ(slat_find(&slat, gpa((1ull << 30) + 0x203000)).level, SLAT_2M);
	CHECK(slat_merge(&slat, gpa((1ull << 30) + 0x200000), SLAT_1G));
	EQ(slat_find(&slat, gpa((1ull << 30) + 0x203000)).level, SLAT_1G);
	EQ(slat_find(&slat, gpa((1ull << 30) + 0x203000)).pfn, (1ull << 18) + 0x203);
	CHECK(!slat_merge(&slat, gpa(0), SLAT_2M));
	slat_destroy(&slat);
	EQ(pool.free, 20);
}

TEST(split_and_merge)
{
	both(splitting);
}

static void misaligned(const struct slat_format *f)
{
	start(f, 20);
	for (u64 i = 0; i < 512; i++)
		CHECK(slat_map(&slat, gpa(i << 12), 0x1001 + i, SLAT_4K, SLAT_ALL));
	CHECK(!slat_merge(&slat, gpa(0), SLAT_2M)); /* contiguous, but not on a large page's border */
}

TEST(merge_needs_alignment)
{
	both(misaligned);
}

static void empty_pool(const struct slat_format *f)
{
	start(f, 3);
	CHECK(!slat_map(&slat, gpa(0x1000), 5, SLAT_4K, SLAT_ALL)); /* needs three more, there are two */
	CHECK(!slat_find(&slat, gpa(0x1000)).entry);
	start(f, 4);
	CHECK(slat_map(&slat, gpa(0x1000), 5, SLAT_4K, SLAT_ALL));
	EQ(pool.free, 0);
	CHECK(slat_map(&slat, gpa(0x2000), 6, SLAT_4K, SLAT_ALL));
	CHECK(slat_map(&slat, gpa(0x200000), 0x200, SLAT_2M, SLAT_ALL));
	CHECK(!slat_split(&slat, gpa(0x200000)));
	EQ(slat_find(&slat, gpa(0x201000)).pfn, 0x201); /* unharmed */
	start(f, 1);
	CHECK(!slat_map(&slat, gpa(0), 0, SLAT_1G, SLAT_ALL));
	pool = (struct pool){0};
	CHECK(!slat_init(&slat, f, &pool));
}

TEST(pool_runs_dry)
{
	both(empty_pool);
}

static void bits(const struct slat_format *f)
{
	struct slat_leaf leaf;

	start(f, 10);
	CHECK(slat_map(&slat, gpa(0x5000), 5, SLAT_4K, SLAT_ALL));
	leaf = slat_find(&slat, gpa(0x5000));
	EQ(slat_access(&slat, leaf.entry, 0), 0);
	*leaf.entry |= f->accessed;
	EQ(slat_access(&slat, leaf.entry, 0), 1);
	*leaf.entry |= f->dirty;
	EQ(slat_access(&slat, leaf.entry, 2), 3);
	EQ(slat_access(&slat, leaf.entry, 1), 1);
	EQ(slat_access(&slat, leaf.entry, 3), 0);
	EQ(slat_find(&slat, gpa(0x5000)).pfn, 5);
}

TEST(accessed_and_dirty)
{
	both(bits);
}

TEST(misuse_is_asserted)
{
	start(&npt, 10);
	CHECK(slat_map(&slat, gpa(0x5000), 5, SLAT_4K, SLAT_ALL));
	DIES(slat_map(&slat, gpa(0), 0, SLAT_2M, SLAT_ALL)); /* over a table */
	DIES(slat_unmap(&slat, gpa(0x5000), SLAT_2M));
	DIES(slat_split(&slat, gpa(0x5000)));
	DIES(slat_split(&slat, gpa(0x900000)));
}

/* Pages of 4 KiB come and go in 8 MiB; the tables say what a plain array says. */
static void random_walk(const struct slat_format *f)
{
	static u32 model[2048]; /* pfn + 1, with rights << 24; 0 = absent */

	memset(model, 0, sizeof(model));
	start(f, 30);
	for (int i = 0; i < 30000; i++) {
		u64 page = unit_random() % 2048, pfn = unit_random() % 0xfffff;
		u32 rights = SLAT_READ | (unit_random() & 6);
		struct slat_leaf leaf = slat_find(&slat, gpa(page << 12));

		EQ(leaf.entry != NULL, model[page] != 0);
		if (model[page]) {
			EQ(leaf.pfn + 1, model[page] & 0xffffff);
			EQ(leaf.rights, model[page] >> 24);
		}
		if (model[page] && unit_random() % 2) {
			slat_unmap(&slat, gpa(page << 12), SLAT_4K);
			model[page] = 0;
		} else {
			CHECK(slat_map(&slat, gpa(page << 12), pfn, SLAT_4K, rights));
			model[page] = (u32)(pfn + 1) | rights << 24;
		}
	}
	slat_destroy(&slat);
	EQ(pool.free, 30);
}

TEST(random_maps_against_a_model)
{
	both(random_walk);
}
