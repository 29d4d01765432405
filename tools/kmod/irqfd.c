// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * irqfd.c: an eventfd that asserts an interrupt in the guest. SET_MSI_ROUTING says which interrupt a gsi
 * is, IRQFD ties an eventfd to a gsi; a write to the eventfd then goes to the hypervisor straight from
 * the writer's context. Interrupts are edges: there is nothing to resample.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "mshv.h"

struct mshv_routing {
	struct rcu_head rcu;
	u32 count;
	struct mshv_user_irq_entry entries[];
};

struct mshv_irqfd {
	struct mshv_partition *partition;
	struct eventfd_ctx *eventfd;
	u32 gsi;
	struct list_head link; /* [irqfd_lock]; empty once somebody has taken it out to end it */
	wait_queue_entry_t wait;
	poll_table poll;
	struct work_struct shutdown; /* the eventfd was closed under us */
};

static struct workqueue_struct *shutdown_queue;

/* ---- Asserting ------------------------------------------------------------------------------------ */

static bool route(struct mshv_partition *pt, u32 gsi, struct mshv_user_irq_entry *entry)
{
	const struct mshv_routing *routing;
	bool found = false;
	u32 i;

	rcu_read_lock();
	routing = rcu_dereference(pt->routing);
	for (i = 0; routing && i < routing->count && !found; i++) {
		found = routing->entries[i].gsi == gsi;
		*entry = routing->entries[i];
	}
	rcu_read_unlock();
	return found;
}

static void assert_gsi(struct mshv_partition *pt, u32 gsi)
{
	struct hv_input_assert_virtual_interrupt in = {.partition_id = pt->id};
	struct mshv_user_irq_entry entry;
	u16 status;

	if (!route(pt, gsi, &entry))
		return;
	in.dest_addr = (entry.address_hi & 0xffffff00) | (entry.address_lo >> 12 & 0xff);
	in.requested_vector = entry.data & 0xff;
	status = hv_status(mshv_hvcall(HVCALL_ASSERT_VIRTUAL_INTERRUPT, &in, sizeof(in), NULL, 0));
	if (status)
		pr_warn_ratelimited("partition %llu: interrupt %u for VP %llu: status %#x\n", pt->id,
				    in.requested_vector, in.dest_addr, status);
	else
		mshv_kick_index(pt, min_t(u64, in.dest_addr, HV_MAX_VPS));
}

/* Under the eventfd's lock, interrupts off. */
static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct mshv_irqfd *irqfd = container_of(wait, struct mshv_irqfd, wait);
	__poll_t events = key_to_poll(key);
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		assert_gsi(irqfd->partition, irqfd->gsi);
	}
	if (events & EPOLLHUP)
		queue_work(shutdown_queue, &irqfd->shutdown);
	return 0;
}

/* ---- Ending --------------------------------------------------------------------------------------- */

/* For whoever took it off the list. Once the wait entry is off no new work comes from the eventfd; work
 * that is under way sees the empty link and leaves, and must be gone before the memory goes. */
static void irqfd_end(struct mshv_irqfd *irqfd, bool in_work)
{
	u64 count;

	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	if (!in_work)
		cancel_work_sync(&irqfd->shutdown);
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

static void irqfd_shutdown(struct work_struct *work)
{
	struct mshv_irqfd *irqfd = container_of(work, struct mshv_irqfd, shutdown);
	struct mshv_partition *pt = irqfd->partition;
	bool mine;

	mutex_lock(&pt->irqfd_lock);
	mine = !list_empty(&irqfd->link);
	list_del_init(&irqfd->link);
	mutex_unlock(&pt->irqfd_lock);
	if (mine)
		irqfd_end(irqfd, true);
}

/* Takes the first one that matches off the list. NULL as eventfd: any. */
static struct mshv_irqfd *irqfd_take(struct mshv_partition *pt, const struct eventfd_ctx *eventfd, u32 gsi)
{
	struct mshv_irqfd *irqfd, *found = NULL;

	mutex_lock(&pt->irqfd_lock);
	list_for_each_entry(irqfd, &pt->irqfds, link) {
		if (eventfd && (irqfd->eventfd != eventfd || irqfd->gsi != gsi))
			continue;
		found = irqfd;
		list_del_init(&found->link);
		break;
	}
	mutex_unlock(&pt->irqfd_lock);
	return found;
}

void mshv_irqfd_destroy(struct mshv_partition *pt)
{
	struct mshv_routing *routing = rcu_dereference_protected(pt->routing, true);
	struct mshv_irqfd *irqfd;
	bool any = false;

	while ((irqfd = irqfd_take(pt, NULL, 0))) {
		irqfd_end(irqfd, false);
		any = true;
	}
	/* One that its own work had taken out is finished there. */
	if (any || pt->had_irqfds)
		flush_workqueue(shutdown_queue);
	if (routing)
		kfree_rcu(routing, rcu);
}

/* ---- IRQFD ---------------------------------------------------------------------------------------- */

static void irqfd_queue(struct file *file, wait_queue_head_t *head, poll_table *poll)
{
	add_wait_queue(head, &container_of(poll, struct mshv_irqfd, poll)->wait);
}

static bool irqfd_exists(struct mshv_partition *pt, const struct eventfd_ctx *eventfd)
{
	struct mshv_irqfd *irqfd;

	list_for_each_entry(irqfd, &pt->irqfds, link)
		if (irqfd->eventfd == eventfd)
			return true;
	return false;
}

static struct mshv_irqfd *irqfd_new(struct mshv_partition *pt, struct eventfd_ctx *eventfd, u32 gsi)
{
	struct mshv_irqfd *irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);

	if (!irqfd)
		return NULL;
	irqfd->partition = pt;
	irqfd->eventfd = eventfd;
	irqfd->gsi = gsi;
	INIT_WORK(&irqfd->shutdown, irqfd_shutdown);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_queue);
	return irqfd;
}

