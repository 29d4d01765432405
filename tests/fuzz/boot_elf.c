/* SPDX-License-Identifier: MIT */
/* Fuzz target: the hypervisor's image as the loader sees it; what is accepted is also placed. */
#include "../../boot/elf.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *copy = aligned_alloc(16, (size + 16) & ~15ul);
	struct elf_image image;
	u32 found;

	memcpy(copy, data, size);
	if (!elf_check(&image, copy, size, &found) && image.header->image_size <= 1 << 20) {
		void *to = malloc(image.header->image_size);

		elf_place(&image, to, 0x200000);
		free(to);
	}
	free(copy);
	return 0;
}
