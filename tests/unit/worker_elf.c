/* SPDX-License-Identifier: MIT */
/* The worker's check of the uvm-kernel image. */
#include <elf.h>

#include "../../tools/worker/elf_image.h"
#include "unit.h"

#define BASE 0xffffffff80100000ull
#define SPAN 0xf00000ull
#define FILE_SIZE 0x10000ull

static u8 *headers;
static struct elf_image image;

static Elf64_Ehdr *eh(void)
{
	return (void *)headers;
}

static Elf64_Phdr *ph(int i)
{
	return (Elf64_Phdr *)(void *)(headers + 64) + i;
}

static void segment(int i, u32 flags, u64 offset, u64 address, u64 file_size, u64 memory_size)
{
	*ph(i) = (Elf64_Phdr){.p_type = PT_LOAD,
			      .p_flags = flags,
			      .p_offset = offset,
			      .p_vaddr = address,
			      .p_filesz = file_size,
			      .p_memsz = memory_size};
}

static void build(void)
{
	free(headers);
	headers = calloc(1, ELF_IMAGE_HEADERS_MAX);
	*eh() = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
			     .e_type = ET_EXEC,
			     .e_machine = EM_X86_64,
			     .e_entry = BASE + 0x10,
			     .e_phoff = 64,
			     .e_phentsize = 56,
			     .e_phnum = 3};
	segment(0, PF_R | PF_X, 0x1000, BASE, 0x2100, 0x2100);
	segment(1, PF_R, 0x4000, BASE + 0x3000, 0x1000, 0x1000);
	segment(2, PF_R | PF_W, 0x5000, BASE + 0x4000, 0x800, 0x9000);
}

static const char *check(size_t size)
{
	u8 *copy = malloc(size + !size);
	const char *why;

	memcpy(copy, headers, size);
	why = elf_image_read(&image, copy, size, FILE_SIZE, BASE, SPAN);
	free(copy);
	return why;
}

#define REFUSED(change)                            \
	do {                                       \
		build();                           \
		change;                            \
		if (!check(ELF_IMAGE_HEADERS_MAX)) \
			CHECK(!#change);           \
	} while (0)

TEST(good)
{
	build();
	CHECK(!check(ELF_IMAGE_HEADERS_MAX));
	EQ(image.count, 3);
	EQ(image.lowest, BASE);
	EQ(image.highest, BASE + 0xd000);
	EQ(image.entry, BASE + 0x10);
	EQ(image.segments[0].access, ELF_IMAGE_READ | ELF_IMAGE_EXECUTE);
	EQ(image.segments[2].memory_size, 0x9000);
	EQ(image.segments[2].file_size, 0x800);
}

TEST(refusals)
{
	REFUSED(headers[1] = 'X');
	REFUSED(headers[EI_CLASS] = ELFCLASS32);
	REFUSED(eh()->e_type = ET_DYN);
	REFUSED(eh()->e_machine = EM_386);
	REFUSED(eh()->e_phnum = 0);
	REFUSED(eh()->e_phnum = 0xffff);
	REFUSED(eh()->e_phoff = ~0ull);
	REFUSED(eh()->e_phoff = ELF_IMAGE_HEADERS_MAX - 55);
	REFUSED(eh()->e_entry = BASE + 0x3000);
	REFUSED(eh()->e_entry = 0);
	REFUSED(eh()->e_entry = BASE + 0x2100);
	REFUSED(ph(0)->p_flags = PF_R | PF_W | PF_X);
	REFUSED(ph(0)->p_flags = PF_X);
	REFUSED(ph(0)->p_vaddr = BASE - 0x1000);
	REFUSED(ph(0)->p_vaddr++);
	REFUSED(ph(0)->p_offset++);
	REFUSED(ph(1)->p_type = PT_INTERP);
	REFUSED(ph(1)->p_type = PT_DYNAMIC);
	REFUSED(ph(1)->p_vaddr = BASE + 0x2000); /* overlaps */
	REFUSED(ph(2)->p_vaddr = BASE);
	REFUSED(ph(2)->p_memsz = 0x700);
	REFUSED(ph(2)->p_memsz = ~0ull);
	REFUSED(ph(2)->p_memsz = SPAN);
	REFUSED(ph(2)->p_filesz = ~0ull);
	REFUSED(ph(2)->p_offset = FILE_SIZE);
	REFUSED(ph(2)->p_offset = ~0xfffull);
	REFUSED(ph(2)->p_vaddr = BASE + SPAN - 0x1000);
	REFUSED(ph(2)->p_vaddr = ~0xfffull);
}

TEST(too_many_segments)
{
	build();
	eh()->e_phnum = 9;
	for (int i = 3; i < 9; i++)
		segment(i, PF_R, 0x1000, BASE + 0x10000 + 0x1000 * (u64)i, 0x1000, 0x1000);
	SAYS(check(ELF_IMAGE_HEADERS_MAX), "too many");
}

TEST(every_length)
{
	build();
	for (size_t n = 0; n < 64 + 3 * 56; n++)
		CHECK(check(n) != NULL);
	CHECK(!check(64 + 3 * 56));
}

TEST(random_damage)
{
	for (int i = 0; i < 50000; i++) {
		build();
		for (int n = 1 + unit_random() % 3; n; n--)
			headers[unit_random() % 232] = (u8)(unit_random() % 3 ? unit_random() : 0xff);
		if (check(232))
			continue;
		for (u32 s = 0; s < image.count; s++) {
			CHECK(image.segments[s].address >= BASE && image.segments[s].memory_size <= SPAN);
			CHECK(image.segments[s].file_offset + image.segments[s].file_size <= FILE_SIZE);
			CHECK((image.segments[s].access & 3) != 3);
		}
	}
}
