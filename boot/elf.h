/* SPDX-License-Identifier: MIT */
/*
 * elf.h: the hypervisor's image: is it one, does it fit this loader, and how does it come into memory. Pure
 * code, compiled for UEFI and, for tests, on the host.
 */
#ifndef BOOT_ELF_H
#define BOOT_ELF_H

#include <abi/boot_info.h>

struct elf_image {
	const u8 *file;
	size_t file_size;
	u64 lowest; /* link address of the image's first byte */
	const struct hv_image_header *header;
	const u8 *segments; /* program headers */
	u32 segment_count;
	u64 rela; /* link address of the relocations */
	u64 rela_count;
};

/* Checks everything that elf_place relies on. file must be 8-byte aligned and outlive *image. Returns NULL,
 * or why the file is refused; on a version conflict *found is the file's version. */
const char *elf_check(struct elf_image *image, const void *file, size_t size, u32 *found);

/* Builds the image at `to` (header->image_size bytes), relocated to run at `address`. Cannot fail. */
void elf_place(const struct elf_image *image, void *to, u64 address);

#endif
