/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as a whole: made, copied for fork, loaded into a VP, read and written from outside, cleared.
 */
#include <uvm/kernel.h>

struct mm *mm_create(void)
{
	struct mm *mm = kzalloc(sizeof(*mm));

	if (!mm)
		return NULL;
	mm->pgd = page_alloc_virt(ALLOC_ZERO);
	if (!mm->pgd) {
		kfree(mm);
		return NULL;
	}
	memcpy(mm->pgd + 256, kernel_pgd() + 256, 2048);
	mm->refs = 1;
	return mm;
}

void mm_get(struct mm *mm)
{
	mm->refs++;
}

static void clear(struct mm *mm)
{
	struct vma_list gone = {NULL};
	struct file *exe = mm->exe;

	vma_extract(mm, 0, USER_END, &gone);
	table_free_user(mm);
	mm->exe = NULL;
	vma_release(&gone);
	if (exe)
		file_put(exe);
}

void mm_put(struct mm *mm)
{
	if (--mm->refs)
		return;
	mm->refs = 1; /* releasing files may sleep: the space stays whole till then */
	clear(mm);
	if (this_cpu()->mm == mm)
		mm_switch(NULL);
	assert(!mm->cpu_mask);
	kfree(mm->vmas);
	page_free_virt(mm->pgd);
	kfree(mm);
}

void mm_switch(struct mm *mm)
{
	struct cpu *cpu = this_cpu();
	u64 bit = 1ULL << cpu->index;

	if (cpu->mm == mm)
		return;
	if (cpu->mm)
		cpu->mm->cpu_mask &= ~bit;
	cpu->mm = mm;
	if (mm)
		mm->cpu_mask |= bit;
	__asm__ volatile("mov %0, %%cr3" ::"r"(virt_to_gpa(mm ? mm->pgd : kernel_pgd())) : "memory");
}

/* Private pages become shared read-only; the first writer copies. True if an entry lost its write bit. */
static bool copy_entry(struct mm *to, u64 *src, u64 *dst)
{
	u64 e = *src;
	bool lost = e & PTE_W;
	struct page *p = gpa_to_page(e & PTE_ADDR);

	e &= ~PTE_W;
	*src = e;
	*dst = e;
	page_get(p);
	to->rss[page_kind(p)]++;
	return lost;
}

static int copy_range(struct mm *from, struct mm *to, const struct vma *v, bool *lost)
{
	u64 a = v->start, *dst = NULL, table = 0;

	for_each_used(src, from->pgd, a, v->end)
	{
		if (!dst || a >> 21 != table)
			dst = table_walk(to->pgd, a & ~0x1fffffUL, to);
		if (!dst)
			return -ENOMEM;
		table = a >> 21;
		*lost |= copy_entry(to, src, dst + (a >> PAGE_SHIFT & 511));
	}
	return 0;
}

static int copy_vma(struct mm *from, struct mm *to, const struct vma *v, bool *lost)
{
	struct vma t = *v;
	int ret;

	if (v->flags & VMA_DONTFORK)
		return 0;
	ret = vma_insert(to, &t);
	if (ret || v->flags & (VMA_SHARED | VMA_WIPEONFORK))
		return ret;
	return copy_range(from, to, v, lost);
}

struct mm *mm_copy(struct mm *from)
{
	struct mm *to = mm_create();
	bool lost = false;
	int ret = 0;

	if (!to)
		return NULL;
	for (u32 i = 0; i < from->count && !ret; i++)
		ret = copy_vma(from, to, from->vmas[i], &lost);
	if (lost)
		tlb_flush(from, 0, USER_END);
	if (ret) {
		mm_put(to);
		return NULL;
	}
	to->layout = from->layout;
	to->membarrier = from->membarrier;
	to->hiwater_rss = mm_resident(to);
	to->exe = from->exe ? file_get(from->exe) : NULL;
	return to;
}

size_t mm_read(struct mm *mm, u64 addr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len && addr < USER_END) {
		u64 *pte = table_walk(mm->pgd, addr, NULL);
		size_t off = addr & ~PAGE_MASK;
		size_t part = MIN(len - done, PAGE_SIZE - off);

		if (!pte || !(*pte & PTE_USED))
			break;
		memcpy((char *)buf + done, (char *)gpa_to_virt(*pte & PTE_ADDR) + off, part);
		done += part;
		addr += part;
	}
	return done;
}

int mm_write(struct mm *mm, u64 addr, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		u64 *pte = table_walk(mm->pgd, addr, NULL);
		size_t off = addr & ~PAGE_MASK;
		size_t part = MIN(len - done, PAGE_SIZE - off);

		if (!pte || !(*pte & PTE_W)) {
			struct fault_result r = mm_fault(mm, addr, FAULT_WRITE);

			if (r.signal)
				return -EFAULT;
			continue;
		}
		memcpy((char *)gpa_to_virt(*pte & PTE_ADDR) + off, (const char *)buf + done, part);
		done += part;
		addr += part;
	}
	return 0;
}
