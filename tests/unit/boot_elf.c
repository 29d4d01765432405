/* SPDX-License-Identifier: MIT */
/* The loader's view of the hypervisor image: a small good one, and it with every field wrong. */
#include "../../boot/elf.h"

#include "unit.h"

#define SIZE 0x3000
#define AT(type, offset) ((type *)(void *)(file + (offset)))

enum { HEADERS = 64, DYNAMIC = 0x400, RELA = 0x480, CODE = 0x1000, DATA = 0x2000 };

struct header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

static u8 *file;
static struct elf_image image;
static u32 found;

static struct segment *segment(int i)
{
	return AT(struct segment, HEADERS + i * 56);
}

static struct hv_image_header *header(void)
{
	return AT(struct hv_image_header, 0x200);
}

/* Link address 0x200 is the image's first byte... the segments: headers R, code RX, data RW with bss. */
static void build(void)
{
	free(file);
	file = calloc(1, SIZE);
	*AT(struct header, 0) = (struct header){.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
						.type = 3,
						.machine = 62,
						.version = 1,
						.phoff = HEADERS,
						.ehsize = 64,
						.phentsize = 56,
						.phnum = 4};
	*segment(0) = (struct segment){1, 4, 0x200, 0x10000, 0, 0x600, 0x600, 0x1000};
	*segment(1) = (struct segment){1, 5, CODE, 0x11000, 0, 0x100, 0x100, 0x1000};
	*segment(2) = (struct segment){1, 6, DATA, 0x12000, 0, 0x80, 0x2000, 0x1000};
	*segment(3) = (struct segment){2, 4, DYNAMIC, 0x10200, 0, 0x40, 0x40, 8};
	*header() = (struct hv_image_header){.magic = HV_IMAGE_MAGIC,
					     .version = BOOT_INFO_VERSION,
					     .header_size = 112,
					     .init_offset = 0x1000,
					     .enter_offset = 0x1010,
					     .leave_offset = 0x1020,
					     .image_size = 0x4000,
					     .build_id = "0123"};
	AT(u64, DYNAMIC)[0] = 7; /* DT_RELA */
	AT(u64, DYNAMIC)[1] = 0x10000 + RELA - 0x200;
	AT(u64, DYNAMIC)[2] = 8; /* DT_RELASZ */
	AT(u64, DYNAMIC)[3] = 2 * 24;
	AT(u64, DYNAMIC)[4] = 9; /* DT_RELAENT */
	AT(u64, DYNAMIC)[5] = 24;
	AT(u64, RELA)[0] = 0x12008;
	AT(u64, RELA)[1] = 8; /* R_X86_64_RELATIVE */
	AT(u64, RELA)[2] = 0x11004;
	AT(u64, RELA)[3] = 0x13000;
	AT(u64, RELA)[4] = 8;
	AT(u64, RELA)[5] = 0x10000;
	memset(file + CODE, 0x90, 0x100);
	memset(file + DATA, 0xdd, 0x80);
}

static const char *check(size_t size)
{
	u8 *copy = aligned_alloc(16, (size + 15) & ~15ul ? (size + 15) & ~15ul : 16);
	const char *why;

	memcpy(copy, file, size);
	why = elf_check(&image, copy, size, &found);
	free(copy);
	return why;
}

