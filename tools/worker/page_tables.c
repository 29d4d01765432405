/* SPDX-License-Identifier: MIT */
/*
 * page_tables.c: four-level tables for the guest: RAM at UVM_DIRECT_MAP in 2 MiB pages, read-write and
 * never executable, the window behind it read-only; the kernel's segments at their link addresses in 4 KiB
 * pages with their own rights.
 */
#include "page_tables.h"

#include <abi/boot_block.h>

#define PAGE 0x1000ULL
#define LARGE 0x200000ULL

#define PTE_P 0x1ULL
#define PTE_W 0x2ULL
#define PTE_A 0x20ULL
#define PTE_D 0x40ULL
#define PTE_PS 0x80ULL
#define PTE_G 0x100ULL
#define PTE_NX (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL

static u64 *table_at(struct memory *m, u64 gpa)
{
	return memory_at(m, gpa, PAGE);
}

/* The table below entry `index` of the table at `gpa`, made if it is not there. */
static u64 descend(struct memory *m, u64 gpa, unsigned int index)
{
	u64 *entry = &table_at(m, gpa)[index];

	if (!*entry)
		*entry = memory_place(m, PAGE, PAGE) | PTE_P | PTE_W | PTE_A;
	return *entry & PTE_ADDRESS;
}

static unsigned int index_at(u64 address, unsigned int level)
{
	return (address >> (12 + 9 * (level - 1))) & 511;
}

static void map_direct(struct memory *m, u64 top, u64 base, u64 size, u64 rights)
{
	for (u64 gpa = base; gpa < base + size; gpa += LARGE) {
		u64 va = UVM_DIRECT_MAP + gpa;
		u64 pd = descend(m, descend(m, top, index_at(va, 4)), index_at(va, 3));

		table_at(m, pd)[index_at(va, 2)] = gpa | rights | PTE_P | PTE_A | PTE_PS | PTE_G | PTE_NX;
	}
}

static void map_segment(struct memory *m, u64 top, const struct elf_segment *s)
{
	u64 rights = PTE_P | PTE_A | PTE_G;

	if (s->access & ELF_IMAGE_WRITE)
		rights |= PTE_W | PTE_D;
	if (!(s->access & ELF_IMAGE_EXECUTE))
		rights |= PTE_NX;
	for (u64 va = s->address; va < s->address + s->memory_size; va += PAGE) {
		u64 pd = descend(m, descend(m, top, index_at(va, 4)), index_at(va, 3));
		u64 pt = descend(m, pd, index_at(va, 2));

		table_at(m, pt)[index_at(va, 1)] = (va - UVM_KERNEL_BASE + UVM_KERNEL_GPA) | rights;
	}
}

u64 page_tables_build(struct memory *m, const struct elf_image *kernel)
{
	u64 top = memory_place(m, PAGE, PAGE);

	map_direct(m, top, m->base, m->size, PTE_W | PTE_D);
	map_direct(m, top, m->window_base, m->window_size, 0);
	for (u32 i = 0; i < kernel->count; i++)
		map_segment(m, top, &kernel->segments[i]);
	return top;
}
