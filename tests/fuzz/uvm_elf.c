/* SPDX-License-Identifier: MIT */
/* Fuzz target: headers of a program that the guest kernel shall execute. */
#include <uvm/elf.h>

#include "fuzz.h"

#define END 0x7ffffffff000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_header h;
	struct elf_phdr *headers;
	struct elf_plan plan;
	size_t length;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	if (elf_check_header(&h))
		return 0;
	length = h.phnum * sizeof(*headers);
	headers = calloc(1, length);
	memcpy(headers, data + sizeof(h), size - sizeof(h) < length ? size - sizeof(h) : length);
	if (!elf_check_phdrs(&h, headers, END, &plan)) {
		if (plan.low >= plan.high || plan.high > END || plan.end > plan.high || plan.low % 4096 ||
		    plan.high % 4096)
			abort();
		if (plan.align < 4096 || plan.align & (plan.align - 1))
			abort();
	}
	free(headers);
	return 0;
}
