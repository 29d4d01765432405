/* SPDX-License-Identifier: MIT */
/*
 * elf_image.h: reads the headers of the uvm-kernel image. Pure: it looks only at the bytes given.
 */
#ifndef WORKER_ELF_IMAGE_H
#define WORKER_ELF_IMAGE_H

#include <abi/types.h>

#define ELF_IMAGE_SEGMENTS_MAX 8
#define ELF_IMAGE_HEADERS_MAX 4096 /* the headers must lie in this much of the file */

#define ELF_IMAGE_READ 0x4u
#define ELF_IMAGE_WRITE 0x2u
#define ELF_IMAGE_EXECUTE 0x1u

struct elf_segment {
	u64 address;	 /* virtual, page-aligned */
	u64 file_offset; /* page-aligned */
	u64 file_size;
	u64 memory_size;
	u32 access; /* ELF_IMAGE_*, never write and execute together */
};

struct elf_image {
	u64 entry;
	u64 lowest;  /* first page of the lowest segment */
	u64 highest; /* behind the last page of the highest segment */
	u32 count;
	struct elf_segment segments[ELF_IMAGE_SEGMENTS_MAX];
};

/* Fills `image` from the first `size` bytes of a file of `file_size` bytes. All addresses must lie in
 * [base, base + span). NULL when the image can be run, otherwise a sentence that says why not. */
const char *elf_image_read(struct elf_image *image, const void *headers, size_t size, u64 file_size, u64 base,
			   u64 span);

#endif
