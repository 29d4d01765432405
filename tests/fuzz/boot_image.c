/* SPDX-License-Identifier: MIT */
/* Fuzz target: the hypervisor's file as the loader sees it; what is accepted is also placed. */
#include "../../boot/image.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hv_image_header *copy = aligned_alloc(16, (size + 16) & ~15ul);
	u32 found;

	memcpy(copy, data, size);
	if (!image_check(copy, size, &found) && copy->image_size <= 1 << 20) {
		void *to = malloc(copy->image_size);

		image_place(copy, to, 0x200000);
		free(to);
	}
	free(copy);
	return 0;
}
