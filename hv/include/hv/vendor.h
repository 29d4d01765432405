/* SPDX-License-Identifier: MIT */
/*
 * What a processor vendor must provide: one constant table for SVM, one for VMX, chosen once by
 * vendor_select(). Everything outside hv/svm and hv/vmx goes through the wrappers and never asks which
 * it is.
 */
#ifndef HV_VENDOR_H
#define HV_VENDOR_H

#include <abi/hypercall.h>
#include <hv/exit.h>
#include <hv/slat.h>
#include <stdbool.h>

struct cpu;
struct vp;

/* Callee-saved registers of the loader's call of hv_enter, as start.S pushed them. */
struct launch_frame {
	u64 r15, r14, r13, r12, rbp, rbx, rflags, rip;
};

struct vendor_ops {
	const char *name;
	u32 processor_vendor; /* HV_PROPERTY_PROCESSOR_VENDOR */
	u32 hypercall_length; /* bytes of VMMCALL or VMCALL */
	const struct slat_format *slat;
	/* Is this a processor of that kind? */
	bool (*present)(void);
	/* Boot processor: NULL, or why this machine cannot. Touches nothing. */
	const char *(*check)(void);
	/* Once, after memory exists: bitmaps and the like. */
	void (*setup)(void);
	/* This processor: NULL, or why it cannot. Turns virtualization on; disable undoes it. */
	const char *(*cpu_enable)(struct cpu *cpu);
	void (*cpu_disable)(struct cpu *cpu);
	/* The root VP becomes what runs now, to go on after hv_enter's return. */
	void (*root_capture)(struct vp *vp, const struct launch_frame *frame);
	/* The state after INIT and a SIPI with this vector. */
	void (*root_start)(struct vp *vp, u8 vector);
	/* The processor goes on natively where the root VP stands. False: it cannot from here. */
	bool (*root_release)(struct vp *vp);
	/* A child's VP at reset; control is its zeroed page. */
	void (*vp_init)(struct vp *vp);
	/* One entry and exit. exit->kind is EXIT_HANDLED when the vendor dealt with it. */
	void (*vp_run)(struct vp *vp, struct vp_exit *exit);
	/* Around a series of vp_run calls for a child: exchange what entries do not switch. */
	void (*child_begin)(struct vp *vp);
	void (*child_end)(struct vp *vp);
	/* HV_STATUS_*; set validates the value by itself. */
	u32 (*get_register)(struct vp *vp, u32 name, union hv_register_value *value);
	u32 (*set_register)(struct vp *vp, u32 name, const union hv_register_value *value);
	/* NULL, or which rule of the manual the VP's state as a whole breaks. */
	const char *(*state_invalid)(struct vp *vp);
	/* Deliver at the next entry. error_code < 0: none. */
	void (*inject_exception)(struct vp *vp, u8 vector, s64 error_code);
	void (*inject_interrupt)(struct vp *vp, u8 vector);
	void (*inject_nmi)(struct vp *vp);
	bool (*injection_pending)(struct vp *vp);
	/* The instruction after STI or MOV SS is done. */
	void (*end_shadow)(struct vp *vp);
	/* IF = 1 and no shadow: an interrupt can be injected now. Otherwise ask for an exit when it can. */
	bool (*interruptible)(struct vp *vp);
	void (*request_window)(struct vp *vp, bool on);
	/* Forget translations of this VP before the next entry. */
	void (*flush)(struct vp *vp);
	/* CR0, CR4, EFER, CR3, CPL of the VP, for walking its page tables. */
	void (*paging_state)(struct vp *vp, struct paging_state *state);
	/* Which exceptions exit, beside the vendor's own. */
	void (*intercept_exceptions)(struct vp *vp, u32 vectors);
	/* Whether MOV DR0-7 exits: while the debug registers hold the root's values it must. */
	void (*intercept_debug)(struct vp *vp, bool on);
	/* Does it run 64-bit code at CPL 0? The short form of the above, for hypercalls. */
	bool (*kernel_code64)(struct vp *vp);
	/* A physical NMI is pending: consume it. */
	void (*take_nmi)(void);
	/* Sleep until the next NMI, unless one of the flags is set already. */
	void (*wait_nmi)(const u32 *flags);
	/* For panic and for a child that broke the rules. */
	void (*dump)(struct vp *vp);
};

extern const struct vendor_ops *vendor;
extern const struct vendor_ops svm_ops;
extern const struct vendor_ops vmx_ops;

/* Binds vendor. NULL, or why no vendor's code can run here. */
const char *vendor_select(void);

#endif
