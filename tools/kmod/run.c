// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * run.c: RUN_VP. A VP runs only while its thread sits in DispatchVp here, so the kernel's scheduler, its
 * cgroups and its signals govern guests as they govern processes. The hypervisor keeps no timers: what
 * a VP waits for is an hrtimer of ours.
 */
#include <asm/tsc.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <linux/vtime.h>

#include "mshv.h"

#define SIGNAL_FLAGS (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL)
#define RESUME_WORK_NS (4 * NSEC_PER_MSEC)

enum run_next {
	RUN_AGAIN,
	RUN_DONE, /* a message for the VMM; or an errno instead of any of these */
};

/* Usually on the CPU that runs the VP, whose dispatch this interrupt has ended; else that CPU gets one. */
static enum hrtimer_restart vp_deadline(struct hrtimer *timer)
{
	struct mshv_vp *vp = container_of(timer, struct mshv_vp, timer);
	int cpu = READ_ONCE(vp->running_cpu);

	mshv_kick(vp);
	if (cpu >= 0 && cpu != smp_processor_id())
		smp_send_reschedule(cpu);
	return HRTIMER_NORESTART;
}

void mshv_run_init(struct mshv_vp *vp)
{
	mutex_init(&vp->lock);
	vp->running_cpu = -1;
	init_waitqueue_head(&vp->wait);
	hrtimer_init(&vp->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	vp->timer.function = vp_deadline;
}

/* Nanoseconds from now, never too early: the division rounds down, so add one. */
static u64 ns_until(u64 deadline_tsc)
{
	u64 now = rdtsc_ordered();
	u64 ticks = deadline_tsc > now ? deadline_tsc - now : 0;

	/* No deadline is worth more than a day; clipping it costs one dispatch. */
	ticks = min_t(u64, ticks, (u64)tsc_khz * 1000 * 86400);
	return mul_u64_u32_div(ticks, 1000000, tsc_khz) + 1;
}

/*
 * Interrupts off. The timer's interrupt ends a dispatch on the CPU where it fires, so it is pinned and
 * follows the thread. A deadline still there after it fired (a little early) is armed once more.
 */
static void arm_timer(struct mshv_vp *vp)
{
	if (vp->armed_tsc == vp->deadline_tsc &&
	    (!vp->deadline_tsc || (vp->armed_cpu == smp_processor_id() && hrtimer_active(&vp->timer))))
		return;
	vp->armed_tsc = vp->deadline_tsc;
	vp->armed_cpu = smp_processor_id();
	if (vp->deadline_tsc)
		hrtimer_start(&vp->timer, ns_to_ktime(ns_until(vp->deadline_tsc)), HRTIMER_MODE_REL_PINNED);
	else
		hrtimer_try_to_cancel(&vp->timer); /* one that runs now is a needless kick */
}

/*
 * Work that wants this thread back in user mode without haste: NUMA hints, memory.high, and, whenever the
 * thread has slept, restartable sequences. A guest that often idles would leave for the last one alone at
 * each wake-up, so all of it waits until the thread has used some CPU time in here.
 */
static bool resume_work_is_due(const struct mshv_vp *vp)
{
	return test_thread_flag(TIF_NOTIFY_RESUME) &&
	       current->se.sum_exec_runtime - vp->entry_runtime >= RESUME_WORK_NS;
}

static bool thread_has_work(const struct mshv_vp *vp)
{
	return read_thread_flags() & (SIGNAL_FLAGS | _TIF_NEED_RESCHED) || resume_work_is_due(vp);
}

/*
 * One dispatch. Interrupts stay off from the last look at the thread's work until the hypervisor has
 * the CPU: an interrupt that comes in between ends the dispatch at once instead of being forgotten. It
 * is taken here, where the time still counts as the guest's.
 */
static int dispatch(struct mshv_vp *vp, struct hv_output_dispatch_vp *out)
{
	const struct hv_input_dispatch_vp in = {
		.partition_id = vp->partition->id,
		.vp_index = vp->index,
		.flags = HV_DISPATCH_ENABLE_CALLER_INTERRUPTS |
			 (vp->intercepted ? HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND : 0),
	};
	u16 status;

	preempt_disable();
	local_irq_disable();
	if (thread_has_work(vp)) {
		local_irq_enable();
		preempt_enable();
		return -EAGAIN;
	}
	WRITE_ONCE(vp->kicked, false);
	WRITE_ONCE(vp->running_cpu, smp_processor_id());
	arm_timer(vp);
	vtime_account_guest_enter();
	status = hv_status(mshv_hvcall_dispatch(&in, out));
	local_irq_enable();
	/* STI takes effect after the next instruction: there must be one. */
	asm volatile("nop");
	local_irq_disable();
	WRITE_ONCE(vp->running_cpu, -1);
	vtime_account_guest_exit();
	local_irq_enable();
	preempt_enable();

	if (status) {
		pr_err_ratelimited("partition %llu VP %u: dispatch answers status %#x\n", vp->partition->id,
				   vp->index, status);
		return mshv_status_to_errno(status);
	}
	vp->intercepted = false;
	vp->deadline_tsc = out->deadline_tsc;
	return 0;
}

/* The thread's own work goes first: signals end the ioctl, the scheduler may have the CPU. */
static int do_pending_work(const struct mshv_vp *vp)
{
	if (read_thread_flags() & SIGNAL_FLAGS || resume_work_is_due(vp))
		return -EINTR;
	cond_resched();
	return 0;
}

/* Sleeps until there is something to dispatch for. The timer of the last deadline runs already or is
 * armed here. */
static int wait_for_kick(struct mshv_vp *vp)
{
	local_irq_disable();
	arm_timer(vp);
	local_irq_enable();
	if (wait_event_interruptible(vp->wait, READ_ONCE(vp->kicked)))
		return -EINTR;
	vp->blocked = false;
	return 0;
}

static int clear_explicit_suspend(struct mshv_vp *vp)
{
	const struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc suspend;
	} in = {
		.head = {.partition_id = vp->partition->id, .vp_index = vp->index},
		.suspend = {.name = HV_REGISTER_EXPLICIT_SUSPEND},
	};
	u64 result = mshv_hvcall_rep(HVCALL_SET_VP_REGISTERS, 1, 0, &in, sizeof(in), NULL, 0);

	vp->started = !hv_status(result);
	return mshv_status_to_errno(hv_status(result));
}

