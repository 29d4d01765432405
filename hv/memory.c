/* SPDX-License-Identifier: MIT */
/* Boot-time allocation from the reservation and the page tables hv runs on. */
#include <hv/config.h>
#include <hv/memory.h>
#include <hv/phys.h>
#include <hv/string.h>
#include <x86/apic.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define LARGE_PAGE 0x200000ULL

extern const u8 hv_image_header[], hv_text_start[], hv_text_end[], hv_data_start[];

static u64 next, end; /* of the free part, bytes */
static u64 *top;
static u64 guards[MAX_CPUS + 1];
static u32 guard_count;

void memory_init(const struct boot_info *info, u64 image_end)
{
	next = (image_end + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
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

u64 memory_rest(u64 *count)
{
	u64 first = next >> PAGE_SHIFT;

	*count = (end - next) >> PAGE_SHIFT;
	next = end;
	return first;
}

void memory_guard(u64 va)
{
	guards[guard_count++] = va;
}

/* The table below *entry, made if absent. */
static u64 *below(u64 *entry)
{
	if (!(*entry & PTE_P)) {
		u64 *table = memory_pages(1);

		if (!table)
			return NULL;
		*entry = ptr_phys(table) | PTE_P | PTE_W;
	}
	return phys_ptr(*entry & PTE_ADDR);
}

static u64 *directory_entry(u64 va)
{
	u64 *table = below(&top[va >> 39 & 511]);

	table = table ? below(&table[va >> 30 & 511]) : NULL;
	return table ? &table[va >> 21 & 511] : NULL;
}

static bool map_large(u64 va)
{
	u64 *entry = directory_entry(va);

	if (entry && !(*entry & PTE_P))
		*entry = va | PTE_P | PTE_W | PTE_PS | PTE_NX | PTE_A | PTE_D;
	return entry;
}

/* Replaces the large page around va by small ones with the same rights. */
static u64 *small_entry(u64 va)
{
	u64 *entry = directory_entry(va), *table;

	if (!entry)
		return NULL;
	if (*entry & PTE_PS) {
		u64 base = va & ~(LARGE_PAGE - 1);

		table = memory_pages(1);
		if (!table)
			return NULL;
		for (u64 i = 0; i < 512; i++)
			table[i] = (base + i * PAGE_SIZE) | PTE_P | PTE_W | PTE_NX | PTE_A | PTE_D;
		*entry = ptr_phys(table) | PTE_P | PTE_W;
	}
	table = below(entry);
	return table ? &table[va >> PAGE_SHIFT & 511] : NULL;
}

static bool set_small(u64 from, u64 to, u64 flags)
{
	for (u64 va = from & ~(u64)(PAGE_SIZE - 1); va < to; va += PAGE_SIZE) {
		u64 *entry = small_entry(va);

		if (!entry)
			return false;
		*entry = flags ? va | flags : 0;
	}
	return true;
}

static bool map_ram(const struct boot_info *info)
{
	for (u32 i = 0; i < info->mem_range_count; i++) {
		const struct boot_mem_range *r = &info->mem[i];

		if (r->kind == BOOT_MEM_MMIO)
			continue;
		for (u64 va = r->base & ~(LARGE_PAGE - 1); va < r->base + r->size; va += LARGE_PAGE) {
			if (!map_large(va))
				return false;
		}
	}
	for (u64 va = info->reserve_base; va < info->reserve_base + info->reserve_size; va += LARGE_PAGE) {
		if (!map_large(va))
			return false;
	}
	return true;
}

const char *memory_map(const struct boot_info *info)
{
	u64 constant = PTE_P | PTE_NX | PTE_A;
	bool good;

	top = memory_pages(1);
	good = top && map_ram(info) && set_small(0, PAGE_SIZE, 0) &&
	       set_small((u64)hv_image_header, (u64)hv_text_start, constant) &&
	       set_small((u64)hv_text_start, (u64)hv_text_end, PTE_P | PTE_A) &&
	       set_small((u64)hv_text_end, (u64)hv_data_start, constant) &&
	       set_small(APIC_PAGE, APIC_PAGE + PAGE_SIZE,
			 PTE_P | PTE_W | PTE_NX | PTE_PCD | PTE_PWT | PTE_A | PTE_D);
	for (u32 i = 0; good && i < guard_count; i++)
		good = set_small(guards[i], guards[i] + PAGE_SIZE, 0);
	return good ? NULL : "the reservation is too small for page tables";
}

void memory_load_map(void)
{
	u64 cr4 = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_MCE;

	if (cpuid(1, 0).ecx & 1u << 26)
		cr4 |= CR4_OSXSAVE;
	cr4 |= read_cr4() & CR4_VMXE; /* stays as long as VMX is on */
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	write_cr3(ptr_phys(top));
	write_cr4(cr4);
	write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
}
