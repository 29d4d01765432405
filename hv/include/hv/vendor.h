/* SPDX-License-Identifier: MIT */
/*
 * What a processor vendor must provide: one constant table for SVM, one for VMX, chosen once by
 * main.c. Everything outside hv/svm and hv/vmx goes through the wrappers and never asks which
 * it is.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/exit.h>
#include <hv/slat.h>
#include <hv/state.h>
#include <stdbool.h>
#include <x86/defs.h>

struct cpu;
struct vp;

struct vendor_ops {
	const char *name;
	u32 processor_vendor; /* HV_PROPERTY_PROCESSOR_VENDOR */
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
	/* The VP's control structures, in the state of state_reset(). A child's control page is zeroed. */
	void (*vp_init)(struct vp *vp);
	/* One entry and exit. exit->kind is EXIT_HANDLED when the vendor dealt with it. */
	void (*vp_run)(struct vp *vp, struct vp_exit *exit);
	/* The same for a root VP that ran, on its processor: also what entries do not switch. */
	void (*root_reset)(struct vp *vp);
	/* Around a series of vp_run calls for a child: exchange what entries do not switch. */
	void (*child_begin)(struct vp *vp);
	void (*child_end)(struct vp *vp);
	/* The state by parts; set without any check. */
	u64 (*read)(struct vp *vp, enum reg reg);
	void (*write)(struct vp *vp, enum reg reg, u64 value);
	struct segment (*get_segment)(struct vp *vp, u32 number);
	void (*set_segment)(struct vp *vp, u32 number, struct segment s);
	/* NULL, or which rule of the vendor's own the VP's state breaks. */
	const char *(*broken_rule)(struct vp *vp);
	/* Does it run 64-bit code at CPL 0? */
	bool (*kernel_code64)(struct vp *vp);
	/* Forget translations of this VP before the next entry. */
	void (*flush)(struct vp *vp);
	/* A physical NMI is pending: consume it. */
	void (*take_nmi)(void);
	/* Sleep until the next NMI, unless one of the flags is set already. */
	void (*wait_nmi)(const u32 *flags);
	/* Control fields for the log. */
	void (*dump)(struct vp *vp);
};

/* Exceptions of a child that exit: delivering #AC or #DB can repeat for ever without taking interrupts; #MC
 * is the root's. */
#define EXCEPTIONS_ALWAYS (1u << EXC_DB | 1u << EXC_AC | 1u << EXC_MC)

/* msr.c: what both vendors let exit. set_msr: of one map, whether reads and writes (SLAT_READ, SLAT_WRITE)
 * exit. */
void msr_set_maps(u8 *root, u8 *child, void (*set_msr)(u8 *map, u32 index, u32 exits));

extern const struct vendor_ops *vendor;
extern const struct vendor_ops svm_ops;
extern const struct vendor_ops vmx_ops;
