/* SPDX-License-Identifier: MIT */
/* Running a child's VP for as long as the root's thread stays in DispatchVp; and waking VPs. */
#pragma once

#include <hv/exit.h>
#include <hv/partition.h>
#include <hv/vp.h>

/* Once, before the first dispatch. */
void dispatch_init(void);
/* Runs the VP, which the caller owns, until something is to be reported. */
void dispatch_vp(struct vp *vp, struct hv_output_dispatch_vp *out);

/* Requests an interrupt or, with vector 2, an NMI on a VP of p; the partition's lock is held. A VP that
 * runs on another processor is kicked. True: the VP is blocked, its root thread must be woken. */
bool dispatch_interrupt(struct vp *target, u8 vector);
/* Leaves "wake this VP" in the SIMP page of the current root VP; the dispatch on this processor ends. */
void dispatch_signal_root(struct partition *p, u32 vp_index);
/* Makes a running VP look at its partition's and its own state again. */
void dispatch_kick(struct vp *vp);

/* msr.c: RDMSR and WRMSR of a child. */
enum msr_result { MSR_DONE, MSR_FAULT, MSR_INTERCEPT };
enum msr_result msr_child(struct vp *vp, bool write);

/* intercept.c: the message for the VMM. */
void intercept_report(struct vp *vp, const struct vp_exit *exit, u32 type);
