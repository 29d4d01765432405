/* SPDX-License-Identifier: MIT */
/*
 * One struct cpu per physical processor: private to it, but for what is marked [a] (atomic, anyone).
 * It is found from the stack pointer, because the segment registers belong to the guests.
 */
#pragma once

#include <abi/types.h>
#include <hv/config.h>
#include <hv/trace.h>
#include <stdbool.h>
#include <x86/asm.h>

struct vp;
struct partition;

/* Reasons to look up before the next entry into a guest. */
#define KICK_FLUSH 0x01u /* the root's nested tables changed */
#define KICK_INIT 0x02u	 /* a virtual INIT for this processor's root VP */
#define KICK_SIPI 0x04u
#define KICK_NMI 0x08u	 /* a virtual NMI for the root VP */
#define KICK_PANIC 0x10u /* hv is dying: stop */
#define KICK_VP 0x20u	 /* the running child VP has news: interrupt, flush or suspend */
#define KICK_READY 0x40u /* the root has news (SIMP, SIEFP): end the dispatch */

struct cpu {
	u32 nmi_sent; /* [a] a kick's NMI is under way; trap.S clears it when one arrives */
	u32 kicks;    /* [a] KICK_*; trap.S adds KICK_NMI for an NMI that nobody of us sent */
	u32 index;
	u32 apic_id;
	u32 entries;	 /* [a] odd while a guest runs here; changes with every entry and exit */
	u32 sipi_vector; /* [a] with KICK_SIPI */
	bool online;	 /* [a] runs its root VP */
	bool wait_sipi;	 /* INIT came, SIPI not yet */
	bool x2apic;	 /* mode of the physical local APIC, as the root set it */
	u32 logical_id;	 /* LDR and DFR as the root wrote them (xAPIC) */
	u32 logical_flat;
	struct vp *root_vp;
	struct vp *running; /* [a] the child VP that DispatchVp runs here, or NULL; others only compare it */
	struct partition *running_partition; /* [a] its partition */
	void *fpu_area;			     /* the root's extended state while a child runs */
	u64 fpu_mask;			     /* the root's XCR0 meanwhile */
	void *vendor;			     /* host save area (SVM) */
	u64 hidden[2];			     /* the root's values of MSRs that are 0 meanwhile (SVM) */
	u64 debug[4];			     /* the root's DR0-3 meanwhile, if a child uses its own */
	u64 launch_cr0, launch_cr4;	     /* the firmware's */
	u32 asid_next;
	u64 asid_generation;
	u8 *page_in;  /* hypercall input, copied once */
	u8 *page_out; /* hypercall output, copied back at the end */
	u8 *stack_top;
	struct trace trace;
};

/* trap.S knows these. */
_Static_assert(offsetof(struct cpu, nmi_sent) == 0 && offsetof(struct cpu, kicks) == 4, "trap.S");
_Static_assert(KICK_NMI == 8, "trap.S");

extern struct cpu *cpus[MAX_CPUS];
extern u32 cpu_count;

/* The address range of all stacks; outside of it (init, on the firmware's stack) there is no struct cpu. */
void cpu_stacks_are(u64 start, u64 end);
bool cpu_has_own_stack(void);
static inline struct cpu *this_cpu(void)
{
	return *(struct cpu **)((read_sp() | (STACK_SIZE - 1)) - 7);
}