/* First touch of memory is served here; everything else is for the VMM. New memory may have made resume
 * work that is meant to slow the thread down: that does not wait. */
static int handle_intercept(struct mshv_vp *vp)
{
	const struct hv_message *message = page_address(vp->message_page);
	const struct hv_x64_memory_intercept *fault = (const void *)message->payload;
	int ret;

	vp->intercepted = true;
	if (message->type != HVMSG_UNMAPPED_GPA)
		return RUN_DONE;
	ret = mshv_mem_fault(vp->partition, fault->gpa, fault->header.access_type);
	if (ret)
		return ret < 0 ? ret : RUN_DONE;
	return test_thread_flag(TIF_NOTIFY_RESUME) ? -EINTR : RUN_AGAIN;
}

static int run_once(struct mshv_vp *vp)
{
	struct hv_output_dispatch_vp out = {};
	int ret = dispatch(vp, &out);

	if (ret == -EAGAIN)
		return do_pending_work(vp);
	if (ret)
		return ret;
	if (out.dispatch_event == HV_VP_DISPATCH_EVENT_INTERCEPT)
		return handle_intercept(vp);
	if (out.dispatch_event == HV_VP_DISPATCH_EVENT_SUSPEND)
		vp->deadline_tsc = 0; /* until the VMM says otherwise, whatever timers do */
	if (out.dispatch_state == HV_VP_DISPATCH_BLOCKED)
		vp->blocked = true;
	else if (out.dispatch_event == HV_EXT_VP_DISPATCH_EVENT_LONG_SPIN)
		yield(); /* what it waits for may be held by a VP that waits for this CPU */
	else
		cond_resched();
	return RUN_AGAIN;
}

static int run(struct mshv_vp *vp)
{
	int ret = vp->started ? 0 : clear_explicit_suspend(vp);

	vp->entry_runtime = current->se.sum_exec_runtime;
	while (ret == RUN_AGAIN) {
		if (vp->blocked)
			ret = wait_for_kick(vp);
		if (!ret)
			ret = run_once(vp);
	}
	return ret;
}

long mshv_run_vp(struct mshv_vp *vp, struct mshv_run_vp __user *uarg)
{
	int ret = run(vp);

	if (ret < 0)
		return ret;
	if (copy_to_user(uarg->msg_buf, page_address(vp->message_page), sizeof(uarg->msg_buf)))
		return -EFAULT;
	return 0;
}
