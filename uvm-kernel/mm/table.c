/* SPDX-License-Identifier: MIT */
/*
 * Page tables: walking, making, freeing, and keeping TLBs true to them. Which frame belongs where is
 * fault.c's and zap.c's.
 */
#include <uvm/kernel.h>

#define FLUSH_PAGES_MAX 32

static u64 *pgd_of_kernel;

u64 *kernel_pgd(void)
{
	if (!pgd_of_kernel) {
		u64 cr3;

		__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
		pgd_of_kernel = gpa_to_virt(cr3 & PTE_ADDR);
	}
	return pgd_of_kernel;
}

static inline u64 *entry_at(u64 *table, u64 addr, int shift)
{
	return table + (addr >> shift & 511);
}

/* The last-level entry. Missing tables are made with these bits, counted for mm where there is one; NULL when
 * they are not to be made (bits 0) or there is no memory: *skip is the first address beyond its reach. */
static u64 *walk(u64 *t, u64 addr, u64 bits, struct mm *mm, u64 *skip)
{
	for (int shift = 39; shift > 12; shift -= 9) {
		u64 *e = entry_at(t, addr, shift);
		void *fresh =
			*e & PTE_P || !bits ? NULL : page_alloc_virt((mm ? ALLOC_USER : 0) | ALLOC_ZERO);

		if (fresh)
			*e = virt_to_gpa(fresh) | bits;
		if (fresh && mm)
			mm->table_pages++;
		if (!(*e & PTE_P)) {
			*skip = ((addr >> shift) + 1) << shift;
			return NULL;
		}
		t = gpa_to_virt(*e & PTE_ADDR);
	}
	return entry_at(t, addr, 12);
}

u64 *table_walk(u64 *pgd, u64 addr, struct mm *mm)
{
	u64 skip;

	return walk(pgd, addr, mm ? PTE_P | PTE_W | PTE_U : 0, mm, &skip);
}

u64 *table_walk_kernel(u64 addr)
{
	u64 skip;

	return walk(kernel_pgd(), addr, PTE_P | PTE_W, NULL, &skip);
}

u64 *table_next(u64 *pgd, u64 addr, u64 *skip)
{
	return walk(pgd, addr, 0, NULL, skip);
}

static void table_free(u64 *t, int level)
{
	for (int i = 0; level > 1 && i < 512; i++)
		if (t[i] & PTE_P)
			table_free(gpa_to_virt(t[i] & PTE_ADDR), level - 1);
	page_free_virt(t);
}

void table_free_user(struct mm *mm)
{
	for (int i = 0; i < 256; i++) {
		if (mm->pgd[i] & PTE_P)
			table_free(gpa_to_virt(mm->pgd[i] & PTE_ADDR), 3);
		mm->pgd[i] = 0;
	}
	mm->table_pages = 0;
}

void tlb_flush_local_page(u64 addr)
{
	__asm__ volatile("invlpg (%0)" ::"r"(addr) : "memory");
}

static void flush_local_all(void)
{
	u64 cr3;

	__asm__ volatile("mov %%cr3, %0\n\tmov %0, %%cr3" : "=r"(cr3)::"memory");
}

/* On this VP: was a flush asked for? The asker spins until the flag is clear. */
void cpu_flush_pending(void)
{
	struct cpu *cpu = this_cpu();

	if (READ_ONCE(cpu->tlb_pending)) {
		flush_local_all();
		__atomic_store_n(&cpu->tlb_pending, 0, __ATOMIC_RELEASE);
	}
}

static void flush_others(u64 mask)
{
	u32 spins = 0;

	for (u32 i = 0; i < cpu_count; i++) {
		if (!(mask & 1ULL << i))
			continue;
		__atomic_store_n(&cpu_get(i)->tlb_pending, 1, __ATOMIC_SEQ_CST);
		cpu_send_ipi(i, VECTOR_TLB);
	}
	for (u32 i = 0; i < cpu_count; i++)
		while (mask & 1ULL << i && __atomic_load_n(&cpu_get(i)->tlb_pending, __ATOMIC_ACQUIRE))
			spin_wait(&spins);
}

void tlb_flush(struct mm *mm, u64 start, u64 end)
{
	u64 self = 1ULL << this_cpu()->index;
	u64 mask = mm->cpu_mask;

	if (mask & self) {
		if (end - start <= FLUSH_PAGES_MAX * PAGE_SIZE)
			for (u64 a = start; a < end; a += PAGE_SIZE)
				tlb_flush_local_page(a);
		else
			flush_local_all();
	}
	if (mask & ~self)
		flush_others(mask & ~self);
}

void tlb_barrier(void)
{
	u64 mask = 0;

	for (u32 i = 0; i < cpu_count; i++)
		if (i != this_cpu()->index && cpu_get(i)->mm)
			mask |= 1ULL << i;
	flush_others(mask);
}
