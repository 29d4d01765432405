// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * memory.c: guest memory. A region says which user memory stands behind which guest pages; a page is
 * faulted in and mapped into the guest when the guest first touches it, in the VP's own thread, so it costs
 * its process and its memory cgroup what it costs any process. Writable regions get private copies by the
 * kernel's own copy-on-write, which stay pinned. Read-only ones share the page cache and pin nothing: when
 * Linux takes a page out of the process's tables, it goes out of the guest's first.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

#define WINDOW_FIRST 4 /* pages brought in at a first touch … */
#define WINDOW_MAX 64  /* … and along a run of neighbouring ones, but … */
#define WINDOW_PART 16 /* … no more than this part of what the guest has already */
#define AROUND 64      /* in such a block pages that are there already come along */
#define BATCH (WINDOW_MAX + AROUND)
#define MAP_DEPOSIT 2 /* pages for nested tables, when asked */

static struct mshv_region *region_at(struct mshv_partition *pt, u64 gfn)
{
	struct mshv_region *region;

	list_for_each_entry(region, &pt->regions, link)
		if (gfn >= region->gfn && gfn - region->gfn < region->pages)
			return region;
	return NULL;
}

static bool ranges_meet(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static bool region_overlaps(struct mshv_partition *pt, const struct mshv_user_mem_region *mem)
{
	struct mshv_region *region;

	list_for_each_entry(region, &pt->regions, link)
		if (ranges_meet(region->gfn, region->pages, mem->guest_pfn, mem->size >> PAGE_SHIFT) ||
		    ranges_meet(region->uaddr, region->pages << PAGE_SHIFT, mem->userspace_addr, mem->size))
			return true;
	return false;
}

/* ---- Mapping -------------------------------------------------------------------------------------- */

static u32 map_flags(const struct mshv_region *region)
{
	u32 flags = HV_MAP_GPA_READABLE;

	if (region->writable)
		flags |= HV_MAP_GPA_WRITABLE;
	if (region->executable)
		flags |= HV_MAP_GPA_KERNEL_EXECUTABLE | HV_MAP_GPA_USER_EXECUTABLE;
	return flags;
}

/* Linux took pages of a read-only region back since seq was read. map_lock held. */
static bool is_stale(struct mshv_region *region, unsigned long seq)
{
	return !region->writable && mmu_interval_read_retry(&region->notifier, seq);
}

/* Maps the pages from index on; answers how many were, and why not more. */
static unsigned int map_pages(struct mshv_partition *pt, struct mshv_region *region, u64 index,
			      struct page **pages, unsigned int count, unsigned long seq, int *err)
{
	struct {
		struct hv_input_map_gpa_pages head;
		u64 pfn[BATCH];
	} in = {
		.head =
			{
				.partition_id = pt->id,
				.gpa_pfn = region->gfn + index,
				.map_flags = map_flags(region),
			},
	};
	unsigned int i, done = 0;
	u64 result;

	for (i = 0; i < count; i++)
		in.pfn[i] = page_to_pfn(pages[i]);
	for (;;) {
		mutex_lock(&pt->map_lock);
		*err = is_stale(region, seq) ? -EAGAIN : 0;
		if (!*err)
			result = mshv_hvcall_rep(HVCALL_MAP_GPA_PAGES, count, done, &in,
						 sizeof(in.head) + 8 * count, NULL, 0);
		mutex_unlock(&pt->map_lock);
		if (*err)
			return 0;
		done = min_t(unsigned int, hv_reps_done(result), count);
		*err = mshv_status_to_errno(hv_status(result));
		if (hv_status(result) != HV_STATUS_INSUFFICIENT_MEMORY)
			break;
		*err = mshv_deposit(pt, MAP_DEPOSIT);
		if (*err)
			break;
	}
	if (*err)
		pr_warn_ratelimited("partition %llu: mapping guest page %#llx: status %#x\n", pt->id,
				    region->gfn + index + done, hv_status(result));
	return done;
}

static bool unmap_pages(struct mshv_partition *pt, const struct mshv_region *region, u64 index, u64 count)
{
	const struct hv_input_unmap_gpa_pages in = {
		.partition_id = pt->id,
		.gpa_pfn = region->gfn + index,
	};
	u64 result = mshv_hvcall_rep(HVCALL_UNMAP_GPA_PAGES, count, 0, &in, sizeof(in), NULL, 0);

	if (!hv_status(result))
		return true;
	pr_err("partition %llu: unmapping %llu guest pages at %#llx: status %#x; they are never free again\n",
	       pt->id, count, region->gfn + index, hv_status(result));
	return false;
}

/* ---- What is mapped ------------------------------------------------------------------------------- */

static void account(struct mshv_partition *pt, const struct mshv_region *region, s64 pages)
{
	atomic64_add(pages, &pt->mapped);
	if (!region->writable)
		return;
	atomic64_add(pages, &pt->pinned);
	atomic64_add(pages, &pt->mm->pinned_vm); /* VmPin of the worker; its limit is its memory cgroup */
}

/* Keeps the pages in the region's index; answers how many found room. */
static unsigned int remember(struct mshv_partition *pt, struct mshv_region *region, u64 index,
			     struct page **pages, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (xa_err(xa_store(&region->mapped, index + i, pages[i], GFP_KERNEL_ACCOUNT)))
			break;
	account(pt, region, i);
	return i;
}

static void drop_run(struct mshv_partition *pt, struct mshv_region *region, struct page **pages, u64 first,
		     unsigned int count, bool unmap)
{
	bool gone = !count || !unmap || unmap_pages(pt, region, first, count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		xa_erase(&region->mapped, first + i);
		if (!gone && !region->writable)
			get_page(pages[i]); /* Linux would use it for something else now */
	}
	if (gone && region->writable)
		unpin_user_pages_dirty_lock(pages, count, true);
	account(pt, region, -(s64)count);
}

/* Takes the pages [first, last] of the region from the guest. map_lock held. */
static void drop_pages(struct mshv_partition *pt, struct mshv_region *region, u64 first, u64 last, bool unmap)
{
	struct page *pages[BATCH], *page;
	unsigned int count = 0;
	unsigned long index;

	xa_for_each_range(&region->mapped, index, page, first, last)
	{
		if (count == ARRAY_SIZE(pages) || index != first + count) {
			drop_run(pt, region, pages, first, count, unmap);
			count = 0;
		}
		if (!count)
			first = index;
		pages[count++] = page;
	}
	drop_run(pt, region, pages, first, count, unmap);
}

/* Linux is about to take pages out of the process's tables. Any context that may sleep, also in the middle
 * of somebody's allocation: nothing is allocated under map_lock. */
static bool pages_go(struct mmu_interval_notifier *notifier, const struct mmu_notifier_range *range,
		     unsigned long seq)
{
	struct mshv_region *region = container_of(notifier, struct mshv_region, notifier);
	struct mshv_partition *pt = region->partition;
	unsigned long end = region->uaddr + (region->pages << PAGE_SHIFT);

	if (!mmu_notifier_range_blockable(range))
		return false;
	mutex_lock(&pt->map_lock);
	mmu_interval_set_seq(notifier, seq);
	drop_pages(pt, region, (max(range->start, region->uaddr) - region->uaddr) >> PAGE_SHIFT,
		   (min(range->end, end) - 1 - region->uaddr) >> PAGE_SHIFT, true);
	mutex_unlock(&pt->map_lock);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = {.invalidate = pages_go};

/* How many pages from index on, at most that many, are inside the region and not mapped yet. */
static unsigned int gap_at(struct mshv_region *region, u64 index, u64 most)
{
	unsigned long next = index;
	u64 count = min_t(u64, most, region->pages - index);

	if (count && xa_find(&region->mapped, &next, index + count - 1, XA_PRESENT))
		count = next - index;
	return count;
}

/* Neighbouring touches are usually a walk upwards: the window doubles along it. */
static unsigned int window_at(struct mshv_partition *pt, struct mshv_region *region, u64 index)
{
	u64 part = atomic64_read(&pt->mapped) / WINDOW_PART;

	if (index && index == region->last_end)
		region->window = min_t(u64, region->window * 2, clamp_t(u64, part, WINDOW_FIRST, WINDOW_MAX));
	else
		region->window = WINDOW_FIRST;
	return gap_at(region, index, region->window);
}

static unsigned long address_of(const struct mshv_region *region, u64 index)
{
	return region->uaddr + (index << PAGE_SHIFT);
}

static unsigned int pin_flags(const struct mshv_region *region)
{
	return region->writable ? FOLL_LONGTERM | FOLL_WRITE : 0;
}

/* Pages of index's block from there on that need no fault: what the VMM or a file has put there. They
 * cost nothing, and save the guest's next faults. */
static unsigned int pin_present_from(struct mshv_region *region, u64 index, struct page **pages)
{
	unsigned int count = gap_at(region, index, AROUND - index % AROUND);
	int got;

	got = count ? pin_user_pages_fast_only(address_of(region, index), count, pin_flags(region), pages)
		    : 0;
	return max(got, 0);
}

/* The same before index, as far as they follow each other; pages ends where index's page would stand. */
static unsigned int pin_present_before(struct mshv_region *region, u64 index, struct page **pages)
{
	unsigned int count = 0;

	while (count < index % AROUND && !xa_load(&region->mapped, index - count - 1) &&
	       pin_user_pages_fast_only(address_of(region, index - count - 1), 1, pin_flags(region),
					pages - count - 1) == 1)
		count++;
	return count;
}

/* Maps pinned pages and keeps what could be mapped; answers how many. */
static unsigned int map_and_keep(struct mshv_partition *pt, struct mshv_region *region, u64 index,
				 struct page **pages, unsigned int count, unsigned long seq, int *err)
{
	unsigned int kept = remember(pt, region, index, pages, count), mapped = 0;

	*err = -ENOMEM;
	if (kept)
		mapped = map_pages(pt, region, index, pages, kept, seq, err);
	if (mapped < kept) {
		mutex_lock(&pt->map_lock);
		drop_pages(pt, region, index + mapped, index + kept - 1, true);
		mutex_unlock(&pt->map_lock);
	}
	if (!region->writable)
		unpin_user_pages(pages, count);
	else if (kept < count)
		unpin_user_pages(pages + kept, count - kept);
	return mapped;
}

/* Brings in the page at index and others around it. mem_lock held; the caller runs in the partition's mm. */
static int populate(struct mshv_partition *pt, struct mshv_region *region, u64 index)
{
	unsigned long seq = region->writable ? 0 : mmu_interval_read_begin(&region->notifier);
	unsigned int before, mapped;
	struct page *pages[BATCH];
	int got, err, ignored;

	got = pin_user_pages_fast(address_of(region, index), window_at(pt, region, index), pin_flags(region),
				  pages);
	if (got <= 0)
		return got ?: -EFAULT;
	if ((index + got) % AROUND)
		got += pin_present_from(region, index + got, pages + got);
	mapped = map_and_keep(pt, region, index, pages, got, seq, &err);
	if (!mapped)
		return err;
	region->last_end = index + mapped;
	before = pin_present_before(region, index, pages + AROUND);
	if (before)
		map_and_keep(pt, region, index - before, pages + AROUND - before, before, seq, &ignored);
	return 0;
}

static int fault_in_region(struct mshv_partition *pt, u64 gfn, u8 access)
{
	struct mshv_region *region = region_at(pt, gfn);
	u64 index;
	int ret;

	if (!region)
		return 1;
	if ((access == HV_INTERCEPT_ACCESS_WRITE && !region->writable) ||
	    (access == HV_INTERCEPT_ACCESS_EXECUTE && !region->executable))
		return 1;
	index = gfn - region->gfn;
	if (xa_load(&region->mapped, index))
		return 0; /* another VP was faster */
	ret = populate(pt, region, index);
	if (ret == -EAGAIN)
		return 0; /* taken away meanwhile: the guest faults again */
	/* A file behind read-only memory may have shrunk: the VMM puts something else there. */
	return ret == -EFAULT && !region->writable ? 1 : ret;
}

int mshv_mem_fault(struct mshv_partition *pt, u64 gpa, u8 access)
{
	int ret;

	if (mutex_lock_killable(&pt->mem_lock))
		return -EINTR;
	ret = fault_in_region(pt, gpa >> PAGE_SHIFT, access);
	mutex_unlock(&pt->mem_lock);
	return ret;
}

/* ---- Giving back ---------------------------------------------------------------------------------- */

static void region_remove(struct mshv_partition *pt, struct mshv_region *region, bool still_mapped)
{
	list_del(&region->link);
	if (!region->writable)
		mmu_interval_notifier_remove(&region->notifier);
	mutex_lock(&pt->map_lock);
	drop_pages(pt, region, 0, region->pages - 1, still_mapped);
	mutex_unlock(&pt->map_lock);
	xa_destroy(&region->mapped);
	kfree(region);
}

void mshv_mem_destroy(struct mshv_partition *pt, bool still_mapped)
{
	struct mshv_region *region, *next;

	list_for_each_entry_safe(region, next, &pt->regions, link)
		region_remove(pt, region, still_mapped);
}

/* ---- SET_GUEST_MEMORY ----------------------------------------------------------------------------- */

static int check_user_range(const struct mshv_user_mem_region *mem)
{
	struct vm_area_struct *vma;
	int ret = 0;

	if (!access_ok((const void __user *)mem->userspace_addr, mem->size))
		return -EINVAL;
	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	vma = vma_lookup(current->mm, mem->userspace_addr);
	if (!vma)
		ret = -EINVAL;
	else if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		ret = -EOPNOTSUPP; /* device memory */
	mmap_read_unlock(current->mm);
	return ret;
}

static int region_add(struct mshv_partition *pt, const struct mshv_user_mem_region *mem)
{
	u64 pages = mem->size >> PAGE_SHIFT, end;
	struct mshv_region *region;
	int ret = check_user_range(mem);

	if (ret)
		return ret;
	if (check_add_overflow(mem->guest_pfn, pages, &end) || end > 1ULL << (HV_CHILD_GPA_BITS - PAGE_SHIFT))
		return -EINVAL;
	if (region_overlaps(pt, mem))
		return -EEXIST;
	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;
	region->partition = pt;
	region->gfn = mem->guest_pfn;
	region->pages = pages;
	region->uaddr = mem->userspace_addr;
	region->writable = mem->flags & BIT(MSHV_SET_MEM_BIT_WRITABLE);
	region->executable = mem->flags & BIT(MSHV_SET_MEM_BIT_EXECUTABLE);
	xa_init(&region->mapped);
	if (!region->writable)
		ret = mmu_interval_notifier_insert(&region->notifier, pt->mm, region->uaddr, mem->size,
						   &notifier_ops);
	if (ret)
		kfree(region);
	else
		list_add_tail(&region->link,
			      &pt->regions); /* RAM first: a VMM's last and many ones are small */
	return ret;
}

static int region_del(struct mshv_partition *pt, const struct mshv_user_mem_region *mem)
{
	struct mshv_region *region = region_at(pt, mem->guest_pfn);

	if (!region || region->gfn != mem->guest_pfn || region->uaddr != mem->userspace_addr ||
	    region->pages != mem->size >> PAGE_SHIFT)
		return -EINVAL;
	region_remove(pt, region, true);
	return 0;
}

int mshv_mem_set(struct mshv_partition *pt, const struct mshv_user_mem_region __user *uarg)
{
	struct mshv_user_mem_region mem;
	int ret;

	if (copy_from_user(&mem, uarg, sizeof(mem)))
		return -EFAULT;
	if (!mem.size || !PAGE_ALIGNED(mem.size) || !PAGE_ALIGNED(mem.userspace_addr) ||
	    (mem.flags & ~MSHV_SET_MEM_FLAGS_MASK) || memchr_inv(mem.rsvd, 0, sizeof(mem.rsvd)))
		return -EINVAL;
	if (mutex_lock_killable(&pt->mem_lock))
		return -EINTR;
	ret = mem.flags & BIT(MSHV_SET_MEM_BIT_UNMAP) ? region_del(pt, &mem) : region_add(pt, &mem);
	mutex_unlock(&pt->mem_lock);
	return ret;
}