/* The file is held, so it cannot be closed before the list has the new entry. */
static int irqfd_assign(struct mshv_partition *pt, struct file *file, struct eventfd_ctx *eventfd, u32 gsi)
{
	struct mshv_irqfd *irqfd;
	int ret = -EBUSY;

	mutex_lock(&pt->irqfd_lock);
	if (irqfd_exists(pt, eventfd))
		goto unlock;
	ret = -ENOMEM;
	irqfd = irqfd_new(pt, eventfd, gsi);
	if (!irqfd)
		goto unlock;
	list_add(&irqfd->link, &pt->irqfds);
	pt->had_irqfds = true;
	if (vfs_poll(file, &irqfd->poll) & EPOLLIN)
		assert_gsi(pt, gsi);
	ret = 0;
unlock:
	mutex_unlock(&pt->irqfd_lock);
	return ret;
}

static int irqfd_deassign(struct mshv_partition *pt, const struct eventfd_ctx *eventfd, u32 gsi)
{
	struct mshv_irqfd *irqfd = irqfd_take(pt, eventfd, gsi);

	if (!irqfd)
		return -ENOENT;
	irqfd_end(irqfd, false);
	return 0;
}

int mshv_set_irqfd(struct mshv_partition *pt, const struct mshv_user_irqfd __user *uarg)
{
	struct mshv_user_irqfd args;
	struct eventfd_ctx *eventfd;
	struct fd fd;
	int ret;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;
	if (args.flags & ~MSHV_IRQFD_FLAGS_MASK || args.gsi >= MSHV_MAX_GUEST_IRQS)
		return -EINVAL;
	if (args.flags & BIT(MSHV_IRQFD_BIT_RESAMPLE))
		return -EOPNOTSUPP;
	fd = fdget(args.fd);
	if (!fd.file)
		return -EBADF;
	eventfd = eventfd_ctx_fileget(fd.file);
	if (IS_ERR(eventfd)) {
		ret = PTR_ERR(eventfd);
		goto put_file;
	}
	if (args.flags & BIT(MSHV_IRQFD_BIT_DEASSIGN)) {
		ret = irqfd_deassign(pt, eventfd, args.gsi);
		eventfd_ctx_put(eventfd);
	} else {
		ret = irqfd_assign(pt, fd.file, eventfd, args.gsi);
		if (ret)
			eventfd_ctx_put(eventfd);
	}
put_file:
	fdput(fd);
	return ret;
}

/* ---- SET_MSI_ROUTING ------------------------------------------------------------------------------ */

static bool routing_is_valid(const struct mshv_routing *routing)
{
	u32 i;

	for (i = 0; i < routing->count; i++)
		if (routing->entries[i].gsi >= MSHV_MAX_GUEST_IRQS)
			return false;
	return true;
}

int mshv_set_routing(struct mshv_partition *pt, const struct mshv_user_irq_table __user *uarg)
{
	struct mshv_routing *routing, *old;
	struct mshv_user_irq_table head;

	if (copy_from_user(&head, uarg, sizeof(head)))
		return -EFAULT;
	if (head.nr > MSHV_MAX_GUEST_IRQS || head.rsvd)
		return -EINVAL;
	routing = kzalloc(struct_size(routing, entries, head.nr), GFP_KERNEL_ACCOUNT);
	if (!routing)
		return -ENOMEM;
	routing->count = head.nr;
	if (copy_from_user(routing->entries, uarg->entries, array_size(head.nr, sizeof(uarg->entries[0])))) {
		kfree(routing);
		return -EFAULT;
	}
	if (!routing_is_valid(routing)) {
		kfree(routing);
		return -EINVAL;
	}
	old = rcu_replace_pointer(pt->routing, routing, lockdep_is_held(&pt->lock));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

int mshv_irqfd_init(void)
{
	shutdown_queue = alloc_workqueue("mshv-irqfd", 0, 0);
	return shutdown_queue ? 0 : -ENOMEM;
}

void mshv_irqfd_exit(void)
{
	destroy_workqueue(shutdown_queue);
}
