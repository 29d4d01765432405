/* SPDX-License-Identifier: MIT */
/* What the files of hv/vmx share among themselves. */
#ifndef VMX_VMX_H
#define VMX_VMX_H

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

/* MSRs that a child writes without exits and VM entries do not switch. */
enum { SWITCH_STAR, SWITCH_LSTAR, SWITCH_CSTAR, SWITCH_SFMASK, SWITCH_KERNEL_GS_BASE, SWITCHED };

/* Of a VP, beside its VMCS: what no field holds, and what neutral code asks for when another VMCS is
 * current. Lies in vp->vendor. */
struct vmx_vp {
	u32 event; /* to inject at the next entry; 0 = none */
	u32 event_error;
	u32 interruptibility; /* written back at entry if it differs from what the field holds */
	u32 interruptibility_field;
	u32 pin, primary; /* what the fields hold now */
	u32 exceptions;
	u8 launched;	/* VMRESUME instead of VMLAUNCH */
	u8 host_set;	/* host fields are those of this processor */
	u8 window;	/* an exit is wanted when interrupts can be injected */
	u8 debug_exits; /* MOV DR exits */
	u8 step;	/* a skipped instruction owes a single-step trap */
	u64 cr2, dr6;	/* children, outside of a dispatch */
	u64 msr[SWITCHED];
};
_Static_assert(sizeof(struct vmx_vp) <= sizeof(((struct vp *)0)->vendor), "room in struct vp");

static inline struct vmx_vp *vmx_vp(struct vp *vp)
{
	return (struct vmx_vp *)vp->vendor;
}

/* Per processor. */
struct vmx_cpu {
	struct vp *current; /* whose VMCS is current */
	u64 launch_cr0;	    /* the firmware's, before VMXON forced bits */
	u64 root_cr2, root_dr6;
	u64 root_msr[SWITCHED];
	u32 host_nmi; /* an NMI arrived while hv ran */
};
extern struct vmx_cpu vmx_cpus[MAX_CPUS];

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
	u64 cr4_child; /* bits that a child may set */
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
void vmx_set_event(struct vp *vp, u32 event, u32 error);

/* control.c: CR0 and CR4 with all that hangs on them. The VMCS is current. */
u64 vmx_get_cr0(void);
u64 vmx_get_cr4(void);
void vmx_put_cr0(struct vp *vp, u64 value);
void vmx_put_cr4(struct vp *vp, u64 value);
void vmx_put_efer(u64 value);
void vmx_cr_exit(struct vp *vp, struct vp_exit *exit);

/* root.c */
void vmx_root_capture(struct vp *vp, const struct launch_frame *frame);
void vmx_root_start(struct vp *vp, u8 vector);
bool vmx_root_release(struct vp *vp);
void vmx_write_segment(u32 segment, u16 selector, u32 rights, u32 limit, u64 base);
void vmx_write_constants(struct vp *vp, const struct vmx_controls *c, u64 msr_bitmap, u16 vpid);

/* exit.c: fills *exit from the VMCS. */
void vmx_translate_exit(struct vp *vp, struct vp_exit *exit, u32 reason);

/* state.c */
u32 vmx_get_register(struct vp *vp, u32 name, union hv_register_value *value);
u32 vmx_set_register(struct vp *vp, u32 name, const union hv_register_value *value);
const char *vmx_state_invalid(struct vp *vp);
void vmx_paging_state(struct vp *vp, struct paging_state *state);
bool vmx_kernel_code64(struct vp *vp);

/* check.c: NULL, or the rule of SDM 27.3.1 that VM entry would find broken. The VMCS is current. */
const char *vmx_check_guest(struct vp *vp);
/* dump.c */
void vmx_dump(struct vp *vp);

/* enter.S. What the current VMCS lacks is in gpr[]. 0: it ran and left; 1: a kick came first, 2: VMLAUNCH
 * or VMRESUME failed. */
u32 vmx_enter(u64 *gpr, const u32 *kicks, u32 resume);
void vmx_exited(void);
void vmx_nmi(void);
void vmx_take_nmi(void);
void vmx_release(const void *state) __attribute__((noreturn));

#endif
