/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks at fixed slots: four pages mapped, four below them not. A slot once mapped stays so and is
 * used again, newest first; mappings only ever appear, so no TLB needs a flush.
 */
#include <uvm/kernel.h>

#define REGION 0xffffc90000000000UL
#define REGION_SIZE (1UL << 39)
#define SLOT (2 * KSTACK_SIZE)

static u64 next_slot = REGION;
static u64 free_stacks; /* linked through the topmost word */

static u64 *link_of(u64 stack)
{
	return (u64 *)(stack + KSTACK_SIZE) - 1;
}

void kstack_init(void)
{
	u64 *pgd = kernel_pgd();
	void *table = page_alloc_virt(ALLOC_ZERO);

	if (!table)
		panic("no memory for kernel stacks");
	pgd[pgd_index(REGION)] = virt_to_gpa(table) | PTE_P | PTE_W;
}

bool kstack_contains(u64 addr)
{
	return addr >= REGION && addr < REGION + REGION_SIZE;
}

u64 kstack_gpa(u64 addr)
{
	u64 *pte = table_walk(kernel_pgd(), addr, NULL);

	return (*pte & PTE_ADDR) + (addr & ~PAGE_MASK);
}

static bool slot_map(u64 stack)
{
	struct page *p = page_alloc(2, ALLOC_KERNEL);

	if (!p)
		return false;
	for (u64 off = 0; off < KSTACK_SIZE; off += PAGE_SIZE) {
		u64 *pte = table_walk_kernel(stack + off);

		if (!pte) {
			page_put(p);
			return false;
		}
		*pte = (page_to_gpa(p) + off) | PTE_P | PTE_W | PTE_G | PTE_NX | PTE_A | PTE_D;
	}
	return true;
}

u64 kstack_alloc(void)
{
	u64 stack = free_stacks;

	if (stack) {
		free_stacks = *link_of(stack);
		return stack;
	}
	stack = next_slot + SLOT - KSTACK_SIZE;
	if (!slot_map(stack))
		return 0;
	next_slot += SLOT;
	return stack;
}

void kstack_free(u64 stack)
{
	*link_of(stack) = free_stacks;
	free_stacks = stack;
}
