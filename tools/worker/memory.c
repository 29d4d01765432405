/* SPDX-License-Identifier: MIT */
/*
 * memory.c: the reservation behind guest RAM, and the only way from a guest address to a pointer.
 */
#include "memory.h"

#include <sys/mman.h>

#include "die.h"

u64 memory_size_for(u64 bytes)
{
	if (bytes > MEMORY_RAM_MAX)
		bytes = MEMORY_RAM_MAX;
	bytes &= ~(MEMORY_ALIGN - 1);
	return bytes < MEMORY_RAM_MIN ? 0 : bytes;
}

void memory_reserve(struct memory *m, u64 size)
{
	void *p =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die_errno("cannot reserve %llu MiB for the guest", (unsigned long long)size >> 20);
	m->ram = p;
	m->base = MEMORY_RAM_BASE;
	m->size = size;
	m->next = m->base;
}

void *memory_at(const struct memory *m, u64 gpa, u64 length)
{
	u64 offset = gpa - m->base;

	if (gpa < m->base || offset > m->size || length > m->size - offset)
		return NULL;
	return m->ram + offset;
}

u64 memory_place(struct memory *m, u64 length, u64 align)
{
	u64 gpa = (m->next + align - 1) & ~(align - 1);

	if (!memory_at(m, gpa, length))
		die("the guest has too little memory to start");
	m->next = gpa + length;
	return gpa;
}
