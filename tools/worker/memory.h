/* SPDX-License-Identifier: MIT */
/*
 * memory.h: guest physical memory as the worker sees it: one reservation for RAM and one behind it for the
 * window (abi/boot_block.h). The kernel's image is mapped into the guest too but is never a target of a ring.
 */
#ifndef WORKER_MEMORY_H
#define WORKER_MEMORY_H

#include <abi/types.h>
#include <stdbool.h>

#define MEMORY_RAM_BASE 0x1000000ULL   /* 16 MiB, above the kernel's image */
#define MEMORY_RAM_MIN 0x1000000ULL    /* 16 MiB */
#define MEMORY_RAM_MAX 0x4000000000ULL /* 256 GiB */
#define MEMORY_ALIGN 0x200000ULL       /* of the size: the direct map has 2 MiB pages */

struct memory {
	u8 *ram;
	u64 base; /* guest physical */
	u64 size;
	u64 next; /* placement cursor, see memory_place() */
	u8 *window;
	u64 window_base; /* guest physical */
	u64 window_size;
};

/* The largest size the guest can be given that is not above `bytes`; 0 if that is too little. */
u64 memory_size_for(u64 bytes);

/* Reserves (does not touch) `size` bytes, and the window. */
void memory_reserve(struct memory *m, u64 size);

/* The worker's pointer to [gpa, gpa + length); NULL if any of it lies outside of RAM. */
void *memory_at(const struct memory *m, u64 gpa, u64 length);

/* The same for memory that the worker only reads, which may be in the window. Such a pointer is for system
 * calls alone: holes and files that have shrunk are errors for them, and deadly signals for the worker. */
const void *memory_readable_at(const struct memory *m, u64 gpa, u64 length);
bool memory_in_window(const struct memory *m, const void *p, u64 length);

/* Takes the next `length` bytes, `align`ed, while the guest is being laid out: its address. */
u64 memory_place(struct memory *m, u64 length, u64 align);

#endif
