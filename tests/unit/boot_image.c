/* SPDX-License-Identifier: MIT */
/* The loader's view of the hypervisor's file: a small good one, and it with every field wrong. */
#include "../../boot/image.h"

#include "unit.h"

enum { CODE = 0x200, RELOCATIONS = 0x400, SIZE = 0x800, MEMORY = 0x3000 };

static u8 *file;
static u32 found;

static struct hv_image_header *header(void)
{
	return (struct hv_image_header *)(void *)file;
}

static struct hv_relocation *relocation(int i)
{
	return (struct hv_relocation *)(void *)(file + RELOCATIONS) + i;
}

static void build(void)
{
	free(file);
	file = calloc(1, SIZE);
	memset(file + CODE, 0x90, 0x100);
	*header() = (struct hv_image_header){.magic = HV_IMAGE_MAGIC,
					     .version = BOOT_INFO_VERSION,
					     .header_size = sizeof(struct hv_image_header),
					     .init_offset = CODE,
					     .enter_offset = CODE + 16,
					     .prepare_offset = CODE + 32,
					     .leave_offset = SIZE - 1,
					     .image_size = MEMORY,
					     .file_size = SIZE,
					     .relocations_offset = RELOCATIONS,
					     .relocations_end = RELOCATIONS + 2 * 24,
					     .build_id = "0123"};
	*relocation(0) = (struct hv_relocation){0x600, 8, CODE + 4};
	*relocation(1) = (struct hv_relocation){MEMORY - 8, 8, 0};
}

/* In memory of exactly this size, for the sanitizer. */
static const char *check(size_t size)
{
	u8 *copy = malloc(size ? size : 1);
	const char *why;

	memcpy(copy, file, size);
	why = image_check(copy, size, &found);
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
	u8 *to = malloc(MEMORY);

	build();
	CHECK(!check(SIZE));
	memset(to, 0xee, MEMORY);
	image_place(header(), to, 0x7000000);
	EQ(memcmp(to, file, 0x600), 0);
	EQ(to[CODE], 0x90);
	EQ(to[SIZE], 0);
	EQ(*(u64 *)(void *)(to + 0x600), 0x7000000 + CODE + 4);
	EQ(*(u64 *)(void *)(to + MEMORY - 16), 0);
	EQ(*(u64 *)(void *)(to + MEMORY - 8), 0x7000000);
	free(to);
}

TEST(no_relocations)
{
	build();
	header()->relocations_end = RELOCATIONS;
	CHECK(!check(SIZE));
	header()->relocations_offset = header()->relocations_end = SIZE;
	CHECK(!check(SIZE));
}

TEST(header)
{
	REFUSED(header()->magic ^= 1);
	REFUSED(header()->version++);
	EQ(found, BOOT_INFO_VERSION + 1);
	REFUSED(header()->header_size = 100);
	REFUSED(header()->file_size--);
	REFUSED(header()->file_size++);
	REFUSED(header()->file_size = ~0ull);
	REFUSED(header()->image_size = 0);
	REFUSED(header()->image_size = MEMORY + 1);
	REFUSED(header()->image_size = ~0xfffull);
	REFUSED(header()->init_offset = SIZE);
	REFUSED(header()->enter_offset = MEMORY);
	REFUSED(header()->prepare_offset = SIZE);
	REFUSED(header()->leave_offset = ~0ull);
	REFUSED(memset(header()->build_id, 'x', 40));
}

TEST(relocations)
{
	REFUSED(relocation(0)->type = 1); /* R_X86_64_64 */
	REFUSED(relocation(1)->type = 1ull << 32 | 8);
	REFUSED(relocation(0)->offset = MEMORY - 7);
	REFUSED(relocation(0)->offset = ~0ull);
	REFUSED(relocation(1)->addend = MEMORY + 1);
	REFUSED(relocation(1)->addend = ~0ull);
	REFUSED(header()->relocations_offset = RELOCATIONS - 8);
	REFUSED(header()->relocations_offset = RELOCATIONS + 1);
	REFUSED(header()->relocations_offset = ~7ull);
	REFUSED(header()->relocations_end--);
	REFUSED(header()->relocations_end = RELOCATIONS - 24);
	REFUSED(header()->relocations_end = SIZE + 8);
}

TEST(every_length)
{
	build();
	for (size_t n = 0; n < SIZE; n++)
		CHECK(check(n) != NULL);
	CHECK(!check(SIZE));
}

/* What is accepted after random damage can be placed without leaving the image. */
TEST(random_damage)
{
	int accepted = 0;

	for (int i = 0; i < 30000; i++) {
		build();
		for (int n = 1 + unit_random() % 3; n; n--)
			file[(unit_random() % 2 ? 0 : RELOCATIONS) + unit_random() % 136] =
				(u8)(unit_random() % 3 ? unit_random() : 0xff);
		if (!check(SIZE)) {
			u8 *to = malloc(header()->image_size);

			image_place(header(), to, 0x1000000);
			free(to);
			accepted++;
		}
	}
	CHECK(accepted > 100);
}
