/* SPDX-License-Identifier: MIT */
/* What the files of hv/vmx share among themselves. */
#pragma once

#include "vmcs.h"
#include <abi/hypercall.h>
#include <hv/config.h>
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/partition.h>
#include <hv/vendor.h>
#include <hv/vp.h>

#define VPID_ROOT 1u
#define VPID_CHILD(index) (2u + (index))

/* Of the state, what no field holds: CR2, DR6 and the system call MSRs. A child writes them without exits. */
#define KEPT (REGS - REG_CR2)

/* Of a VP, beside its VMCS: what no field holds, and what neutral code asks for when another VMCS is
 * current. Lies in vp->vendor. */
struct vmx_vp {
	u32 pin, primary, exceptions, interruptibility; /* what the fields hold now */
	u8 launched;					/* VMRESUME instead of VMLAUNCH */
	u8 host_set;					/* host fields are those of this processor */
	u64 end_tsc;					/* of the dispatch, where interrupts wait */
	u64 kept[KEPT];					/* while it does not run */
};
_Static_assert(sizeof(struct vmx_vp) <= sizeof(((struct vp *)0)->vendor), "room in struct vp");

static inline struct vmx_vp *vmx_vp(struct vp *vp)
{
	return (struct vmx_vp *)vp->vendor;
}

/* Whose VMCS is current, by processor. */
extern struct vp *vmx_current[MAX_CPUS];

static inline bool vmx_is_root(const struct vp *vp)
{
	return partition_is_root(vp->partition);
}

/* caps.c: what the processor offers, and the controls that follow from it. */
struct vmx_controls {
	u32 pin, primary, secondary, exit, entry;
};
struct vmx_caps {
	u32 revision;
	u64 cr0_fixed; /* must be 1 in guests: without PE and PG, which are free (unrestricted guest) */
	u64 cr4_fixed;
	u8 timer_shift;
	bool preemption_timer, invept_single, ept_1g;
	bool flush_l1d, clear_buffers; /* this processor leaks them to guests (L1TF, MDS) */
	struct vmx_controls root, child;
};
extern struct vmx_caps vmx_caps;
const char *vmx_check(void);
void vmx_caps_init(void);

/* ept.c */
extern struct slat_format vmx_ept_format;
void vmx_ept_init(void);
u64 vmx_eptp(const struct vp *vp);
void vmx_ept_flush(const struct vp *vp);

/* maps.c */
struct vmx_maps {
	u8 root_msr[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	u8 child_msr[PAGE_SIZE];
};
extern struct vmx_maps vmx_maps;
void vmx_setup_maps(void);

/* vmx.c: makes this VP's VMCS current, and the former again. Nested uses of the same VP are fine. */
struct vp *vmx_open(struct vp *vp);
void vmx_close(struct vp *vp, struct vp *former);

/* control.c: CR0 and CR4 with all that hangs on them. The VMCS is current. */
u64 vmx_get_cr0(void);
u64 vmx_get_cr4(void);
void vmx_put_cr0(struct vp *vp, u64 value);
void vmx_put_cr4(struct vp *vp, u64 value);
void vmx_put_efer(u64 value);
void vmx_cr_exit(struct vp *vp, struct vp_exit *exit);

/* exit.c: fills *exit from the VMCS. */
void vmx_translate_exit(struct vp *vp, struct vp_exit *exit, u32 reason);

/* state.c */
u64 vmx_read(struct vp *vp, enum reg reg);
void vmx_write(struct vp *vp, enum reg reg, u64 value);
struct segment vmx_get_segment(struct vp *vp, u32 number);
void vmx_set_segment(struct vp *vp, u32 number, struct segment s);
bool vmx_kernel_code64(struct vp *vp);
void vmx_dump(struct vp *vp);

/* check.c: NULL, or the rule of SDM 27.3.1 that VM entry would find broken. */
const char *vmx_broken_rule(struct vp *vp);

/* enter.S. What the current VMCS lacks is in gpr[]. 0: it ran and left; 1: a kick came first, 2: VMLAUNCH
 * or VMRESUME failed. */
u32 vmx_enter(u64 *gpr, const u32 *kicks, u32 resume);
void vmx_exited(void);
void vmx_nmi(void);
void vmx_take_nmi(void);
