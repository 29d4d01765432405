/* SPDX-License-Identifier: MIT */
/*
 * image.c: checks and places the hypervisor's file. Nothing in its header is believed before it has been
 * checked against the file's size, nor a relocation before it has been checked against the image's.
 */
#include "image.h"

#define IMAGE_SIZE_MAX (64ULL << 20)

static const struct hv_relocation *relocations(const struct hv_image_header *h, u64 *count)
{
	*count = (h->relocations_end - h->relocations_offset) / sizeof(struct hv_relocation);
	return (const void *)((const u8 *)h + h->relocations_offset);
}

/* Every relocation is relative, and writes and points into the image. */
static const char *check_relocations(const struct hv_image_header *h)
{
	const struct hv_relocation *r;
	u64 count;

	if (h->relocations_offset % 8 || h->relocations_offset > h->relocations_end ||
	    h->relocations_end > h->file_size || (h->relocations_end - h->relocations_offset) % sizeof(*r))
		return "its relocations lie outside the file";
	r = relocations(h, &count);
	for (u64 i = 0; i < count; i++, r++) {
		if (r->type != HV_RELOCATION_RELATIVE)
			return "it has a relocation other than R_X86_64_RELATIVE";
		if (r->offset > h->image_size - 8)
			return "a relocation lies outside the image";
		if (r->addend > h->image_size)
			return "a relocation points outside the image";
	}
	return NULL;
}

const char *image_check(const void *file, size_t size, u32 *found)
{
	const struct hv_image_header *h = file;

	*found = 0;
	if (size < sizeof(*h) || h->magic != HV_IMAGE_MAGIC)
		return "not a Nacelle hypervisor";
	*found = h->version;
	if (h->version != BOOT_INFO_VERSION)
		return "wrong version";
	if (h->header_size < sizeof(*h))
		return "its image header is too short";
	if (h->file_size != size)
		return "it is cut off, or has more bytes than it says";
	if (h->image_size % 4096 || h->image_size > IMAGE_SIZE_MAX || size > h->image_size)
		return "its image size contradicts its file";
	if (h->init_offset >= size || h->prepare_offset >= size || h->enter_offset >= size ||
	    h->leave_offset >= size)
		return "an entry point lies outside the file";
	if (h->build_id[sizeof(h->build_id) - 1] != 0)
		return "its build id has no end";
	return check_relocations(h);
}

void image_place(const struct hv_image_header *h, void *to, u64 address)
{
	u64 count;
	const struct hv_relocation *r = relocations(h, &count);
	const u8 *from = (const u8 *)h;
	u8 *base = to;

	for (u64 i = 0; i < h->image_size; i++)
		base[i] = i < h->file_size ? from[i] : 0;
	for (u64 i = 0; i < count; i++)
		for (u32 byte = 0; byte < 8; byte++)
			base[r[i].offset + byte] = (u8)((r[i].addend + address) >> (8 * byte));
}
