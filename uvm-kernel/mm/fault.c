/* SPDX-License-Identifier: MIT */
/*
 * Page faults: demand zero, file pages, copy on write, stack growth. File pages may have to be fetched, which
 * sleeps; the mapping is looked up again afterwards if anything was remapped meanwhile.
 */
#include <uvm/kernel.h>

enum { SEGV_MAPERR = 1, SEGV_ACCERR = 2, BUS_ADRERR = 2 };

#define DONE ((struct fault_result){0, 0})

void copy_page(void *dst, const void *src);

struct page *zero_page; /* what is read before it was ever written */

void fault_init(void)
{
	zero_page = page_alloc(0, ALLOC_ZERO);
	if (!zero_page)
		panic("no memory for the zero page");
}

u64 vma_pte_bits(const struct vma *v, bool write)
{
	u64 bits = PTE_U | PTE_A | (v->prot ? PTE_P : PTE_HIDDEN);

	if (write && v->prot & PROT_WRITE)
		bits |= PTE_W | PTE_D;
	if (!(v->prot & PROT_EXEC))
		bits |= PTE_NX;
	return bits;
}

static struct fault_result bad(int signal, int code)
{
	return (struct fault_result){signal, code};
}

static struct fault_result out_of_memory(void)
{
	return pagecache_unmap() || oom_kill() ? DONE : bad(SIGKILL, SI_KERNEL);
}

/* A private page with the contents of src (NULL: zeros). */
static struct page *anon_page(struct page *src)
{
	struct page *p = page_alloc(0, ALLOC_USER | (src ? 0 : ALLOC_ZERO));

	if (!p)
		return NULL;
	if (src)
		copy_page(page_to_virt(p), page_to_virt(src));
	p->flags |= PG_ANON;
	page_anon_count++;
	return p;
}

static void set_entry(struct vma *v, u64 *pte, struct page *p, bool write)
{
	v->mm->rss[page_kind(p)]++;
	v->mm->hiwater_rss = MAX(v->mm->hiwater_rss, mm_resident(v->mm));
	*pte = page_to_gpa(p) | vma_pte_bits(v, write);
}

/* Replaces a page that must not be written by a private copy. */
static bool break_sharing(struct vma *v, u64 *pte, u64 addr)
{
	struct page *old = gpa_to_page(*pte & PTE_ADDR);
	struct page *fresh = anon_page(old == zero_page ? NULL : old);

	if (!fresh)
		return false;
	zap_entry(v->mm, pte);
	set_entry(v, pte, fresh, true);
	tlb_flush(v->mm, addr, addr + PAGE_SIZE);
	return true;
}

static struct fault_result anon_fault(struct vma *v, u64 *pte, bool write)
{
	struct page *p;

	if (!write) {
		page_get(zero_page);
		set_entry(v, pte, zero_page, false);
		return DONE;
	}
	p = anon_page(NULL);
	if (!p)
		return out_of_memory();
	set_entry(v, pte, p, true);
	return DONE;
}

/* Maps the neighbours that are in memory already, so that a program's start does not fault on each page. */
static void map_around(struct vma *v, u64 addr)
{
	u64 start = MAX(v->start, addr & ~(16 * PAGE_SIZE - 1));
	u64 end = MIN(v->end, (addr | (16 * PAGE_SIZE - 1)) + 1);
	u64 *pte = table_walk(v->mm->pgd, start, NULL);

	for (; start < end; start += PAGE_SIZE, pte++) {
		struct page *p;

		if (*pte & PTE_USED)
			continue;
		p = file_page_cached(v->file, v->pgoff + ((start - v->start) >> PAGE_SHIFT));
		if (p)
			set_entry(v, pte, p, false);
	}
}

static struct fault_result file_error(int error)
{
	if (error == -ENOMEM)
		return out_of_memory();
	if (error == -ERESTARTSYS || error == -EINTR)
		return DONE; /* a deadly signal; or try again */
	return bad(SIGBUS, BUS_ADRERR);
}

/* Fetches the file's page. False: the mappings changed while it slept (or *r holds a result). */
static bool fetch(struct vma *v, u64 index, bool shared_write, struct page **page, struct fault_result *r)
{
	struct mm *mm = v->mm;
	struct file *f = file_get(v->file);
	u64 seq = mm->map_seq;
	int error = file_page(f, index, page);
	bool same;

	if (!error && shared_write) {
		error = file_page_write(f, *page);
		if (error)
			page_put(*page);
	}
	same = mm->map_seq == seq;
	if (!error && !same)
		page_put(*page);
	file_put(f);
	*r = error ? file_error(error) : DONE;
	return !error && same;
}

