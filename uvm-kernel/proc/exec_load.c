/* SPDX-License-Identifier: MIT */
/*
 * Mapping checked ELF images: the program, its interpreter, the zeroed rest of the last file page, the place
 * of the heap.
 */
#include <uvm/exec.h>
#include <uvm/kernel.h>

#define DYN_BASE 0x555555554000UL /* two thirds of the user half, as Linux */
#define BRK_RANDOM_PAGES 0x2000UL

static int prot_of(const struct elf_phdr *p)
{
	return (p->flags & PF_R ? PROT_READ : 0) | (p->flags & PF_W ? PROT_WRITE : 0) |
	       (p->flags & PF_X ? PROT_EXEC : 0);
}

static int zero_rest(struct mm *mm, u64 from, u64 to)
{
	static const u8 zeros[256];

	while (from < to) {
		size_t n = MIN(to - from, sizeof(zeros));
		int ret = mm_write(mm, from, zeros, n);

		if (ret)
			return ret;
		from += n;
	}
	return 0;
}

static int map_segment(struct mm *mm, struct file *f, const struct elf_phdr *p, u64 bias)
{
	u64 start = PAGE_DOWN(p->vaddr + bias);
	u64 file_end = p->vaddr + bias + p->filesz, mem_end = p->vaddr + bias + p->memsz;
	u64 file_top = p->filesz ? PAGE_UP(file_end) : start;
	int prot = prot_of(p);
	u16 never;
	long ret;

	if (p->filesz) {
		ret = file_map_check(f, prot, MAP_PRIVATE, &never);
		if (!ret)
			ret = do_mmap(mm, start, file_top - start, prot, MAP_PRIVATE | MAP_FIXED, f,
				      p->offset >> PAGE_SHIFT, never);
		if (ret < 0)
			return (int)ret;
		/* To the page's end: ld.so takes memory from behind its data, and takes it to be zero. */
		if (prot & PROT_WRITE && mem_end > file_end) {
			ret = zero_rest(mm, file_end, file_top);
			if (ret)
				return (int)ret;
		}
	}
	if (PAGE_UP(mem_end) > file_top) {
		ret = do_mmap(mm, file_top, PAGE_UP(mem_end) - file_top, prot,
			      MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0, 0);
		if (ret < 0)
			return (int)ret;
	}
	return 0;
}

static struct elf_phdr *read_phdrs(struct file *f, const struct elf_header *h)
{
	size_t size = h->phnum * sizeof(struct elf_phdr);
	struct elf_phdr *ph = kmalloc(size);
	ssize_t n;

	if (!ph)
		return ERR_PTR(-ENOMEM);
	n = vfs_read_at(f, ph, size, h->phoff);
	if (n == (ssize_t)size)
		return ph;
	kfree(ph);
	return ERR_PTR(n < 0 ? n : -ENOEXEC);
}

/* Where an ET_DYN image goes: *bias. */
static int choose_bias(struct mm *mm, const struct elf_plan *plan, bool has_interp, u64 *bias)
{
	u64 span = plan->high - plan->low, at;

	if (has_interp)
		at = DYN_BASE + (random_u64() % (1UL << 28) << PAGE_SHIFT);
	else
		at = vma_find_gap(mm, span + plan->align, MMAP_MIN_ADDR, mm->layout.mmap_top);
	if (!at || at + span + plan->align > USER_END)
		return -ENOMEM;
	*bias = ALIGN_UP(at, plan->align) - plan->low;
	return 0;
}

static int map_image(struct mm *mm, struct file *f, const struct elf_header *h, const struct elf_phdr *ph,
		     u64 bias)
{
	for (u32 i = 0; i < h->phnum; i++) {
		int ret;

		if (ph[i].type != PT_LOAD || !ph[i].memsz)
			continue;
		ret = map_segment(mm, f, &ph[i], bias);
		if (ret)
			return ret;
	}
	return 0;
}

static int load_image(struct mm *mm, struct file *f, const struct elf_header *h, bool program,
		      struct elf_plan *plan, u64 *bias)
{
	struct elf_phdr *ph = read_phdrs(f, h);
	int ret;

	*bias = 0;
	if (IS_ERR(ph))
		return (int)PTR_ERR(ph);
	ret = elf_check_phdrs(h, ph, USER_END, plan);
	if (ret && !program)
		ret = -ELIBBAD;
	if (!ret && program && h->type == ET_EXEC && plan->low < MMAP_MIN_ADDR)
		ret = -EPERM;
	if (!ret && h->type == ET_DYN)
		ret = choose_bias(mm, plan, program && plan->interp_size, bias);
	if (!ret)
		ret = map_image(mm, f, h, ph, *bias);
	kfree(ph);
	return ret;
}

static int load_interp_file(struct exec_image *image, struct file *f)
{
	struct elf_header h;
	struct elf_plan plan;
	u64 bias;
	ssize_t n = vfs_read_at(f, &h, sizeof(h), 0);
	int ret;

	if (n != sizeof(h))
		return n < 0 ? (int)n : -EIO;
	if (elf_check_header(&h))
		return -ELIBBAD;
	ret = load_image(image->mm, f, &h, false, &plan, &bias);
	image->base = plan.low + bias;
	image->entry = h.entry + bias;
	return ret;
}

static int load_interp(struct exec_image *image, struct file *program, const struct elf_plan *plan)
{
	struct exec_file interp;
	char *path __drop_memory = kmalloc(plan->interp_size);
	ssize_t n;
	int ret;

	if (!path)
		return -ENOMEM;
	n = vfs_read_at(program, path, plan->interp_size, plan->interp_offset);
	if (n != (ssize_t)plan->interp_size || path[plan->interp_size - 1])
		return n < 0 ? (int)n : -ENOEXEC;
	ret = vfs_open_exec(-100, path, 0, &interp);
	if (ret)
		return ret;
	ret = load_interp_file(image, interp.file);
	file_put(interp.file);
	return ret;
}

static void place_heap(struct mm *mm, const struct elf_plan *plan, u64 bias, bool in_mmap_area)
{
	u64 start = in_mmap_area ? DYN_BASE : PAGE_UP(plan->end + bias);

	start += random_u64() % BRK_RANDOM_PAGES << PAGE_SHIFT;
	mm->layout.brk_start = start;
	mm->layout.brk = start;
}

int exec_load(struct exec_image *image, struct file *f, const struct elf_header *h)
{
	struct elf_plan plan;
	struct mm *mm = image->mm;
	u64 bias;
	int ret = load_image(mm, f, h, true, &plan, &bias);

	if (ret)
		return ret;
	place_heap(mm, &plan, bias, h->type == ET_DYN && !plan.interp_size);
	mm->layout.code_start = plan.code_start + bias;
	mm->layout.code_end = plan.code_end + bias;
	mm->layout.data_start = plan.data_start + bias;
	mm->layout.data_end = plan.data_end + bias;
	image->phdr_addr = plan.phdr_addr ? plan.phdr_addr + bias : 0;
	image->phnum = h->phnum;
	image->exec_stack = plan.exec_stack;
	image->program_entry = h->entry + bias;
	image->entry = image->program_entry;
	return plan.interp_size ? load_interp(image, f, &plan) : 0;
}
