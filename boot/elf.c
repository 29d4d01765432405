/* SPDX-License-Identifier: MIT */
/*
 * elf.c: checks and places the hypervisor's ELF file. Nothing in the file is believed before it has been
 * checked against the file's size and the image's size; relocations may only be R_X86_64_RELATIVE.
 */
#include "elf.h"

#include <stdbool.h>

#define SEGMENTS_MAX 32
#define IMAGE_SIZE_MAX (64ULL << 20)

#define ET_DYN 3
#define EM_X86_64 62
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_INTERP 3
#define PF_X 1
#define PF_W 2
#define R_X86_64_RELATIVE 8

struct elf_header {
	u8 ident[16];
	u16 type;
	u16 machine;
	u32 version;
	u64 entry;
	u64 phoff;
	u64 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
};
ABI_SIZE(struct elf_header, 64);

struct elf_segment {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};
ABI_SIZE(struct elf_segment, 56);

enum dynamic_tag {
	DT_NULL = 0,
	DT_NEEDED = 1,
	DT_PLTRELSZ = 2,
	DT_RELA = 7,
	DT_RELASZ = 8,
	DT_RELAENT = 9,
	DT_REL = 17
};

struct elf_dynamic {
	u64 tag;
	u64 value;
};

struct elf_rela {
	u64 offset;
	u64 info;
	u64 addend;
};
ABI_SIZE(struct elf_rela, 24);

static const struct elf_segment *segment(const struct elf_image *image, u32 i)
{
	return (const struct elf_segment *)image->segments + i;
}

/* [at, at + n) within [0, size)? */
static bool inside(u64 at, u64 n, u64 size)
{
	return at <= size && n <= size - at;
}

/* The file's bytes behind n bytes at a link address, or NULL: not in one segment, or not in the file. */
static const u8 *file_bytes(const struct elf_image *image, u64 address, u64 n, u32 flags)
{
	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = segment(image, i);

		if (s->type == PT_LOAD && (s->flags & flags) == flags && address >= s->vaddr &&
		    inside(address - s->vaddr, n, s->filesz))
			return image->file + s->offset + (address - s->vaddr);
	}
	return NULL;
}

static const char *check_header(const struct elf_image *image)
{
	static const u8 ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	const struct elf_header *h = (const struct elf_header *)image->file;

	if (image->file_size < sizeof(*h))
		return "not an ELF file";
	for (size_t i = 0; i < sizeof(ident); i++)
		if (h->ident[i] != ident[i])
			return "not a 64-bit little-endian ELF file";
	if (h->machine != EM_X86_64 || h->type != ET_DYN)
		return "not a position-independent x86-64 image";
	if (h->phentsize != sizeof(struct elf_segment) || h->phnum == 0 || h->phnum > SEGMENTS_MAX)
		return "bad number or size of program headers";
	if (h->phoff % 8 || !inside(h->phoff, (u64)h->phnum * sizeof(struct elf_segment), image->file_size))
		return "program headers lie outside the file";
	return NULL;
}

/* Segments ascend without overlap, and their file parts are in the file. */
static const char *check_segments(struct elf_image *image, u64 *end)
{
	bool any = false;

	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = segment(image, i);

		if (s->type == PT_INTERP)
			return "it wants an interpreter";
		if (s->type != PT_LOAD)
			continue;
		if (!inside(s->offset, s->filesz, image->file_size) || s->filesz > s->memsz)
			return "a segment lies outside the file";
		if (any && s->vaddr < *end)
			return "segments overlap or are out of order";
		if (s->vaddr > IMAGE_SIZE_MAX || s->memsz > IMAGE_SIZE_MAX)
			return "a segment is too large";
		if (!any)
			image->lowest = s->vaddr;
		any = true;
		*end = s->vaddr + s->memsz;
	}
	return any && image->lowest % 4096 == 0 ? NULL : "no segment, or it does not begin on a page";
}

static bool is_code(const struct elf_image *image, u64 offset)
{
	return file_bytes(image, image->lowest + offset, 1, PF_X) != NULL;
}

