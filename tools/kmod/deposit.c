// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * deposit.c: memory for the hypervisor. It owns none: what a partition costs is deposited by us, page by
 * page, when a call answers that it needs some, and withdrawn when the partition is finalized. A
 * deposited page is out of the kernel's reach until then. Pages for a child are charged to the caller's
 * memory cgroup.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "mshv.h"

#define DEPOSIT_BATCH 32
#define WITHDRAW_BATCH 64

static unsigned int deposit_batch(u64 partition_id, unsigned int pages, int *err)
{
	struct {
		u64 partition_id;
		u64 pfn[DEPOSIT_BATCH];
	} in = {.partition_id = partition_id};
	unsigned int got, done;
	u64 result;

	for (got = 0; got < pages; got++) {
		struct page *page = alloc_page(GFP_KERNEL_ACCOUNT);

		if (!page)
			break;
		in.pfn[got] = page_to_pfn(page);
	}
	if (!got) {
		*err = -ENOMEM;
		return 0;
	}
	result = mshv_hvcall_rep(HVCALL_DEPOSIT_MEMORY, got, 0, &in, 8 + 8 * got, NULL, 0);
	done = min_t(unsigned int, hv_reps_done(result), got);
	*err = mshv_status_to_errno(hv_status(result));
	if (*err)
		pr_warn_ratelimited("deposit of %u pages to partition %llu: status %#x after %u\n", got,
				    partition_id, hv_status(result), done);
	while (got > done)
		__free_page(pfn_to_page(in.pfn[--got]));
	return done;
}

int mshv_deposit(struct mshv_partition *pt, unsigned int pages)
{
	while (pages) {
		unsigned int batch = min_t(unsigned int, pages, DEPOSIT_BATCH);
		int err;
		unsigned int done = deposit_batch(pt->id, batch, &err);

		atomic64_add(done, &pt->deposited);
		if (err)
			return err;
		pages -= done;
	}
	return 0;
}

int mshv_hvcall_deposit(struct mshv_partition *pt, unsigned int pages, u16 code, const void *in, size_t in_sz,
			void *out, size_t out_sz)
{
	for (;;) {
		u16 status = hv_status(mshv_hvcall(code, in, in_sz, out, out_sz));
		int err;

		if (status != HV_STATUS_INSUFFICIENT_MEMORY)
			return mshv_status_to_errno(status);
		if (fatal_signal_pending(current))
			return -EINTR;
		err = mshv_deposit(pt, pages);
		if (err)
			return err;
	}
}

void mshv_withdraw_all(struct mshv_partition *pt)
{
	const struct hv_input_withdraw_memory in = {.partition_id = pt->id};
	unsigned int i, done;
	u64 pfn[WITHDRAW_BATCH] = {};
	u64 result;
	s64 left;

	do {
		result = mshv_hvcall_rep(HVCALL_WITHDRAW_MEMORY, WITHDRAW_BATCH, 0, &in, sizeof(in), pfn,
					 sizeof(pfn));
		done = min_t(unsigned int, hv_reps_done(result), WITHDRAW_BATCH);
		for (i = 0; i < done; i++)
			__free_page(pfn_to_page(pfn[i]));
		left = atomic64_sub_return(done, &pt->deposited);
	} while (hv_status(result) == HV_STATUS_SUCCESS && done);
	if (left)
		pr_err("partition %llu: %lld deposited pages did not come back: status %#x\n", pt->id, left,
		       hv_status(result));
}
