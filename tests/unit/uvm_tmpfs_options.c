/* SPDX-License-Identifier: MIT */
/* The mount options of tmpfs, as containers' configurations give them. */
#include "tmpfs_options.h"

#include <uvm/page.h>
#include <uvm/printk.h>

#include <assert.h>
#undef assert
#include "unit.h"

static struct tmpfs_options o;

void page_get_stats(struct page_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->total = 10000;
}

void printk(int level, const char *fmt, ...)
{
	(void)level, (void)fmt;
}

static int parse(const char *text)
{
	char *copy = strdup(text);
	int result;

	memset(&o, 0, sizeof(o));
	result = tmpfs_parse(copy, &o);
	free(copy);
	return result;
}

TEST(good)
{
	EQ(parse(""), 0);
	EQ(parse("mode=1777,size=65536k"), 0);
	EQ(o.mode, 01777);
	EQ(o.size, 65536ull << 10);
	EQ(parse("size=1m,uid=7,gid=8,nr_inodes=5k"), 0);
	EQ(o.size, 1 << 20);
	EQ(o.uid, 7);
	EQ(o.gid, 8);
	EQ(o.inodes, 5 << 10);
	EQ(parse("size=50%"), 0);
	EQ(o.size, 10000ull * 4096 / 2);
	EQ(parse("size=4096,inode64,huge=always"), 0);
	EQ(o.size, 4096);
	EQ(parse("nr_blocks=2"), 0);
	EQ(o.size, 8192);
}

TEST(bad)
{
	static const char *const texts[] = {"size=",
					    "size=x",
					    "size=-1",
					    "size=1x",
					    "size=k",
					    "size=101%",
					    "size=%",
					    "mode=8",
					    "mode=10000",
					    "mode=",
					    "uid=-1",
					    "uid=4294967295",
					    "gid=99999999999999999999",
					    "colour=red",
					    "ptmxmode=666",
					    "newinstance",
					    "size",
					    "=1",
					    "size=99999999999999999999",
					    "size=18446744073709551615k",
					    "size=1 m"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!CHECK(parse(texts[i]) < 0))
			printf("# accepted: %s\n", texts[i]);
}

TEST(devpts)
{
	o = (struct tmpfs_options){.devpts = true};
	EQ(tmpfs_parse("newinstance,ptmxmode=0666,mode=620,gid=5", &o), 0);
	EQ(o.ptmxmode, 0666);
	EQ(o.mode, 0620);
	EQ(o.gid, 5);
	CHECK(tmpfs_parse("size=4k", &o) < 0);
	CHECK(tmpfs_parse("ptmxmode=10000", &o) < 0);
	CHECK(tmpfs_parse("newinstance=1", &o) < 0);
}

TEST(random_text)
{
	static const char alphabet[] = "size=mode,uid%kKmMgG0123456789nr_blocks";
	char text[40];

	for (int i = 0; i < 100000; i++) {
		size_t n = unit_random() % sizeof(text);

		for (size_t j = 0; j < n; j++)
			text[j] = alphabet[unit_random() % (sizeof(alphabet) - 1)];
		text[n ? n - 1 : 0] = 0;
		if (!parse(text))
			CHECK(o.mode <= 07777);
	}
}
