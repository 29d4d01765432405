/* SPDX-License-Identifier: MIT */
/*
 * memory.c: where RAM is, and the piece of it that becomes the hypervisor's: EfiReservedMemoryType, which
 * every operating system leaves alone and which SetVirtualAddressMap does not move.
 */
#include "boot.h"

#define PAGE 4096ULL
#define LARGE (2ULL << 20)

/* The firmware's memory map: descriptors may be longer than we know them. */
struct map {
	const u8 *at;
	UINTN left, step;
	void *pool;
};

static bool read_map(struct map *m)
{
	UINTN key;
	UINT32 version;

	m->at = m->pool = LibMemoryMap(&m->left, &key, &m->step, &version);
	return m->pool || refuse(L"the firmware gives no memory map");
}

/* One after another; behind the last one NULL, and the map is freed. */
static const EFI_MEMORY_DESCRIPTOR *next_descriptor(struct map *m)
{
	const EFI_MEMORY_DESCRIPTOR *d = (const void *)m->at;

	if (m->left-- == 0) {
		FreePool(m->pool);
		return NULL;
	}
	m->at += m->step;
	return d;
}

static enum boot_mem_kind kind_of(const EFI_MEMORY_DESCRIPTOR *d)
{
	switch (d->Type) {
	case EfiLoaderCode:
	case EfiLoaderData:
	case EfiBootServicesCode:
	case EfiBootServicesData:
	case EfiConventionalMemory:
		return BOOT_MEM_RAM;
	case EfiMemoryMappedIO:
	case EfiMemoryMappedIOPortSpace:
		return BOOT_MEM_MMIO;
	default:
		return BOOT_MEM_FIRMWARE;
	}
}

/* Types that are certainly RAM; "reserved" may be a hole of the platform far above it. */
static bool is_ram(const EFI_MEMORY_DESCRIPTOR *d)
{
	return kind_of(d) == BOOT_MEM_RAM || d->Type == EfiRuntimeServicesCode ||
	       d->Type == EfiRuntimeServicesData || d->Type == EfiACPIReclaimMemory ||
	       d->Type == EfiACPIMemoryNVS;
}

/* The first address above all RAM. */
static bool find_end(u64 *ram_end)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	struct map map;

	if (!read_map(&map))
		return false;
	while ((d = next_descriptor(&map))) {
		u64 end = d->PhysicalStart + d->NumberOfPages * PAGE;

		if (is_ram(d) && end > *ram_end)
			*ram_end = end;
	}
	return true;
}

/* Allocates 2 MiB too much, then gives back what lies before and behind the aligned piece. */
bool memory_reserve(void)
{
	EFI_PHYSICAL_ADDRESS at = 0;
	EFI_STATUS status;
	u64 size, pages, before;

	if (!find_end(&info.ram_end))
		return false;
	size = hypervisor->image_size + hypervisor->reserve_fixed +
	       hypervisor->reserve_per_cpu * info.cpu_count +
	       hypervisor->reserve_per_frame * (info.ram_end / PAGE);
	size = (size + LARGE - 1) & ~(LARGE - 1);
	pages = (size + LARGE - PAGE) / PAGE;
	status = BS->AllocatePages(AllocateAnyPages, EfiReservedMemoryType, pages, &at);
	if (EFI_ERROR(status))
		return refuse(L"too little memory: %ld MiB in one piece are needed (%s)", size >> 20,
			      status_name(status));
	info.reserve_base = (at + LARGE - 1) & ~(LARGE - 1);
	info.reserve_size = size;
	before = (info.reserve_base - at) / PAGE;
	if (before)
		BS->FreePages(at, before);
	pages -= before + size / PAGE;
	if (pages)
		BS->FreePages(info.reserve_base + size, pages);
	return true;
}

/* Neighbours of one kind become one range, so that the 512 suffice for any map of thousands. */
static void merge_ranges(void)
{
	u32 last = 0;

	for (u32 i = 1; i < info.mem_range_count; i++) {
		struct boot_mem_range *a = &info.mem[last], *b = &info.mem[i];

		if (a->kind == b->kind && a->base + a->size == b->base)
			a->size += b->size;
		else
			info.mem[++last] = *b;
	}
	if (info.mem_range_count)
		info.mem_range_count = last + 1;
}

/* Sorted by address. */
static bool add_range(struct boot_mem_range range)
{
	u32 at;

	if (info.mem_range_count == BOOT_MEM_RANGES_MAX)
		merge_ranges();
	at = info.mem_range_count;
	if (at == BOOT_MEM_RANGES_MAX)
		return refuse(L"the memory map has more than %d pieces", BOOT_MEM_RANGES_MAX);
	for (; at > 0 && info.mem[at - 1].base > range.base; at--)
		info.mem[at] = info.mem[at - 1];
	info.mem[at] = range;
	info.mem_range_count++;
	return true;
}

bool memory_describe(void)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	struct map map;
	bool good = true;

	if (!read_map(&map))
		return false;
	while ((d = next_descriptor(&map)))
		if (d->NumberOfPages && good)
			good = add_range((struct boot_mem_range){d->PhysicalStart, d->NumberOfPages * PAGE,
								 kind_of(d), 0});
	merge_ranges();
	return good;
}
