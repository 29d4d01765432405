// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * report.c: what hvctl asks: versions, the partitions with their owners, and the hypervisor's own
 * statistics, memory ledger and log. Reads only; for CAP_SYS_ADMIN.
 */
#include <linux/capability.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

static int sum_regions(struct mshv_partition *pt, struct mshv_nacelle_partition *info)
{
	struct mshv_region *region;

	if (mutex_lock_killable(&pt->mem_lock))
		return -EINTR;
	list_for_each_entry(region, &pt->regions, link) {
		info->region_count++;
		info->region_pages += region->pages;
	}
	mutex_unlock(&pt->mem_lock);
	return 0;
}

static int describe(struct mshv_partition *pt, struct mshv_nacelle_partition *info)
{
	info->id = pt->id;
	info->owner_pid = pid_vnr(pt->owner);
	if (!pid_has_task(pt->owner, PIDTYPE_TGID))
		info->owner_pid = 0;
	info->vp_count = READ_ONCE(pt->vp_count);
	memcpy(info->owner_comm, pt->owner_comm, sizeof(info->owner_comm));
	info->pages_deposited = atomic64_read(&pt->deposited);
	info->pages_pinned = atomic64_read(&pt->pinned);
	return sum_regions(pt, info);
}

/* The partition after that id, with a reference: one that is just ending is passed over. */
static struct mshv_partition *get_next(unsigned long id)
{
	struct mshv_partition *pt;

	rcu_read_lock();
	pt = xa_find_after(&mshv_partitions, &id, ULONG_MAX, XA_PRESENT);
	while (pt && !refcount_inc_not_zero(&pt->refs))
		pt = xa_find_after(&mshv_partitions, &id, ULONG_MAX, XA_PRESENT);
	rcu_read_unlock();
	return pt;
}

static long next_partition(struct mshv_nacelle_partition __user *uarg)
{
	struct mshv_nacelle_partition info = {};
	struct mshv_partition *pt;
	u64 previous;
	int ret;

	if (get_user(previous, &uarg->id))
		return -EFAULT;
	pt = get_next(previous);
	if (!pt)
		return -ENOENT;
	ret = describe(pt, &info);
	mshv_partition_put(pt);
	if (ret)
		return ret;
	return copy_to_user(uarg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long report(struct mshv_nacelle_report __user *uarg, u16 code, size_t in_sz, size_t out_sz)
{
	struct mshv_nacelle_report args;
	long ret;
	void *out;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if (args.buf_sz != out_sz || args.rsvd || (!in_sz && args.argument))
		return -EINVAL;
	out = kzalloc(out_sz, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	ret = mshv_status_to_errno(hv_status(mshv_hvcall(code, &args.argument, in_sz, out, out_sz)));
	if (!ret && copy_to_user(u64_to_user_ptr(args.buf_ptr), out, out_sz))
		ret = -EFAULT;
	kfree(out);
	return ret;
}

long mshv_report_ioctl(unsigned int cmd, void __user *uarg, const struct mshv_nacelle_version *version)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (cmd) {
	case MSHV_NACELLE_VERSION:
		return copy_to_user(uarg, version, sizeof(*version)) ? -EFAULT : 0;
	case MSHV_NACELLE_NEXT_PARTITION:
		return next_partition(uarg);
	case MSHV_NACELLE_STATS:
		return report(uarg, HV_EXT_CALL_GET_STATS, sizeof(struct hv_ext_get_stats),
			      sizeof(struct hv_ext_stats));
	case MSHV_NACELLE_LEDGER:
		return report(uarg, HV_EXT_CALL_GET_MEMORY_LEDGER, 0, sizeof(struct hv_ext_ledger));
	case MSHV_NACELLE_LOG:
		return report(uarg, HV_EXT_CALL_READ_LOG, sizeof(struct hv_ext_read_log),
			      sizeof(struct hv_ext_log_chunk));
	default:
		return -ENOTTY;
	}
}