static const char *check_image_header(struct elf_image *image, u64 end, u32 *found)
{
	const struct hv_image_header *h =
		(const void *)file_bytes(image, image->lowest, sizeof(struct hv_image_header), 0);

	if (!h || (size_t)((const u8 *)h - image->file) % 8 || h->magic != HV_IMAGE_MAGIC)
		return "not a Nacelle hypervisor";
	*found = h->version;
	if (h->version != BOOT_INFO_VERSION)
		return "wrong version";
	if (h->header_size < sizeof(*h))
		return "its image header is too short";
	if (h->image_size % 4096 || h->image_size > IMAGE_SIZE_MAX || end - image->lowest > h->image_size)
		return "its image size contradicts its segments";
	if (h->init_offset > h->image_size || h->enter_offset > h->image_size ||
	    h->leave_offset > h->image_size || !is_code(image, h->init_offset) ||
	    !is_code(image, h->enter_offset) || !is_code(image, h->leave_offset))
		return "an entry point is not in its code";
	if (h->build_id[sizeof(h->build_id) - 1] != 0)
		return "its build id has no end";
	image->header = h;
	return NULL;
}

static const char *read_dynamic(struct elf_image *image, const struct elf_segment *s)
{
	u64 size = 0, entry = sizeof(struct elf_rela);

	if (!inside(s->offset, s->filesz, image->file_size) || s->offset % 8)
		return "its dynamic section lies outside the file";
	for (u64 i = 0; i < s->filesz / sizeof(struct elf_dynamic); i++) {
		const struct elf_dynamic *d = (const struct elf_dynamic *)(image->file + s->offset) + i;

		if (d->tag == DT_NULL)
			break;
		if (d->tag == DT_NEEDED || d->tag == DT_REL || (d->tag == DT_PLTRELSZ && d->value))
			return "it needs dynamic linking";
		if (d->tag == DT_RELA)
			image->rela = d->value;
		if (d->tag == DT_RELASZ)
			size = d->value;
		if (d->tag == DT_RELAENT)
			entry = d->value;
	}
	if (entry != sizeof(struct elf_rela) || size % entry)
		return "its relocations have an unknown format";
	image->rela_count = size / entry;
	return NULL;
}

/* Every relocation is relative, and writes and points into the image. */
static const char *check_relocations(const struct elf_image *image)
{
	const struct elf_rela *r;

	if (image->rela_count == 0)
		return NULL;
	r = (const void *)file_bytes(image, image->rela, image->rela_count * sizeof(*r), 0);
	if (!r || (size_t)((const u8 *)r - image->file) % 8)
		return "its relocations lie outside the file";
	for (u64 i = 0; i < image->rela_count; i++, r++) {
		if (r->info != R_X86_64_RELATIVE)
			return "it has a relocation other than R_X86_64_RELATIVE";
		if (r->offset < image->lowest ||
		    !inside(r->offset - image->lowest, 8, image->header->image_size))
			return "a relocation lies outside the image";
		if (r->addend < image->lowest || r->addend - image->lowest > image->header->image_size)
			return "a relocation points outside the image";
	}
	return NULL;
}

const char *elf_check(struct elf_image *image, const void *file, size_t size, u32 *found)
{
	const struct elf_header *h = file;
	const char *why;
	u64 end = 0;

	*image = (struct elf_image){.file = file, .file_size = size};
	*found = 0;
	why = check_header(image);
	if (why)
		return why;
	image->segments = image->file + h->phoff;
	image->segment_count = h->phnum;
	why = check_segments(image, &end);
	if (!why)
		why = check_image_header(image, end, found);
	for (u32 i = 0; !why && i < image->segment_count; i++)
		if (segment(image, i)->type == PT_DYNAMIC)
			why = read_dynamic(image, segment(image, i));
	return why ? why : check_relocations(image);
}

static void fill(u8 *to, const u8 *from, u64 n, u64 size)
{
	for (u64 i = 0; i < n; i++)
		to[i] = from[i];
	for (u64 i = n; i < size; i++)
		to[i] = 0;
}

void elf_place(const struct elf_image *image, void *to, u64 address)
{
	const struct elf_rela *r = NULL;
	u8 *base = to;

	fill(base, NULL, 0, image->header->image_size);
	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = segment(image, i);

		if (s->type == PT_LOAD)
			fill(base + (s->vaddr - image->lowest), image->file + s->offset, s->filesz, s->memsz);
	}
	if (image->rela_count)
		r = (const void *)file_bytes(image, image->rela, image->rela_count * sizeof(*r), 0);
	for (u64 i = 0; i < image->rela_count; i++) {
		u64 value = r[i].addend - image->lowest + address;
		u8 *at = base + (r[i].offset - image->lowest);

		for (int byte = 0; byte < 8; byte++)
			at[byte] = (u8)(value >> (8 * byte));
	}
}
