/* SPDX-License-Identifier: MIT */
/* What the files of hv/svm share among themselves. */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include "vmcb.h"
#include <abi/hypercall.h>
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/vendor.h>
#include <hv/vp.h>

#define ASID_ROOT 1u

/* CPUID 0x8000000a. */
struct svm_features {
	u32 asids;
	u64 efer; /* bits a guest may set */
	bool nrips, flush_by_asid, clean_bits, decode_assists;
};
extern struct svm_features svm_features;

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
u32 svm_get_register(struct vp *vp, u32 name, union hv_register_value *value);
u32 svm_set_register(struct vp *vp, u32 name, const union hv_register_value *value);
const char *svm_state_invalid(struct vp *vp);
void svm_paging_state(struct vp *vp, struct paging_state *state);
bool svm_kernel_code64(struct vp *vp);
/* root.c */
void svm_root_capture(struct vp *vp, const struct launch_frame *frame);
void svm_root_start(struct vp *vp, u8 vector);
bool svm_root_release(struct vp *vp);
/* exit.c: fills *exit from the VMCB. */
void svm_translate_exit(struct vp *vp, struct vp_exit *exit);
/* dump.c */
void svm_dump(struct vp *vp);
/* check.c: NULL, or the rule of APM2 15.5.1 that VMRUN would find broken. */
const char *svm_check_vmcb(const struct vmcb *v);

/* enter.S */
void svm_enter_root(u64 vmcb, u64 *gpr);
void svm_enter_child(u64 vmcb, u64 *gpr, u64 root_vmcb);
void svm_take_nmi(void);
void svm_wait_nmi(const u32 *flags);
void svm_vmsave(u64 vmcb);
void svm_vmload(u64 vmcb);
void svm_clgi(void);
void svm_release(const void *state) __attribute__((noreturn));

#endif
