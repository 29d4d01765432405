/* SPDX-License-Identifier: MIT */
/*
 * mmap and its family: arguments checked as Linux checks them; the work is mm/'s.
 */
#include <uvm/kernel.h>

static long map_file(u64 addr, u64 len, int prot, int flags, int fd, u64 offset)
{
	struct file *f __drop_file = fd_file(fd);
	u16 never;
	long ret;

	if (!f)
		return -EBADF;
	ret = file_map_check(f, prot, flags, &never);
	if (ret == -FILE_MAP_ANONYMOUS)
		return do_mmap(current->mm, addr, len, prot, flags | MAP_ANONYMOUS, NULL, 0, 0);
	return ret ? ret : do_mmap(current->mm, addr, len, prot, flags, f, offset >> PAGE_SHIFT, never);
}

/* SHARED_VALIDATE is SHARED for those who want flags refused that nobody knows. */
static int check_validate(int flags)
{
	const int known = 0x0f | MAP_FIXED | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE | 0x1000 | MAP_LOCKED |
			  MAP_NORESERVE | MAP_POPULATE | 0x10000 | MAP_STACK | MAP_HUGETLB | 0x7c000000;

	if (flags & MAP_ANONYMOUS)
		return -EINVAL;
	return flags & ~known ? -EOPNOTSUPP : 0;
}

long sys_mmap(const struct sysargs *args)
{
	u64 addr = ARG_U64(0), len = ARG_U64(1), offset = ARG_U64(5);
	int prot = ARG_INT(2), flags = ARG_INT(3);
	int type = flags & 0x0f, ret;

	if (offset & ~PAGE_MASK || !len)
		return -EINVAL;
	if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE && type != MAP_DROPPABLE)
		return -EINVAL;
	if (type == MAP_DROPPABLE && (!(flags & MAP_ANONYMOUS) || flags & (MAP_LOCKED | MAP_GROWSDOWN)))
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE) {
		ret = check_validate(flags);
		if (ret)
			return ret;
		flags = (flags & ~0x0f) | MAP_SHARED;
	}
	if (offset + PAGE_UP(len) < offset)
		return -EOVERFLOW;
	if (flags & MAP_HUGETLB)
		return -ENOMEM; /* as a Linux without reserved huge pages */
	if (flags & MAP_ANONYMOUS)
		return do_mmap(current->mm, addr, len, prot, flags, NULL, 0,
			       type == MAP_DROPPABLE ? VMA_WIPEONFORK : 0);
	return map_file(addr, len, prot, flags, ARG_INT(4), offset);
}

long sys_munmap(const struct sysargs *args)
{
	return do_munmap(current->mm, ARG_U64(0), ARG_U64(1));
}

/* Gives the mapped pages of a range the bits its new protection wants. */
static void reprotect(struct vma *v)
{
	bool changed = false;
	u64 a = v->start;

	for_each_used(pte, v->mm->pgd, a, v->end)
	{
		u64 fresh = (*pte & (PTE_ADDR | PTE_A | PTE_D)) | vma_pte_bits(v, *pte & PTE_W);

		changed |= fresh != *pte;
		*pte = fresh;
	}
	if (changed)
		tlb_flush(v->mm, v->start, v->end);
}

bool mm_covered(struct mm *mm, u64 start, u64 end)
{
	for (u32 i = vma_index(mm, start); start < end; i++) {
		struct vma *v = vma_at(mm, i);

		if (!v || v->start > start)
			return false;
		start = v->end;
	}
	return true;
}

static int mprotect_check(struct mm *mm, u64 start, u64 end, int prot)
{
	u16 never = (prot & PROT_WRITE ? VMA_NOWRITE : 0) | (prot & PROT_EXEC ? VMA_NOEXEC : 0);

	for (u32 i = vma_index(mm, start); i < mm->count && mm->vmas[i]->start < end; i++)
		if (mm->vmas[i]->flags & never)
			return -EACCES;
	return mm_covered(mm, start, end) ? 0 : -ENOMEM;
}

/* Makes start and end borders between mappings. */
static int split(struct mm *mm, u64 start, u64 end)
{
	int ret = vma_split_at(mm, start);

	return ret ? ret : vma_split_at(mm, end);
}

