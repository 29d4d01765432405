// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * vp.c: a virtual processor's descriptor: creation, its two shared pages, its ioctls. Running it is
 * run.c. A VP lives as long as its partition; its descriptor holds a reference on that.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mshv.h"

#define CREATE_VP_DEPOSIT 2 /* pages at a time */

/* ---- In the hypervisor ----------------------------------------------------------------------------- */

static int hv_create_vp(struct mshv_vp *vp)
{
	const struct hv_input_create_vp in = {.partition_id = vp->partition->id, .vp_index = vp->index};

	return mshv_hvcall_deposit(vp->partition, CREATE_VP_DEPOSIT, HVCALL_CREATE_VP, &in, sizeof(in), NULL,
				   0);
}

static void hv_delete_vp(struct mshv_vp *vp)
{
	const struct hv_input_delete_vp in = {.partition_id = vp->partition->id, .vp_index = vp->index};

	mshv_hvcall(HVCALL_DELETE_VP, &in, sizeof(in), NULL, 0);
}

static int hv_map_state_page(struct mshv_vp *vp, u16 type, struct page *page)
{
	const struct hv_input_map_vp_state_page in = {
		.partition_id = vp->partition->id,
		.vp_index = vp->index,
		.type = type,
		.flags = HV_VP_STATE_PAGE_LOCATION_GIVEN,
		.requested_pfn = page_to_pfn(page),
	};
	u64 pfn = 0;

	return mshv_hvcall_deposit(vp->partition, 1, HVCALL_MAP_VP_STATE_PAGE, &in, sizeof(in), &pfn, 8);
}

/* The hypervisor writes to a state page until this succeeds: otherwise the page is lost for good. */
static void unmap_state_page(struct mshv_vp *vp, u16 type, struct page **page)
{
	const struct hv_input_unmap_vp_state_page in = {
		.partition_id = vp->partition->id,
		.vp_index = vp->index,
		.type = type,
	};
	u16 status;

	if (!*page)
		return;
	status = hv_status(mshv_hvcall(HVCALL_UNMAP_VP_STATE_PAGE, &in, sizeof(in), NULL, 0));
	if (status)
		pr_err("partition %llu VP %u: state page %u stays mapped: status %#x\n", in.partition_id,
		       vp->index, type, status);
	else
		put_page(*page);
	*page = NULL;
}

static int map_state_page(struct mshv_vp *vp, u16 type, struct page **page)
{
	int ret;

	*page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!*page)
		return -ENOMEM;
	ret = hv_map_state_page(vp, type, *page);
	if (ret) {
		put_page(*page);
		*page = NULL;
	}
	return ret;
}

/* No thread is inside, none comes back; a kick may still hold the object. The VP itself ends with its
 * partition. */
void mshv_vp_destroy(struct mshv_vp *vp)
{
	hrtimer_cancel(&vp->timer);
	unmap_state_page(vp, HV_VP_STATE_PAGE_REGISTERS, &vp->register_page);
	unmap_state_page(vp, HV_VP_STATE_PAGE_INTERCEPT_MESSAGE, &vp->message_page);
	kfree_rcu(vp, rcu);
}

/* ---- The descriptor -------------------------------------------------------------------------------- */

static long vp_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mshv_vp *vp = file->private_data;
	void __user *uarg = (void __user *)arg;
	long ret;

	if (!mshv_partition_is_mine(vp->partition))
		return -EIO;
	if (mutex_lock_killable(&vp->lock))
		return -EINTR;
	switch (cmd) {
	case MSHV_RUN_VP:
		ret = mshv_run_vp(vp, uarg);
		break;
	case MSHV_ROOT_HVCALL:
		ret = mshv_root_hvcall(vp->partition, uarg);
		break;
	case MSHV_GET_VP_STATE:
	case MSHV_SET_VP_STATE:
		ret = -EOPNOTSUPP; /* the hypervisor has no such calls; registers go by ROOT_HVCALL */
		break;
	default:
		ret = -ENOTTY;
	}
	mutex_unlock(&vp->lock);
	return ret;
}

static struct page *shared_page(const struct mshv_vp *vp, unsigned long offset)
{
	if (offset == MSHV_VP_MMAP_OFFSET_REGISTERS)
		return vp->register_page;
	if (offset == MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE)
		return vp->message_page;
	return NULL;
}

static vm_fault_t vp_fault(struct vm_fault *vmf)
{
	struct page *page = shared_page(vmf->vma->vm_file->private_data, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct vp_vm_ops = {
	.fault = vp_fault,
};

static int vp_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff >= MSHV_VP_MMAP_OFFSET_COUNT || vma_pages(vma) != 1)
		return -EINVAL;
	if (!shared_page(file->private_data, vma->vm_pgoff))
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff == MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE) {
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
		vma->vm_flags &= ~VM_MAYWRITE;
	}
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY;
	vma->vm_ops = &vp_vm_ops;
	return 0;
}

static int vp_release(struct inode *inode, struct file *file)
{
	struct mshv_vp *vp = file->private_data;

	mshv_partition_put(vp->partition);
	return 0;
}

static const struct file_operations vp_fops = {
	.owner = THIS_MODULE,
	.release = vp_release,
	.unlocked_ioctl = vp_ioctl,
	.mmap = vp_mmap,
	.llseek = noop_llseek,
};

/* ---- CREATE_VP ------------------------------------------------------------------------------------- */

static int vp_setup(struct mshv_vp *vp)
{
	int ret = map_state_page(vp, HV_VP_STATE_PAGE_REGISTERS, &vp->register_page);

	return ret ?: map_state_page(vp, HV_VP_STATE_PAGE_INTERCEPT_MESSAGE, &vp->message_page);
}

static struct mshv_vp *vp_alloc(struct mshv_partition *pt, u32 index)
{
	struct mshv_vp *vp = kzalloc(sizeof(*vp), GFP_KERNEL_ACCOUNT);

	if (!vp)
		return NULL;
	vp->partition = pt;
	vp->index = index;
	mshv_run_init(vp);
	return vp;
}

/* Kicks must find the VP before user space can run it, so the descriptor comes last. */
static int vp_publish(struct mshv_vp *vp)
{
	struct mshv_partition *pt = vp->partition;
	int fd;

	WRITE_ONCE(pt->vps[vp->index], vp);
	refcount_inc(&pt->refs);
	fd = anon_inode_getfd("mshv_vp", &vp_fops, vp, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		WRITE_ONCE(pt->vps[vp->index], NULL);
		refcount_dec(&pt->refs); /* the caller's descriptor has one more */
		return fd;
	}
	pt->vp_count++;
	return fd;
}

long mshv_vp_create(struct mshv_partition *pt, const struct mshv_create_vp __user *uarg)
{
	struct mshv_create_vp args;
	struct mshv_vp *vp;
	int ret;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if (args.vp_index >= HV_MAX_VPS)
		return -EINVAL;
	if (pt->vps[args.vp_index])
		return -EEXIST;
	vp = vp_alloc(pt, args.vp_index);
	if (!vp)
		return -ENOMEM;
	ret = hv_create_vp(vp);
	if (ret) {
		mshv_vp_destroy(vp);
		return ret;
	}
	ret = vp_setup(vp);
	if (!ret)
		ret = vp_publish(vp);
	if (ret < 0) {
		hv_delete_vp(vp);
		mshv_vp_destroy(vp);
	}
	return ret;
}
