/* SPDX-License-Identifier: MIT */
/*
 * The mappings of an address space as a sorted array of pointers: lookup by bisection, insertion by moving
 * the tail. Splits and joins keep it minimal.
 */
#include <uvm/kernel.h>

u32 vma_index(const struct mm *mm, u64 addr)
{
	u32 lo = 0, hi = mm->count;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (mm->vmas[mid]->end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

struct vma *mm_find(struct mm *mm, u64 addr)
{
	return vma_at(mm, vma_index(mm, addr));
}

static bool array_make_room(struct mm *mm)
{
	struct vma **bigger;
	u32 room;

	if (mm->count < mm->room)
		return true;
	if (mm->count >= VMA_MAX)
		return false;
	room = mm->room ? mm->room * 2 : 32;
	bigger = krealloc(mm->vmas, room * sizeof(*bigger));
	if (!bigger)
		return false;
	mm->vmas = bigger;
	mm->room = room;
	return true;
}

static void array_insert(struct mm *mm, u32 i, struct vma *v)
{
	memmove(mm->vmas + i + 1, mm->vmas + i, (mm->count - i) * sizeof(v));
	mm->vmas[i] = v;
	mm->count++;
	mm->map_seq++;
}

static void array_remove(struct mm *mm, u32 i)
{
	mm->count--;
	memmove(mm->vmas + i, mm->vmas + i + 1, (mm->count - i) * sizeof(*mm->vmas));
	mm->map_seq++;
}

/* A new mapping object with its own hold on the file. */
static struct vma *vma_new(const struct vma *t, struct mm *mm)
{
	struct vma *v = kmemdup(t, sizeof(*t));

	if (!v)
		return NULL;
	v->mm = mm;
	list_init(&v->map_link);
	if (v->file) {
		file_get(v->file);
		list_add_tail(&v->map_link, &file_mapping(v->file)->vmas);
	}
	return v;
}

static bool continues(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->file == b->file &&
	       !(a->flags & (VMA_STACK | VMA_VDSO)) &&
	       (!a->file || a->pgoff + ((a->end - a->start) >> PAGE_SHIFT) == b->pgoff);
}

bool vma_join(struct mm *mm, u32 i)
{
	struct vma *a = vma_at(mm, i), *b = vma_at(mm, i + 1);

	if (!a || !b || !continues(a, b))
		return false;
	a->end = b->end;
	array_remove(mm, i + 1);
	list_del(&b->map_link);
	if (b->file)
		file_put(b->file); /* not the last: a has one */
	kfree(b);
	return true;
}

int vma_insert(struct mm *mm, const struct vma *t)
{
	u32 i = vma_index(mm, t->start);
	struct vma *prev = i ? mm->vmas[i - 1] : NULL;
	struct vma *v;

	mm->total_pages += (t->end - t->start) >> PAGE_SHIFT;
	if (prev && continues(prev, t)) {
		prev->end = t->end;
		mm->map_seq++;
		vma_join(mm, i - 1);
		return 0;
	}
	if (!array_make_room(mm) || !(v = vma_new(t, mm))) {
		mm->total_pages -= (t->end - t->start) >> PAGE_SHIFT;
		return -ENOMEM;
	}
	array_insert(mm, i, v);
	vma_join(mm, i);
	return 0;
}

int vma_split_at(struct mm *mm, u64 addr)
{
	u32 i = vma_index(mm, addr);
	struct vma *v = vma_at(mm, i);
	struct vma *upper;

	if (!v || v->start >= addr)
		return 0;
	if (!array_make_room(mm))
		return -ENOMEM;
	upper = vma_new(v, mm);
	if (!upper)
		return -ENOMEM;
	upper->start = addr;
	upper->pgoff += (addr - v->start) >> PAGE_SHIFT;
	v->end = addr;
	array_insert(mm, i + 1, upper);
	return 0;
}

int vma_extract(struct mm *mm, u64 start, u64 end, struct vma_list *gone)
{
	u32 i, n = 0;
	int ret = vma_split_at(mm, start);

	if (!ret)
		ret = vma_split_at(mm, end);
	if (ret)
		return ret;
	i = vma_index(mm, start);
	while (i + n < mm->count && mm->vmas[i + n]->start < end) {
		struct vma *v = mm->vmas[i + n];

		zap_range(v, v->start, v->end, false);
		mm->total_pages -= (v->end - v->start) >> PAGE_SHIFT;
		list_del(&v->map_link);
		v->next_gone = gone->first;
		gone->first = v;
		n++;
	}
	if (n) {
		mm->count -= n;
		memmove(mm->vmas + i, mm->vmas + i + n, (mm->count - i) * sizeof(*mm->vmas));
		mm->map_seq++;
	}
	return 0;
}

void vma_release(struct vma_list *gone)
{
	struct vma *v;

	while ((v = gone->first)) {
		gone->first = v->next_gone;
		if (v->file)
			file_put(v->file);
		kfree(v);
	}
}

u64 vma_find_gap(struct mm *mm, u64 len, u64 low, u64 high)
{
	u64 top = high;

	if (len > high - low)
		return 0;
	for (u32 i = vma_index(mm, high - 1) + 1; i-- > 0;) {
		struct vma *v = vma_at(mm, i);
		u64 start;

		if (!v)
			continue;
		if (v->end <= top && top - v->end >= len && top - len >= low)
			return top - len;
		start = v->flags & VMA_GROWSDOWN && v->start > STACK_GAP ? v->start - STACK_GAP : v->start;
		if (start < top)
			top = start;
		if (top < low || top - low < len)
			return 0;
	}
	return top >= low && top - low >= len ? top - len : 0;
}