static void join(struct mm *mm, u64 start, u64 end)
{
	for (u32 i = MIN(vma_index(mm, end) + 1, mm->count); i-- > 0 && mm->vmas[i]->end >= start;)
		vma_join(mm, i);
}

#define PROT_SEM 8
#define PROT_GROWSDOWN 0x01000000

long sys_mprotect(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u64 start = ARG_U64(0), end = start + PAGE_UP(ARG_U64(1));
	int prot = ARG_INT(2);
	struct vma *v;
	int ret;

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!ARG_U64(1))
		return 0;
	if (end <= start || end > USER_END)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN))
		return -EINVAL;
	if (prot & PROT_GROWSDOWN) {
		v = mm_find(mm, start);
		if (!v || v->start >= end)
			return -ENOMEM;
		if (!(v->flags & VMA_GROWSDOWN))
			return -EINVAL;
		start = v->start;
	}
	ret = mprotect_check(mm, start, end, prot);
	if (!ret)
		ret = split(mm, start, end);
	if (ret)
		return ret;
	for (u32 i = vma_index(mm, start); i < mm->count && mm->vmas[i]->start < end; i++) {
		mm->vmas[i]->prot = (u8)(prot & 7);
		mm->map_seq++;
		reprotect(mm->vmas[i]);
	}
	join(mm, start, end);
	return 0;
}

/* Protection keys: as on a processor that has none, where no key can be had. */
long sys_pkey_mprotect(const struct sysargs *args)
{
	return ARG_INT(3) == -1 ? sys_mprotect(args) : -EINVAL;
}

long sys_pkey_alloc(const struct sysargs *args)
{
	return ARG_U64(0) || ARG_U64(1) & ~3UL ? -EINVAL : -ENOSPC;
}

long sys_pkey_free(const struct sysargs *args __unused)
{
	return -EINVAL;
}

long sys_brk(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u64 want = ARG_U64(0);
	u64 old_end = PAGE_UP(mm->layout.brk), new_end = PAGE_UP(want);
	struct vma *next;
	long ret;

	if (want < mm->layout.brk_start || want >= USER_END)
		return (long)mm->layout.brk;
	if (new_end < old_end && do_munmap(mm, new_end, old_end - new_end))
		return (long)mm->layout.brk;
	if (new_end > old_end) {
		next = mm_find(mm, old_end);
		if (next && next->start < new_end + (next->flags & VMA_GROWSDOWN ? STACK_GAP : 0))
			return (long)mm->layout.brk;
		ret = do_mmap(mm, old_end, new_end - old_end, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, NULL, 0, VMA_HEAP);
		if (ret < 0)
			return (long)mm->layout.brk;
	}
	mm->layout.brk = want;
	return (long)want;
}

enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4 };

/* The frames go to another address; nothing is copied. */
static int move_pages(struct mm *mm, u64 from, u64 to, u64 len)
{
	u64 a = from;

	for_each_used(src, mm->pgd, a, from + len)
	{
		u64 *dst = table_walk(mm->pgd, to + (a - from), mm);

		if (!dst)
			return -ENOMEM;
		*dst = *src;
		*src = 0;
	}
	tlb_flush(mm, from, from + len);
	return 0;
}

static long mremap_move(struct mm *mm, struct vma *v, u64 old, u64 old_len, u64 new_len, int flags,
			u64 target)
{
	struct vma t = *v;
	bool fixed = flags & MREMAP_FIXED;
	long to;
	int ret;

	if (fixed) {
		ret = do_munmap(mm, target, new_len);
		if (ret)
			return ret;
		v = mm_find(mm, old);
		if (!v || v->start > old || v->end < old + old_len)
			return -EFAULT;
		t = *v;
	}
	to = do_mmap(mm, fixed ? target : 0, new_len, t.prot,
		     MAP_PRIVATE | (fixed ? MAP_FIXED : 0) | (t.file ? 0 : MAP_ANONYMOUS), t.file,
		     t.pgoff + ((old - t.start) >> PAGE_SHIFT), t.flags);
	if (to < 0)
		return to;
	ret = move_pages(mm, old, (u64)to, MIN(old_len, new_len));
	if (ret) {
		move_pages(mm, (u64)to, old, MIN(old_len, new_len)); /* the tables for that are there */
		do_munmap(mm, (u64)to, new_len);
		return ret;
	}
	if (!(flags & MREMAP_DONTUNMAP))
		do_munmap(mm, old, old_len);
	return to;
}