static struct fault_result file_fault(struct vma *v, u64 addr, bool write)
{
	bool shared = v->flags & VMA_SHARED;
	struct fault_result r;
	struct page *p, *fresh;
	u64 *pte;

	if (!fetch(v, v->pgoff + ((addr - v->start) >> PAGE_SHIFT), shared && write, &p, &r))
		return r;
	pte = table_walk(v->mm->pgd, addr, v->mm);
	if (!pte || *pte & PTE_USED) { /* no memory, or another thread was here first */
		page_put(p);
		return pte ? DONE : out_of_memory();
	}
	if (write && !shared) {
		fresh = anon_page(p);
		page_put(p);
		if (!fresh)
			return out_of_memory();
		set_entry(v, pte, fresh, true);
		return DONE;
	}
	set_entry(v, pte, p, write);
	if (!write)
		map_around(v, addr);
	return DONE;
}

/* A write to a present, read-only entry. */
static struct fault_result write_protected(struct vma *v, u64 *pte, u64 addr)
{
	struct page *p = gpa_to_page(*pte & PTE_ADDR);
	struct fault_result r;

	if (v->flags & VMA_SHARED) {
		if (!fetch(v, v->pgoff + ((addr - v->start) >> PAGE_SHIFT), true, &p, &r))
			return r;
		pte = table_walk(v->mm->pgd, addr, NULL);
		if (pte && *pte & PTE_P && gpa_to_page(*pte & PTE_ADDR) == p)
			*pte |= PTE_W | PTE_D;
		page_put(p);
	} else if (p->flags & PG_ANON && p->refs == 1) {
		*pte |= PTE_W | PTE_D;
	} else {
		return break_sharing(v, pte, addr) ? DONE : out_of_memory();
	}
	tlb_flush_local_page(addr);
	return DONE;
}

static bool grow_stack(struct mm *mm, u32 i, u64 addr)
{
	struct vma *v = vma_at(mm, i);
	struct vma *below = i ? mm->vmas[i - 1] : NULL;
	u64 start = PAGE_DOWN(addr);

	if (!v || !(v->flags & VMA_GROWSDOWN) || v->end - start > rlimit(RLIMIT_STACK))
		return false;
	if (below && below->prot && below->end + STACK_GAP > start)
		return false;
	if (below && below->end > start)
		return false;
	mm->total_pages += (v->start - start) >> PAGE_SHIFT;
	v->start = start;
	mm->map_seq++;
	return true;
}

static bool allowed(const struct vma *v, enum fault_kind kind)
{
	if (kind == FAULT_WRITE)
		return v->prot & PROT_WRITE;
	if (kind == FAULT_EXEC)
		return v->prot & PROT_EXEC;
	return v->prot;
}

struct fault_result mm_fault(struct mm *mm, u64 addr, enum fault_kind kind)
{
	u32 i = vma_index(mm, addr);
	struct vma *v = vma_at(mm, i);
	bool write = kind == FAULT_WRITE;
	u64 *pte;

	addr = PAGE_DOWN(addr);
	if (!v || (v->start > addr && !grow_stack(mm, i, addr)))
		return bad(SIGSEGV, SEGV_MAPERR);
	if (!allowed(v, kind))
		return bad(SIGSEGV, SEGV_ACCERR);
	current->process->used.faults++;
	pte = table_walk(mm->pgd, addr, mm);
	if (!pte)
		return out_of_memory();
	if (*pte & PTE_P) {
		if (write && !(*pte & PTE_W))
			return write_protected(v, pte, addr);
		tlb_flush_local_page(addr); /* this VP's TLB was behind */
		return DONE;
	}
	return v->file ? file_fault(v, addr, write) : anon_fault(v, pte, write);
}

int mm_populate(struct mm *mm, u64 start, u64 end, bool write)
{
	for (u64 a = start; a < end; a += PAGE_SIZE) {
		struct vma *v = mm_find(mm, a);
		struct fault_result r;

		if (!v || v->start > a)
			return -ENOMEM;
		r = mm_fault(mm, a, write && v->prot & PROT_WRITE ? FAULT_WRITE : FAULT_READ);
		if (r.signal)
			return -EFAULT;
		if (signal_pending_fatal())
			return -EINTR;
		sched_point();
	}
	return 0;
}
