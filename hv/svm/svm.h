/* SPDX-License-Identifier: MIT */
/* What the files of hv/svm share among themselves. */
#pragma once

#include "vmcb.h"
#include <abi/hypercall.h>
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/vendor.h>
#include <hv/vp.h>

#define ASID_ROOT 1u
#define SVM_HIDDEN 2u

/* CPUID 0x8000000a, and what follows from exit.c's table. */
struct svm_features {
	u32 asids;
	bool nrips, flush_by_asid, decode_assists;
	u32 clean; /* VMCB clean bits: all, or none */
	u64 root_intercepts, child_intercepts;
	bool hidden[SVM_HIDDEN]; /* MSRs that child_begin() sets to 0: does the processor have them? */
};
extern struct svm_features svm_features;

/* What is kept of a VP beside its VMCB. */
struct svm_vp {
	u32 windows; /* from which set_windows() made its fields last; ~0: not yet */
};
static inline struct svm_vp *svm_vp(struct vp *vp)
{
	return (struct svm_vp *)vp->vendor;
}

/* Permission maps shared by all VPs of a kind. */
struct svm_maps {
	u8 root_msr[8192] __attribute__((aligned(4096)));
	u8 child_msr[8192];
	u8 child_io[12288];
};
extern struct svm_maps svm_maps;

static inline struct vmcb *svm_vmcb(const struct vp *vp)
{
	return vp->control;
}

/* maps.c */
void svm_setup_maps(void);
/* state.c */
u64 svm_read(struct vp *vp, enum reg reg);
void svm_write(struct vp *vp, enum reg reg, u64 value);
struct segment svm_get_segment(struct vp *vp, u32 number);
void svm_set_segment(struct vp *vp, u32 number, struct segment s);
bool svm_kernel_code64(struct vp *vp);
const char *svm_broken_rule(struct vp *vp);
void svm_dump(struct vp *vp);
/* exit.c: what is always intercepted; fills *exit from the VMCB. */
u64 svm_intercepts(bool root);
void svm_translate_exit(struct vp *vp, struct vp_exit *exit);

/* enter.S */
void svm_enter_root(u64 *gpr, u64 vmcb);
void svm_enter_child(u64 *gpr, u64 vmcb, u64 root_vmcb);
void svm_take_nmi(void);
void svm_wait_nmi(const u32 *flags);
void svm_vmsave(u64 vmcb);
void svm_vmload(u64 vmcb);
void svm_clgi(void);