static bool grow_in_place(struct mm *mm, struct vma *v, u64 end, u64 more)
{
	struct vma *next;
	struct vma t = *v;

	if (v->end != end || more > USER_END - end)
		return false;
	next = mm_find(mm, end);
	if ((next && next->start < end + more) || mm_over_limit(mm, more >> PAGE_SHIFT, &t))
		return false;
	t.pgoff += (end - v->start) >> PAGE_SHIFT;
	t.start = end;
	t.end = end + more;
	return !vma_insert(mm, &t);
}

long sys_mremap(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u64 old = ARG_U64(0), old_len = PAGE_UP(ARG_U64(1)), new_len = PAGE_UP(ARG_U64(2)),
	    target = ARG_U64(4);
	int flags = ARG_INT(3);
	struct vma *v;

	if (flags & ~7 || old & ~PAGE_MASK || !new_len || (flags & 6 && !(flags & MREMAP_MAYMOVE)))
		return -EINVAL;
	if (flags & MREMAP_DONTUNMAP && old_len != new_len)
		return -EINVAL;
	if (flags & MREMAP_FIXED &&
	    (target & ~PAGE_MASK || target >= USER_END || new_len > USER_END - target ||
	     (target < old + old_len && old < target + new_len)))
		return -EINVAL;
	v = mm_find(mm, old);
	if (!v || v->start > old || old >= USER_END)
		return -EFAULT;
	if (!old_len) /* a second view of a shared mapping */
		return v->flags & VMA_SHARED
			       ? mremap_move(mm, v, old, 0, new_len, flags | MREMAP_DONTUNMAP, target)
			       : -EINVAL;
	if (old_len > v->end - old)
		return -EFAULT;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return mremap_move(mm, v, old, old_len, new_len, flags, target);
	if (new_len <= old_len) {
		int ret = new_len < old_len ? do_munmap(mm, old + new_len, old_len - new_len) : 0;

		return ret ? ret : (long)old;
	}
	if (grow_in_place(mm, v, old + old_len, new_len - old_len))
		return (long)old;
	return flags & MREMAP_MAYMOVE ? mremap_move(mm, v, old, old_len, new_len, flags, 0) : -ENOMEM;
}

enum { MADV_NORMAL, MADV_DONTNEED = 4, MADV_FREE = 8, MADV_DONTFORK = 10, MADV_DOFORK };
enum { MADV_WIPEONFORK = 18, MADV_KEEPONFORK, MADV_POPULATE_READ = 22, MADV_POPULATE_WRITE };

static bool advice_known(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) || advice == MADV_FREE ||
	       (advice >= MADV_DONTFORK && advice <= MADV_POPULATE_WRITE);
}

static int set_vma_flag(struct mm *mm, u64 start, u64 end, u16 set, u16 clear)
{
	int ret = split(mm, start, end);

	for (u32 i = vma_index(mm, start); !ret && i < mm->count && mm->vmas[i]->start < end; i++) {
		if (set & VMA_WIPEONFORK && mm->vmas[i]->file)
			return -EINVAL;
		mm->vmas[i]->flags = (u16)((mm->vmas[i]->flags | set) & ~clear);
	}
	if (!ret)
		join(mm, start, end);
	return ret;
}

static int discard(struct mm *mm, u64 start, u64 end, bool lazily)
{
	for (u32 i = vma_index(mm, start); i < mm->count && mm->vmas[i]->start < end; i++) {
		struct vma *v = mm->vmas[i];

		if (lazily && v->file)
			return -EINVAL;
		zap_range(v, MAX(start, v->start), MIN(end, v->end), false);
	}
	return 0;
}

