// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * partition.c: a partition from CREATE_PARTITION to the close of its last descriptor, which gives
 * everything back whatever state the partition is in: that is how a killed worker leaves nothing behind.
 */
#include <linux/anon_inodes.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

#define INITIALIZE_DEPOSIT 4 /* pages at a time */
#define IN_USE_TRIES 1000

DEFINE_XARRAY(mshv_partitions);

/* ---- Life and death in the hypervisor -------------------------------------------------------------- */

static u64 creation_flags(u64 pt_flags)
{
	u64 flags = HV_PARTITION_CREATE_EXO | HV_PARTITION_CREATE_INTERCEPT_MESSAGE_PAGE;

	if (pt_flags & BIT(MSHV_PT_BIT_LAPIC))
		flags |= HV_PARTITION_CREATE_LAPIC;
	if (pt_flags & BIT(MSHV_PT_BIT_X2APIC))
		flags |= HV_PARTITION_CREATE_X2APIC;
	return flags;
}

static int hv_create(u64 pt_flags, u64 *id)
{
	const struct hv_input_create_partition in = {.flags = creation_flags(pt_flags)};

	*id = HV_PARTITION_ID_INVALID;
	return mshv_status_to_errno(hv_status(mshv_hvcall(HVCALL_CREATE_PARTITION, &in, sizeof(in), id, 8)));
}

/* Somebody may be reading the partition's statistics just now: in use is for a moment. */
static u16 hv_end(u16 code, u64 id)
{
	const struct hv_input_partition in = {.partition_id = id};
	unsigned int tries;
	u16 status;

	for (tries = 0; tries < IN_USE_TRIES; tries++) {
		status = hv_status(mshv_hvcall(code, &in, sizeof(in), NULL, 0));
		if (status != HV_STATUS_OBJECT_IN_USE)
			break;
		usleep_range(100, 200);
	}
	return status;
}

/* Finalize ends the VPs and unmaps all memory; if it fails the memory is unmapped piece by piece. */
static void hv_destroy(struct mshv_partition *pt)
{
	u16 status = HV_STATUS_SUCCESS;

	if (pt->initialized)
		status = hv_end(HVCALL_FINALIZE_PARTITION, pt->id);
	if (status)
		pr_err("partition %llu: finalize: status %#x\n", pt->id, status);
	mshv_mem_destroy(pt, status != HV_STATUS_SUCCESS);
	mshv_withdraw_all(pt);
	status = hv_end(HVCALL_DELETE_PARTITION, pt->id);
	if (status)
		pr_err("partition %llu: delete: status %#x\n", pt->id, status);
}

/* ---- The object ----------------------------------------------------------------------------------- */

static void partition_free(struct mshv_partition *pt)
{
	put_pid(pt->owner);
	mmdrop(pt->mm);
	kfree_rcu(pt, rcu);
}

static struct mshv_partition *partition_alloc(void)
{
	struct mshv_partition *pt = kzalloc(sizeof(*pt), GFP_KERNEL_ACCOUNT);

	if (!pt)
		return NULL;
	refcount_set(&pt->refs, 1);
	pt->mm = current->mm;
	mmgrab(pt->mm);
	pt->owner = get_task_pid(current, PIDTYPE_TGID);
	get_task_comm(pt->owner_comm, current->group_leader);
	mutex_init(&pt->lock);
	mutex_init(&pt->mem_lock);
	mutex_init(&pt->map_lock);
	mutex_init(&pt->irqfd_lock);
	INIT_LIST_HEAD(&pt->regions);
	INIT_LIST_HEAD(&pt->irqfds);
	return pt;
}

/* The last descriptor is gone: no thread of user space is in here. A kick may still hold the objects. */
static void partition_destroy(struct mshv_partition *pt)
{
	u32 i;

	xa_erase(&mshv_partitions, pt->id);
	mshv_irqfd_destroy(pt);
	for (i = 0; i < HV_MAX_VPS; i++)
		if (pt->vps[i])
			mshv_vp_destroy(pt->vps[i]);
	hv_destroy(pt);
	partition_free(pt);
}

void mshv_partition_put(struct mshv_partition *pt)
{
	if (refcount_dec_and_test(&pt->refs))
		partition_destroy(pt);
}

bool mshv_partition_is_mine(const struct mshv_partition *pt)
{
	return current->mm == pt->mm;
}

/* ---- ioctls on a partition ------------------------------------------------------------------------- */

static int initialize(struct mshv_partition *pt)
{
	const struct hv_input_partition in = {.partition_id = pt->id};
	int ret;

	if (pt->initialized)
		return 0;
	ret = mshv_hvcall_deposit(pt, INITIALIZE_DEPOSIT, HVCALL_INITIALIZE_PARTITION, &in, sizeof(in), NULL,
				  0);
	pt->initialized = !ret;
	return ret;
}

static long locked_ioctl(struct mshv_partition *pt, unsigned int cmd, void __user *uarg)
{
	switch (cmd) {
	case MSHV_INITIALIZE_PARTITION:
		return initialize(pt);
	case MSHV_CREATE_VP:
		return mshv_vp_create(pt, uarg);
	case MSHV_SET_GUEST_MEMORY:
		return mshv_mem_set(pt, uarg);
	case MSHV_IRQFD:
		return mshv_set_irqfd(pt, uarg);
	case MSHV_SET_MSI_ROUTING:
		return mshv_set_routing(pt, uarg);
	case MSHV_GET_GPAP_ACCESS_BITMAP:
		return mshv_mem_access_bitmap(pt, uarg);
	case MSHV_IOEVENTFD:
		return -EOPNOTSUPP; /* the hypervisor has no doorbell ports */
	default:
		return -ENOTTY;
	}
}

static long partition_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mshv_partition *pt = file->private_data;
	void __user *uarg = (void __user *)arg;
	long ret;

	if (!mshv_partition_is_mine(pt))
		return -EIO;
	if (cmd == MSHV_ROOT_HVCALL) /* nothing of ours is touched: no lock */
		return mshv_root_hvcall(pt, uarg);
	if (mutex_lock_killable(&pt->lock))
		return -EINTR;
	ret = locked_ioctl(pt, cmd, uarg);
	mutex_unlock(&pt->lock);
	return ret;
}

static int partition_release(struct inode *inode, struct file *file)
{
	mshv_partition_put(file->private_data);
	return 0;
}

static const struct file_operations partition_fops = {
	.owner = THIS_MODULE,
	.release = partition_release,
	.unlocked_ioctl = partition_ioctl,
	.llseek = noop_llseek,
};

/* ---- CREATE_PARTITION ------------------------------------------------------------------------------ */

/* Last steps: visible to kicks and hvctl, then to user space. */
static int publish(struct mshv_partition *pt)
{
	struct file *file;
	int fd, ret;

	ret = xa_err(xa_store(&mshv_partitions, pt->id, pt, GFP_KERNEL));
	if (ret)
		return ret;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile("mshv_partition", &partition_fops, pt, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

long mshv_create_partition(const struct mshv_create_partition __user *uarg)
{
	struct mshv_create_partition args;
	struct mshv_partition *pt;
	int ret;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if ((args.pt_flags & ~(u64)MSHV_PT_FLAGS_MASK) || args.pt_isolation >= MSHV_PT_ISOLATION_COUNT)
		return -EINVAL;
	pt = partition_alloc();
	if (!pt)
		return -ENOMEM;
	ret = hv_create(args.pt_flags, &pt->id);
	if (ret) {
		partition_free(pt);
		return ret;
	}
	ret = publish(pt);
	if (ret < 0)
		mshv_partition_put(pt);
	return ret;
}
