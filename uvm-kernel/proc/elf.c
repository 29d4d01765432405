/* SPDX-License-Identifier: MIT */
/*
 * Checks of ELF headers: everything a hostile file could lie about is settled here, before an address space
 * is touched. Pure functions.
 */
#include <uvm/elf.h>
#include <uvm/errno.h>

int elf_check_header(const struct elf_header *h)
{
	static const u8 magic[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1}; /* 64 bit, little endian, version 1 */

	for (int i = 0; i < 6; i++)
		if (h->ident[i] != magic[i])
			return -ENOEXEC;
	if ((h->type != ET_EXEC && h->type != ET_DYN) || h->machine != EM_X86_64)
		return -ENOEXEC;
	if (h->phentsize != sizeof(struct elf_phdr) || !h->phnum || h->phnum > ELF_PHDRS_MAX)
		return -ENOEXEC;
	if (h->phoff > 1ULL << 62)
		return -ENOEXEC;
	return 0;
}

static int check_load(const struct elf_phdr *p, u64 user_end)
{
	if (p->filesz > p->memsz || p->memsz >= user_end || p->vaddr >= user_end - p->memsz)
		return -EINVAL;
	if ((p->vaddr ^ p->offset) & (PAGE_SIZE - 1) || p->offset > 1ULL << 62 || p->filesz > 1ULL << 62)
		return -EINVAL;
	return 0;
}

static void note_load(struct elf_plan *plan, const struct elf_phdr *p, const struct elf_header *h)
{
	u64 end = p->vaddr + p->memsz;

	if (PAGE_DOWN(p->vaddr) < plan->low)
		plan->low = PAGE_DOWN(p->vaddr);
	if (PAGE_UP(end) > plan->high)
		plan->high = PAGE_UP(end);
	if (end > plan->end)
		plan->end = end;
	if (p->align > plan->align && !(p->align & (p->align - 1)) && p->align < 1ULL << 32)
		plan->align = p->align;
	if (h->phoff >= p->offset && h->phoff - p->offset < p->filesz)
		plan->phdr_addr = p->vaddr + (h->phoff - p->offset);
	if (p->flags & PF_X) {
		plan->code_start = plan->code_start ? MIN(plan->code_start, p->vaddr) : p->vaddr;
		plan->code_end = MAX(plan->code_end, p->vaddr + p->filesz);
	} else if (p->flags & PF_W) {
		plan->data_start = plan->data_start ? MIN(plan->data_start, p->vaddr) : p->vaddr;
		plan->data_end = MAX(plan->data_end, p->vaddr + p->filesz);
	}
}

int elf_check_phdrs(const struct elf_header *h, const struct elf_phdr *ph, u64 user_end,
		    struct elf_plan *plan)
{
	u64 last = 0;
	bool any = false;

	*plan = (struct elf_plan){.low = ~0ULL, .align = PAGE_SIZE};
	for (u32 i = 0; i < h->phnum; i++) {
		const struct elf_phdr *p = &ph[i];

		if (p->type == PT_GNU_STACK) {
			plan->exec_stack = p->flags & PF_X;
		} else if (p->type == PT_INTERP && !plan->interp_size) {
			if (p->filesz < 2 || p->filesz > 4096 || p->offset > 1ULL << 62)
				return -ENOEXEC;
			plan->interp_offset = p->offset;
			plan->interp_size = p->filesz;
		} else if (p->type == PT_LOAD && p->memsz) {
			int ret = check_load(p, user_end);

			if (ret)
				return ret;
			if (any && PAGE_DOWN(p->vaddr) < PAGE_DOWN(last))
				return -EINVAL; /* must ascend */
			last = p->vaddr;
			any = true;
			note_load(plan, p, h);
		}
	}
	if (!any || plan->high - plan->low >= user_end)
		return any ? -EINVAL : -ENOEXEC;
	return 0;
}