long sys_madvise(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u64 start = ARG_U64(0), end = start + PAGE_UP(ARG_U64(1));
	int advice = ARG_INT(2);
	int ret = 0;

	if (!advice_known(advice) || start & ~PAGE_MASK || end < start || end > USER_END ||
	    (start == end && ARG_U64(1)))
		return -EINVAL;
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
		ret = discard(mm, start, end, advice == MADV_FREE);
		break;
	case MADV_DONTFORK:
		ret = set_vma_flag(mm, start, end, VMA_DONTFORK, 0);
		break;
	case MADV_DOFORK:
		ret = set_vma_flag(mm, start, end, 0, VMA_DONTFORK);
		break;
	case MADV_WIPEONFORK:
		ret = set_vma_flag(mm, start, end, VMA_WIPEONFORK, 0);
		break;
	case MADV_KEEPONFORK:
		ret = set_vma_flag(mm, start, end, 0, VMA_WIPEONFORK);
		break;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return mm_populate(mm, start, end, advice == MADV_POPULATE_WRITE);
	}
	if (!ret && !mm_covered(mm, start, end))
		ret = -ENOMEM;
	return ret;
}

enum { MLOCK_ONFAULT = 1, MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };
enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };

long sys_msync(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u64 start = ARG_U64(0), end = start + PAGE_UP(ARG_U64(1));
	int flags = ARG_INT(2);

	if (start & ~PAGE_MASK || flags & ~7 || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	while (start < end) {
		struct vma *v = mm_find(mm, start);
		u64 upto;

		if (!v || v->start > start)
			return -ENOMEM;
		upto = MIN(end, v->end);
		if (v->file && v->flags & VMA_SHARED && flags & MS_SYNC) {
			struct file *f __drop_file = file_get(v->file);
			int ret = file_msync(f);

			if (ret)
				return ret;
		}
		start = upto;
	}
	return 0;
}

/* Nothing is ever swapped out: what locking promises holds for every page once it is there. */
long sys_mlock2(const struct sysargs *args)
{
	u64 start = PAGE_DOWN(ARG_U64(0)), end = PAGE_UP(ARG_U64(0) + ARG_U64(1));

	if (end < start || end > USER_END || ARG_UINT(2) & ~(u32)MLOCK_ONFAULT)
		return -EINVAL;
	if (!mm_covered(current->mm, start, end))
		return -ENOMEM;
	return ARG_UINT(2) || !mm_populate(current->mm, start, end, true) ? 0 : -ENOMEM;
}

long sys_munlock(const struct sysargs *args)
{
	u64 start = PAGE_DOWN(ARG_U64(0)), end = PAGE_UP(ARG_U64(0) + ARG_U64(1));

	return end < start ? -EINVAL : mm_covered(current->mm, start, end) ? 0 : -ENOMEM;
}

long sys_mlockall(const struct sysargs *args)
{
	struct mm *mm = current->mm;
	u32 flags = ARG_UINT(0);

	if (!flags || flags & ~(u32)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	mm->populate = (flags & (MCL_FUTURE | MCL_ONFAULT)) == MCL_FUTURE;
	for (u64 at = 0; (flags & (MCL_CURRENT | MCL_ONFAULT)) == MCL_CURRENT && at < USER_END;) {
		struct vma *v = mm_find(mm, at);
		u64 end = v ? v->end : USER_END;

		if (signal_pending_fatal())
			return -EINTR;
		if (v && v->prot)
			(void)mm_populate(mm, v->start, end, true); /* a failure shows at the access */
		at = end;
	}
	return 0;
}

long sys_munlockall(const struct sysargs *args __unused)
{
	current->mm->populate = false;
	return 0;
}

static bool in_memory(const struct vma *v, u64 addr)
{
	u64 *pte = table_walk(v->mm->pgd, addr, NULL);
	struct page *p = NULL;

	if (pte && *pte & PTE_USED)
		return true;
	if (v->file)
		p = file_page_cached(v->file, v->pgoff + ((addr - v->start) >> PAGE_SHIFT));
	if (p)
		page_put(p);
	return p;
}

long sys_mincore(const struct sysargs *args)
{
	u64 addr = ARG_U64(0), end = addr + PAGE_UP(ARG_U64(1)), out = ARG_U64(2);

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (end < addr || end > USER_END || (addr == end && ARG_U64(1)))
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, out++) {
		struct vma *v = mm_find(current->mm, addr);

		if (!v || v->start > addr)
			return -ENOMEM;
		if (put_user((u8)in_memory(v, addr), out))
			return -EFAULT;
		sched_point();
	}
	return 0;
}