/* One field of a good file is changed: the file is refused. */
#define REFUSED(change)                  \
	do {                             \
		build();                 \
		change;                  \
		if (!check(SIZE))        \
			CHECK(!#change); \
	} while (0)

TEST(good_image_is_placed)
{
	u8 *to = malloc(0x4000);

	build();
	if (!CHECK(!elf_check(&image, file, SIZE, &found)))
		printf("# %s\n", elf_check(&image, file, SIZE, &found));
	memset(to, 0xee, 0x4000);
	elf_place(&image, to, 0x7000000);
	EQ(memcmp(to, header(), 112), 0);
	EQ(to[0x1000], 0x90);
	EQ(to[0x2000], 0xdd);
	EQ(to[0x2080], 0); /* bss */
	EQ(to[0x3fff], 0);
	EQ(to[0x700], 0);
	EQ(*(u64 *)(void *)(to + 0x2008), 0x7001004);
	EQ(*(u64 *)(void *)(to + 0x3000), 0x7000000);
	free(to);
}

TEST(headers)
{
	REFUSED(file[0] = 0);
	REFUSED(file[4] = 1);
	REFUSED(file[5] = 2);
	REFUSED(AT(struct header, 0)->type = 2);
	REFUSED(AT(struct header, 0)->machine = 3);
	REFUSED(AT(struct header, 0)->phnum = 0);
	REFUSED(AT(struct header, 0)->phnum = 0xffff);
	REFUSED(AT(struct header, 0)->phentsize = 32);
	REFUSED(AT(struct header, 0)->phoff = SIZE);
	REFUSED(AT(struct header, 0)->phoff = ~0ull);
	REFUSED(AT(struct header, 0)->phoff = ~7ull);
	REFUSED(AT(struct header, 0)->phoff = 65);
}

TEST(segments)
{
	REFUSED(segment(0)->type = 6); /* the image's start is gone */
	REFUSED(segment(1)->type = 3); /* PT_INTERP */
	REFUSED(segment(1)->offset = SIZE);
	REFUSED(segment(1)->offset = ~0ull);
	REFUSED(segment(1)->filesz = ~0ull);
	REFUSED(segment(1)->filesz = 0x101);
	REFUSED(segment(1)->memsz = ~0ull);
	REFUSED(segment(1)->vaddr = 0x10100); /* overlaps */
	REFUSED(segment(1)->vaddr = 0x20000); /* order */
	REFUSED(segment(2)->vaddr = ~0ull - 0x100);
	REFUSED(segment(2)->memsz = 0x2001);
	REFUSED(segment(0)->vaddr = 0xff80);
}

TEST(image_header)
{
	REFUSED(header()->magic ^= 1);
	REFUSED(header()->version++);
	EQ(found, BOOT_INFO_VERSION + 1);
	REFUSED(header()->header_size = 100);
	REFUSED(header()->image_size = 0x3000);
	REFUSED(header()->image_size = 0x4001);
	REFUSED(header()->image_size = ~0xfffull);
	REFUSED(header()->init_offset = 0x2000); /* data */
	REFUSED(header()->enter_offset = 0);
	REFUSED(header()->leave_offset = 0x1100);
	REFUSED(header()->init_offset = ~0ull - 0xffff);
	REFUSED(memset(header()->build_id, 'x', 40));
}

TEST(relocations)
{
	REFUSED(AT(u64, RELA)[1] = 1); /* R_X86_64_64 */
	REFUSED(AT(u64, RELA)[1] = 1ull << 32 | 8);
	REFUSED(AT(u64, RELA)[0] = 0xfff8);
	REFUSED(AT(u64, RELA)[0] = 0x13ff9);
	REFUSED(AT(u64, RELA)[0] = ~0ull);
	REFUSED(AT(u64, RELA)[2] = 0);
	REFUSED(AT(u64, RELA)[2] = 0x14001);
	REFUSED(AT(u64, DYNAMIC)[1] = 0);
	REFUSED(AT(u64, DYNAMIC)[1] = ~0ull);
	REFUSED(AT(u64, DYNAMIC)[3] = 47);
	REFUSED(AT(u64, DYNAMIC)[3] = ~0ull / 24 * 24);
	REFUSED(AT(u64, DYNAMIC)[5] = 0);
	REFUSED(AT(u64, DYNAMIC)[5] = 16);
	REFUSED(AT(u64, DYNAMIC)[6] = 1);  /* DT_NEEDED */
	REFUSED(AT(u64, DYNAMIC)[6] = 17); /* DT_REL */
	REFUSED(segment(3)->offset = SIZE);
	REFUSED(segment(3)->filesz = ~0ull);
	REFUSED(segment(3)->offset = DYNAMIC + 1);
}

TEST(every_length)
{
	build();
	for (size_t n = 0; n < DATA + 0x80; n++)
		CHECK(check(n) != NULL);
	CHECK(!check(DATA + 0x80));
}

/* What is accepted after random damage can be placed without leaving the image. */
TEST(random_damage)
{
	int accepted = 0;

	for (int i = 0; i < 30000; i++) {
		build();
		for (int n = 1 + unit_random() % 3; n; n--) {
			static const u16 spots[] = {
				0, HEADERS, HEADERS + 56, HEADERS + 112, HEADERS + 168, 0x200, DYNAMIC, RELA};

			file[spots[unit_random() % 8] + unit_random() % 112] =
				(u8)(unit_random() % 3 ? unit_random() : 0xff);
		}
		if (!elf_check(&image, file, SIZE, &found)) {
			u8 *to = malloc(image.header->image_size);

			elf_place(&image, to, 0x1000000);
			free(to);
			accepted++;
		}
	}
	CHECK(accepted > 100);
}
