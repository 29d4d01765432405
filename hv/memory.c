/* SPDX-License-Identifier: MIT */
/* Boot-time allocation from the reservation and the page tables hv runs on. */
#include <hv/config.h>
#include <hv/memory.h>
#include <hv/slat.h>
#include <hv/string.h>
#include <x86/apic.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define LARGE_PAGE 0x200000ULL
#define PAGE_OF(address) ((address) & ~(u64)(PAGE_SIZE - 1))

extern const u8 hv_image_header[], hv_text_start[], hv_text_end[], hv_data_start[];

struct pool memory_rest;
static u64 next, end; /* of the free part, bytes */
static u64 guards[MAX_CPUS];
static u32 guard_count;
static struct slat tables;

/* The local APIC is not to be cached. */
static u64 type_of(u64 pfn, u32 level)
{
	(void)level;
	return pfn == APIC_PAGE >> PAGE_SHIFT ? PTE_PCD | PTE_PWT : 0;
}

static const struct slat_format format = {
	.table = PTE_P | PTE_W,
	.leaf = PTE_A | PTE_D,
	.no_execute = PTE_NX,
	.type = type_of,
};

void memory_init(const struct boot_info *info, u64 image_end)
{
	next = PAGE_OF(image_end + PAGE_SIZE - 1);
	end = info->reserve_base + info->reserve_size;
}

void *memory_pages(u64 count)
{
	void *p = phys_ptr(next);

	if (count > (end - next) / PAGE_SIZE)
		return NULL;
	next += count * PAGE_SIZE;
	return memset(p, 0, count * PAGE_SIZE);
}

void memory_guard(u64 va)
{
	guards[guard_count++] = va;
}

static bool map_large(u64 from, u64 to)
{
	bool good = true;

	for (u64 va = from & ~(LARGE_PAGE - 1); good && va < to; va += LARGE_PAGE)
		good = slat_find(&tables, gpa(va)).entry ||
		       slat_map(&tables, gpa(va), va >> PAGE_SHIFT, SLAT_2M, SLAT_READ | SLAT_WRITE);
	return good;
}

static bool map_ram(const struct boot_info *info)
{
	bool good = map_large(info->reserve_base, info->reserve_base + info->reserve_size);

	for (u32 i = 0; good && i < info->mem_range_count; i++) {
		const struct boot_mem_range *r = &info->mem[i];

		if (r->kind != BOOT_MEM_MMIO)
			good = map_large(r->base, r->base + r->size);
	}
	return good;
}

/* Other rights for pages, also within a large one; 0: absent. */
static bool set_rights(u64 from, u64 to, u32 rights)
{
	for (u64 va = PAGE_OF(from); va < to; va += PAGE_SIZE) {
		struct slat_leaf leaf = slat_find(&tables, gpa(va));

		if (leaf.entry && leaf.level != SLAT_4K && !slat_split(&tables, gpa(va)))
			return false;
		if (rights && !slat_map(&tables, gpa(va), va >> PAGE_SHIFT, SLAT_4K, rights))
			return false;
		if (!rights && leaf.entry)
			slat_unmap(&tables, gpa(va), SLAT_4K);
	}
	return true;
}

const char *memory_map(const struct boot_info *info)
{
	bool good;

	for (; end > next; end -= PAGE_SIZE)
		pool_put(&memory_rest, (end >> PAGE_SHIFT) - 1);
	good = slat_init(&tables, &format, &memory_rest) && map_ram(info) && set_rights(0, PAGE_SIZE, 0) &&
	       set_rights((u64)hv_image_header, (u64)hv_text_start, SLAT_READ) &&
	       set_rights((u64)hv_text_start, (u64)hv_text_end, SLAT_READ | SLAT_EXECUTE) &&
	       set_rights((u64)hv_text_end, (u64)hv_data_start, SLAT_READ) &&
	       set_rights(APIC_PAGE, APIC_PAGE + PAGE_SIZE, SLAT_READ | SLAT_WRITE);
	for (u32 i = 0; good && i < guard_count; i++)
		good = set_rights(guards[i], guards[i] + PAGE_SIZE, 0);
	return good ? NULL : "the reservation is too small for page tables";
}

void memory_load_map(void)
{
	u64 cr4 = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_MCE;

	if (cpuid(1, 0).ecx & 1u << 26)
		cr4 |= CR4_OSXSAVE;
	cr4 |= read_cr4() & CR4_VMXE; /* stays as long as VMX is on */
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	write_cr3(tables.top);
	write_cr4(cr4);
	write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
}
