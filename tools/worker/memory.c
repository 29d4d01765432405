/* SPDX-License-Identifier: MIT */
/*
 * memory.c: the reservation behind guest RAM, and the only way from a guest address to a pointer.
 */
#include "memory.h"

#include <abi/boot_block.h>
#include <sys/mman.h>

#include "die.h"

u64 memory_size_for(u64 bytes)
{
	if (bytes > MEMORY_RAM_MAX)
		bytes = MEMORY_RAM_MAX;
	bytes &= ~(MEMORY_ALIGN - 1);
	return bytes < MEMORY_RAM_MIN ? 0 : bytes;
}

static void *reserve(u64 size, int prot)
{
	void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die_errno("cannot reserve %llu MiB for the guest", (unsigned long long)size >> 20);
	return p;
}

void memory_reserve(struct memory *m, u64 size)
{
	m->ram = reserve(size, PROT_READ | PROT_WRITE);
	m->base = MEMORY_RAM_BASE;
	m->size = size;
	m->next = m->base;
	m->window_base = m->base + size;
	m->window_size = size / 2 & ~(MEMORY_ALIGN - 1);
	if (m->window_size > BOOT_WINDOW_MAX)
		m->window_size = BOOT_WINDOW_MAX;
	m->window = reserve(m->window_size, PROT_NONE);
}

static bool inside(u64 gpa, u64 length, u64 base, u64 size)
{
	u64 offset = gpa - base;

	return gpa >= base && offset <= size && length <= size - offset;
}

void *memory_at(const struct memory *m, u64 gpa, u64 length)
{
	return inside(gpa, length, m->base, m->size) ? m->ram + (gpa - m->base) : NULL;
}

bool memory_in_window(const struct memory *m, const void *p, u64 length)
{
	const u8 *first = p;

	return m->window_size && first < m->window + m->window_size && first + length > m->window;
}

const void *memory_readable_at(const struct memory *m, u64 gpa, u64 length)
{
	if (m->window_size && inside(gpa, length, m->window_base, m->window_size))
		return m->window + (gpa - m->window_base);
	return memory_at(m, gpa, length);
}

u64 memory_place(struct memory *m, u64 length, u64 align)
{
	u64 gpa = (m->next + align - 1) & ~(align - 1);

	if (!memory_at(m, gpa, length))
		die("the guest has too little memory to start");
	m->next = gpa + length;
	return gpa;
}
