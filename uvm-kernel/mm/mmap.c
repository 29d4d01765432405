/* SPDX-License-Identifier: MIT */
/*
 * Making and removing mappings: where they go, what the file allows, what the limits say.
 */
#include <uvm/kernel.h>

#define LOW_4G_START 0x40000000UL
#define LOW_4G_END 0x80000000UL

static bool range_free(struct mm *mm, u64 addr, u64 len)
{
	struct vma *v = mm_find(mm, addr);

	return !v || v->start >= addr + len;
}

/* The address for a mapping without MAP_FIXED. */
static u64 place(struct mm *mm, u64 hint, u64 len, int flags)
{
	hint = PAGE_DOWN(hint);
	if (hint >= MMAP_MIN_ADDR && hint < USER_END && len <= USER_END - hint && range_free(mm, hint, len))
		return hint;
	if (flags & MAP_32BIT)
		return vma_find_gap(mm, len, LOW_4G_START, LOW_4G_END);
	hint = vma_find_gap(mm, len, MMAP_MIN_ADDR, mm->layout.mmap_top);
	return hint ? hint : vma_find_gap(mm, len, mm->layout.mmap_top, USER_END);
}

static long choose_address(struct mm *mm, u64 addr, u64 len, int flags)
{
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr & ~PAGE_MASK)
			return -EINVAL;
		if (addr >= USER_END || len > USER_END - addr)
			return -ENOMEM;
		if (addr < MMAP_MIN_ADDR)
			return -EPERM;
		if (flags & MAP_FIXED_NOREPLACE && !range_free(mm, addr, len))
			return -EEXIST;
		return (long)addr;
	}
	addr = place(mm, addr, len, flags);
	return addr ? (long)addr : -ENOMEM;
}

/* Replaces whatever was at [start, end) by one mapping. */
static int install(struct mm *mm, const struct vma *t)
{
	struct vma_list gone = {NULL};
	int ret = vma_extract(mm, t->start, t->end, &gone);

	if (!ret)
		ret = vma_insert(mm, t);
	vma_release(&gone);
	return ret;
}

static bool is_data(const struct vma *v)
{
	return v->prot & PROT_WRITE && !(v->flags & (VMA_SHARED | VMA_GROWSDOWN));
}

u64 mm_count_pages(const struct mm *mm, bool (*is)(const struct vma *v))
{
	u64 n = 0;

	for (u32 i = 0; i < mm->count; i++)
		if (is(mm->vmas[i]))
			n += (mm->vmas[i]->end - mm->vmas[i]->start) >> PAGE_SHIFT;
	return n;
}

static bool exceeds(int which, u64 pages)
{
	return rlimit(which) != RLIM_INFINITY && pages > rlimit(which) >> PAGE_SHIFT;
}

bool mm_over_limit(struct mm *mm, u64 pages, const struct vma *v)
{
	if (exceeds(RLIMIT_AS, mm->total_pages + pages))
		return true;
	return rlimit(RLIMIT_DATA) != RLIM_INFINITY && is_data(v) &&
	       exceeds(RLIMIT_DATA, mm_count_pages(mm, is_data) + pages);
}

long do_mmap(struct mm *mm, u64 addr, u64 len, int prot, int flags, struct file *file, u64 pgoff,
	     u16 vma_flags)
{
	struct vma t = {.prot = (u8)(prot & 7), .flags = vma_flags, .pgoff = pgoff};
	struct file *shared = NULL;
	int ret;

	if (!len || (!file && (flags & (MAP_SHARED | MAP_GROWSDOWN)) == (MAP_SHARED | MAP_GROWSDOWN)))
		return -EINVAL;
	if (len > USER_END)
		return -ENOMEM;
	len = PAGE_UP(len);
	addr = (u64)choose_address(mm, addr, len, flags);
	if (IS_ERR((void *)addr))
		return (long)addr;
	if (flags & MAP_SHARED)
		t.flags |= VMA_SHARED;
	if (!file && flags & MAP_GROWSDOWN)
		t.flags |= VMA_GROWSDOWN;
	if (mm_over_limit(mm, len >> PAGE_SHIFT, &t))
		return -ENOMEM;
	if (!file && flags & MAP_SHARED) {
		shared = shmem_file(len, "dev/zero");
		if (!shared)
			return -ENOMEM;
		t.pgoff = 0;
	}
	t.file = shared ? shared : file;
	t.start = addr;
	t.end = addr + len;
	ret = install(mm, &t);
	if (shared)
		file_put(shared);
	if (!ret && t.prot && (flags & MAP_POPULATE || mm->populate))
		mm_populate(mm, addr, addr + len, true); /* a failure shows at the access */
	return ret ? ret : (long)addr;
}

int do_munmap(struct mm *mm, u64 start, u64 len)
{
	struct vma_list gone = {NULL};
	int ret;

	if (start & ~PAGE_MASK || !len || start >= USER_END || len > USER_END - start)
		return -EINVAL;
	ret = vma_extract(mm, start, PAGE_UP(start + len), &gone);
	vma_release(&gone);
	return ret;
}
