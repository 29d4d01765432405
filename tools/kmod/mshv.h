/* SPDX-License-Identifier: (GPL-2.0 OR MIT) */
/*
 * mshv.h: what the module's files share: the partition, its VPs and memory regions, and the functions
 * between files. Locks, outermost first: vp->lock, pt->lock, pt->mem_lock, pt->map_lock. Kicks come in
 * interrupt context and take none of them: they find VPs by RCU.
 */
#ifndef MSHV_H
#define MSHV_H

#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <abi/hypercall.h>
#include <abi/message.h>
#include <abi/registers.h>

#include "uapi.h"

/* Behind the includes, because printk.h comes with any of them. */
#undef pr_fmt
#define pr_fmt(fmt) "mshv: " fmt

static_assert(PAGE_SIZE == HV_PAGE_SIZE);
static_assert(sizeof(struct hv_message) == MSHV_RUN_VP_BUF_SZ);

/* One range of guest memory and the user memory behind it. [mem_lock] everything; but pages leave `mapped`
 * under map_lock. */
struct mshv_region {
	struct list_head link;
	struct mshv_partition *partition;
	u64 gfn; /* first guest page */
	u64 pages;
	unsigned long uaddr;
	bool writable;
	bool executable;
	u64 last_end;			       /* index after the last fault-around window … */
	unsigned int window;		       /* … and its size: sequential touch doubles it */
	struct xarray mapped;		       /* index in the region -> struct page that the guest has */
	struct mmu_interval_notifier notifier; /* of a read-only one, whose pages are not pinned */
};

struct mshv_partition {
	u64 id;
	refcount_t refs;      /* the partition's descriptor, and one per VP descriptor */
	struct mm_struct *mm; /* creator's; held by mmgrab, never used as another's */
	struct pid *owner;
	char owner_comm[TASK_COMM_LEN];
	atomic64_t deposited; /* pages in the hypervisor's pool of this partition */
	atomic64_t mapped;    /* pages that the guest has, and those of them that are pinned */
	atomic64_t pinned;

	struct mutex lock;
	bool initialized;		    /* [lock] */
	u32 vp_count;			    /* [lock] */
	struct mshv_vp *vps[HV_MAX_VPS];    /* [lock] to set; RCU to read */
	struct mshv_routing __rcu *routing; /* [lock] to set */
	struct list_head irqfds;	    /* [irqfd_lock] */
	struct mutex irqfd_lock;	    /* inside lock */
	bool had_irqfds;		    /* [irqfd_lock] */

	struct mutex mem_lock;
	struct list_head regions; /* [mem_lock] */
	struct mutex map_lock;	  /* mapping and unmapping against Linux' own; no allocation inside */
	struct rcu_head rcu;
};

struct mshv_vp {
	struct mshv_partition *partition;
	u32 index;
	struct page *register_page;
	struct page *message_page;

	struct mutex lock; /* one thread runs the VP; everything below but the kick */
	bool started;	   /* ExplicitSuspend has been cleared */
	bool intercepted;  /* the next dispatch clears InterceptSuspend */
	bool blocked;	   /* the hypervisor said BLOCKED: sleep before dispatching again */
	u64 entry_runtime; /* of the thread at RUN_VP */
	u64 deadline_tsc;  /* as last returned; 0 = none */
	u64 armed_tsc;	   /* what the timer stands for … */
	int armed_cpu;	   /* … and where it fires */

	int running_cpu; /* in a dispatch, or -1; read by the timer */
	bool kicked;	 /* any context: there is something to dispatch for */
	wait_queue_head_t wait;
	struct hrtimer timer;
	struct rcu_head rcu;
};

/* detect.c */
int mshv_detect(struct mshv_nacelle_version *version);

/* hvcall.c: hypercalls through per-CPU pages; any context but NMI. Sizes include rep data. */
int mshv_hvcall_init(void);
void mshv_hvcall_exit(void);
u64 mshv_hvcall(u16 code, const void *in, size_t in_sz, void *out, size_t out_sz);
u64 mshv_hvcall_rep(u16 code, u16 reps, u16 start, const void *in, size_t in_sz, void *out, size_t out_sz);
/* With interrupts off; the SIMP of this CPU is emptied before it returns. */
u64 mshv_hvcall_dispatch(const struct hv_input_dispatch_vp *in, struct hv_output_dispatch_vp *out);
int mshv_status_to_errno(u16 status);

static inline u16 hv_status(u64 result)
{
	return result & HV_RESULT_STATUS_MASK;
}

static inline u16 hv_reps_done(u64 result)
{
	return (result & HV_RESULT_REPS_MASK) >> HV_RESULT_REPS_SHIFT;
}

/* deposit.c */
int mshv_deposit(struct mshv_partition *pt, unsigned int pages);
void mshv_withdraw_all(struct mshv_partition *pt);
/* A simple call, repeated with deposits of that many pages as long as it asks for memory. 0 or -errno. */
int mshv_hvcall_deposit(struct mshv_partition *pt, unsigned int pages, u16 code, const void *in, size_t in_sz,
			void *out, size_t out_sz);

/* partition.c */
extern struct xarray mshv_partitions; /* by id; entries freed after a grace period */
long mshv_create_partition(const struct mshv_create_partition __user *uarg);
void mshv_partition_put(struct mshv_partition *pt);
bool mshv_partition_is_mine(const struct mshv_partition *pt);

/* memory.c: guest memory from the caller's mappings */
int mshv_mem_set(struct mshv_partition *pt, const struct mshv_user_mem_region __user *uarg);
/* 0: mapped, dispatch again; 1: not memory, the VMM's business; -errno: could not be had. */
int mshv_mem_fault(struct mshv_partition *pt, u64 gpa, u8 access);
void mshv_mem_destroy(struct mshv_partition *pt, bool still_mapped);

/* access.c */
int mshv_mem_access_bitmap(struct mshv_partition *pt, struct mshv_gpap_access_bitmap __user *uarg);

/* vp.c, run.c */
long mshv_vp_create(struct mshv_partition *pt, const struct mshv_create_vp __user *uarg);
void mshv_vp_destroy(struct mshv_vp *vp);
void mshv_run_init(struct mshv_vp *vp);
long mshv_run_vp(struct mshv_vp *vp, struct mshv_run_vp __user *uarg);

/* kick.c: waking VP threads; any context but NMI */
void mshv_kick(struct mshv_vp *vp);
void mshv_kick_index(struct mshv_partition *pt, u32 index);
void mshv_kick_all(struct mshv_partition *pt);
void mshv_kick_message(const struct hv_message *message);

/* passthru.c */
long mshv_root_hvcall(struct mshv_partition *pt, struct mshv_root_hvcall __user *uarg);

/* irqfd.c */
int mshv_irqfd_init(void);
void mshv_irqfd_exit(void);
int mshv_set_irqfd(struct mshv_partition *pt, const struct mshv_user_irqfd __user *uarg);
int mshv_set_routing(struct mshv_partition *pt, const struct mshv_user_irq_table __user *uarg);
void mshv_irqfd_destroy(struct mshv_partition *pt);

/* report.c: for hvctl */
long mshv_report_ioctl(unsigned int cmd, void __user *uarg, const struct mshv_nacelle_version *version);

#endif
