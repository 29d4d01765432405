/* SPDX-License-Identifier: MIT */
/*
 * memory.c: where RAM is, and the piece of it that becomes the hypervisor's: EfiReservedMemoryType, which
 * every operating system leaves alone and which SetVirtualAddressMap does not move.
 */
#include "boot.h"

#define PAGE 4096ULL
#define LARGE (2ULL << 20)

typedef bool (*visit_fn)(void *context, const EFI_MEMORY_DESCRIPTOR *d);

/* Calls visit for every descriptor of the current memory map until it says no. */
static bool for_each_descriptor(visit_fn visit, void *context)
{
	UINTN count, key, step;
	UINT32 version;
	EFI_MEMORY_DESCRIPTOR *map = LibMemoryMap(&count, &key, &step, &version);
	bool ok = map != NULL;

	if (!map)
		return refuse(L"the firmware gives no memory map");
	for (UINTN i = 0; ok && i < count; i++)
		ok = visit(context, (const void *)((const u8 *)map + i * step));
	FreePool(map);
	return ok;
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

static bool raise_end(void *context, const EFI_MEMORY_DESCRIPTOR *d)
{
	u64 end = d->PhysicalStart + d->NumberOfPages * PAGE;
	u64 *ram_end = context;

	if (is_ram(d) && end > *ram_end)
		*ram_end = end;
	return true;
}

bool memory_find_end(u64 *ram_end)
{
	*ram_end = 0;
	return for_each_descriptor(raise_end, ram_end);
}

/* Allocates 2 MiB too much, then gives back what lies before and behind the aligned piece. */
bool memory_reserve(const struct hv_image_header *image, struct boot_info *info)
{
	u64 frames = info->ram_end / PAGE;
	u64 size = image->image_size + image->reserve_fixed + image->reserve_per_cpu * info->cpu_count +
		   image->reserve_per_frame * frames;
	EFI_PHYSICAL_ADDRESS at = 0;
	EFI_STATUS status;
	u64 pages, before;

	size = (size + LARGE - 1) & ~(LARGE - 1);
	pages = (size + LARGE - PAGE) / PAGE;
	status = BS->AllocatePages(AllocateAnyPages, EfiReservedMemoryType, pages, &at);
	if (EFI_ERROR(status))
		return refuse(L"too little memory: %ld MiB in one piece are needed (%s)", size >> 20,
			      status_name(status));
	info->reserve_base = (at + LARGE - 1) & ~(LARGE - 1);
	info->reserve_size = size;
	before = (info->reserve_base - at) / PAGE;
	if (before)
		BS->FreePages(at, before);
	pages -= before + size / PAGE;
	if (pages)
		BS->FreePages(info->reserve_base + size, pages);
	return true;
}

void memory_give_back(struct boot_info *info)
{
	if (info->reserve_size)
		BS->FreePages(info->reserve_base, info->reserve_size / PAGE);
	info->reserve_size = 0;
}

static bool add_range(void *context, const EFI_MEMORY_DESCRIPTOR *d)
{
	struct boot_mem_range range = {d->PhysicalStart, d->NumberOfPages * PAGE, kind_of(d), 0};
	struct boot_info *info = context;
	u32 at = info->mem_range_count;

	if (range.size == 0)
		return true;
	if (at == BOOT_MEM_RANGES_MAX)
		return refuse(L"the memory map has more than %d pieces", BOOT_MEM_RANGES_MAX);
	for (; at > 0 && info->mem[at - 1].base > range.base; at--)
		info->mem[at] = info->mem[at - 1];
	info->mem[at] = range;
	info->mem_range_count++;
	return true;
}

/* Neighbours of one kind become one range, so that the 512 suffice for any map of thousands. */
static void merge_ranges(struct boot_info *info)
{
	u32 last = 0;

	for (u32 i = 1; i < info->mem_range_count; i++) {
		struct boot_mem_range *a = &info->mem[last], *b = &info->mem[i];

		if (a->kind == b->kind && a->base + a->size == b->base)
			a->size += b->size;
		else
			info->mem[++last] = *b;
	}
	if (info->mem_range_count)
		info->mem_range_count = last + 1;
}

static bool add_and_merge(void *context, const EFI_MEMORY_DESCRIPTOR *d)
{
	struct boot_info *info = context;

	if (info->mem_range_count == BOOT_MEM_RANGES_MAX)
		merge_ranges(info);
	return add_range(info, d);
}

bool memory_describe(struct boot_info *info)
{
	info->mem_range_count = 0;
	if (!for_each_descriptor(add_and_merge, info))
		return false;
	merge_ranges(info);
	return true;
}

void *memory_root_pointer(void)
{
	EFI_GUID acpi2 = ACPI_20_TABLE_GUID, acpi1 = ACPI_TABLE_GUID;
	void *table = NULL;

	if (EFI_ERROR(LibGetSystemConfigurationTable(&acpi2, &table)))
		LibGetSystemConfigurationTable(&acpi1, &table);
	return table;
}
