/* SPDX-License-Identifier: MIT */
/*
 * Virtual processors. A child's VP is one page of its partition's pool plus the vendor's control page;
 * root VPs come from the reservation.
 *
 * Marks: [o] only the owner: who holds it by call_take_vp(), or the processor that runs it; [a] atomic;
 * [p] the partition's lock; [c] constant after creation.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/vapic.h>
#include <stdbool.h>
#include <x86/defs.h>

struct partition;

/* gpr[] in the TLFS's order of names. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, GPRS };

/* An event to deliver, in the format that VMCB and VMCS share: 7:0 vector, 63:32 error code. */
#define EVENT_EXTERNAL (0u << 8)
#define EVENT_NMI (2u << 8)
#define EVENT_EXCEPTION (3u << 8)
#define EVENT_SOFTWARE (4u << 8) /* from here on: what happens again by itself */
#define EVENT_INT1 (5u << 8)
#define EVENT_TYPE (7u << 8)
#define EVENT_HAS_ERROR (1u << 11)
#define EVENT_VALID (1u << 31)

#define SUSPEND_EXPLICIT 1u
#define SUSPEND_INTERCEPT 2u
#define SUSPEND_DISPATCH 4u

struct vp {
	u64 gpr[GPRS];		     /* [o] svm/enter.S knows the order */
	u64 rip;		     /* [o] */
	u64 rflags;		     /* [o] */
	u64 event;		     /* [o] to deliver at the next entry, 0 = none */
	struct partition *partition; /* [c] */
	u32 index;		     /* [c] */
	u32 busy;		     /* [a] 1: someone owns it */
	void *control;		     /* [c] VMCB or VMCS page */
	u64 vendor[24];		     /* [o] what the vendor's code keeps beside that */
	struct cpu *last_cpu;	     /* [o] where it ran last */
	u32 asid;		     /* [o] valid there, in that generation */
	u64 asid_generation;	     /* [o] */
	u32 flush;		     /* [a] 1: drop translations before the next entry */
	u32 suspend;		     /* [a] SUSPEND_* */
	u32 blocked;		     /* [a] 1: its root thread sleeps until it is signalled */
	bool changed;		     /* [o] registers were set: check them as a whole before entry */
	bool halted;		     /* [o] HLT until an interrupt */
	bool window;		     /* [o] an exit is asked for when interrupts can be injected */
	bool nmi_masked;	     /* [o] from NMI to IRET */
	bool shadow;		     /* [o] STI or MOV SS holds interrupts back for one instruction */
	bool step;		     /* [o] a skipped instruction owes a single-step trap */
	bool debug_used;	     /* [o] it has touched its debug registers: they are switched, too */
	bool debug_loaded;	     /* [o] DR0-3 of the processor are its own now */
	u64 debug[4];		     /* [o] DR0-3 */
	u64 xcr0;		     /* [o] */
	u64 apic_base;		     /* [c] for a child */
	struct vapic vapic;
	u64 stimer_config;			   /* [o] HV_MSR_STIMER0_CONFIG */
	u64 stimer_count;			   /* [o] */
	u64 stimer_tsc;				   /* [o] when it expires, 0 = not armed */
	u64 told_tsc;				   /* [o] the deadline that the root knows */
	u64 message_pfn;			   /* [p] state page: intercept messages, 0 = none */
	u64 register_pfn;			   /* [p] state page: registers */
	u64 simp;				   /* [o] root VPs: message page, as in the MSR */
	u64 siefp;				   /* [o] root VPs: event flags page */
	u64 dispatches;				   /* [o] */
	u32 spins;				   /* [o] said in this dispatch: it waits for another VP */
	u64 exits[HV_EXIT_KINDS];		   /* [o] */
	u8 fpu[1024] __attribute__((aligned(64))); /* [o] XSAVE area: x87, SSE, AVX */
};
_Static_assert(sizeof(struct vp) <= 4096, "a VP is one page");
_Static_assert(offsetof(struct vp, gpr) == 0, "enter.S takes the VP for its registers");

/* A VP of a child at reset, from the partition's pool; HV_STATUS_*. The partition's lock is held, also
 * for deletion. Nobody else owns the VP, which is gone afterwards. */
u32 vp_create(struct partition *p, u32 index);
void vp_delete(struct vp *vp);

/* Advances RIP past the exit's instruction, which counts as executed: with TF set, its trap follows. */
static inline void vp_skip(struct vp *vp, u8 length)
{
	vp->rip += length;
	vp->shadow = false;
	if (vp->rflags & RFLAGS_TF)
		vp->step = true;
}

/* Trace and counters. */
static inline void vp_count_exit(struct cpu *cpu, struct vp *vp, u32 partition, const struct vp_exit *exit)
{
	u32 kind = exit->kind - 1;

	cpu->trace.entries[cpu->trace.count++ % TRACE_ENTRIES] =
		(struct trace_entry){exit->code, (u16)partition, (u16)vp->index, vp->rip, exit->info};
	vp->exits[kind < HV_EXIT_OTHER ? kind : HV_EXIT_OTHER]++;
}

/* Events for the next entry: an exception (with error code 0 where it has one), another event, an NMI if one
 * is requested and can be delivered. */
void vp_fault(struct vp *vp, u8 vector);
void vp_inject(struct vp *vp, u32 type, u8 vector);
void vp_deliver_nmi(struct vp *vp);
/* Exit: an event whose delivery was cut short (EVENT_VALID) must be delivered again. */
void vp_keep_event(struct vp *vp, u64 info);
