/* SPDX-License-Identifier: MIT */
/*
 * The boot block after it was checked: a constant for the rest of the kernel, with strings as pointers.
 */
#pragma once

#include <abi/boot_block.h>
#include <uvm/types.h>

extern const struct boot_block *boot;

/* A string or array inside the block, by its offset; the checks have been made. */
static inline const char *boot_string(u32 offset)
{
	return (const char *)boot + offset;
}
static inline const struct boot_mount *boot_mounts(void)
{
	return (const struct boot_mount *)((const char *)boot + boot->mounts_offset);
}

/* Checks every size, offset, string end and range in a block of at most limit bytes. NULL when good, else
 * what is wrong. Pure: also built for the host by the unit tests. */
const char *boot_block_check(const struct boot_block *b, u64 limit);
