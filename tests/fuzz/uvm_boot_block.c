/* SPDX-License-Identifier: MIT */
/* Fuzz target: the boot block. What is accepted has strings that end and arrays that fit. */
#include <uvm/boot.h>

#include "fuzz.h"

static volatile size_t sink;

static void use_string(const struct boot_block *b, u32 offset)
{
	sink += strlen((const char *)b + offset);
}

static void use(const struct boot_block *b)
{
	const struct boot_mount *m = (const void *)((const char *)b + b->mounts_offset);
	const char *p = (const char *)b + b->argv_offset;

	for (u32 i = 0; i < b->argc; i++)
		p += strlen(p) + 1;
	use_string(b, b->cwd_offset);
	use_string(b, b->hostname_offset);
	for (u32 i = 0; i < b->mount_count; i++)
		use_string(b, m[i].target_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_block *b;

	if (size < sizeof(*b))
		return 0;
	b = malloc(size); /* exactly: the sanitizer sees what is read behind it */
	memcpy(b, data, size);
	if (!boot_block_check(b, size))
		use(b);
	free(b);
	return 0;
}
