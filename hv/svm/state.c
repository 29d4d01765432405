/* SPDX-License-Identifier: MIT */
/* Where a VP's state stands in the VMCB, and the rules for its control fields. */
#include "svm.h"
#include <hv/log.h>
#include <x86/defs.h>

#define LONG 0x200u /* CS.L in attributes of the VMCB */

struct place {
	u16 at, clean;
};
#define AT(field, clean) offsetof(struct vmcb, field), clean

static const struct place registers[REGS] = {
	[REG_CR0] = {AT(cr0_, CLEAN_CR)},
	[REG_CR3] = {AT(cr3_, CLEAN_CR)},
	[REG_CR4] = {AT(cr4_, CLEAN_CR)},
	[REG_EFER] = {AT(efer_, CLEAN_CR)},
	[REG_DR7] = {AT(dr7_, CLEAN_DR)},
	[REG_PAT] = {AT(g_pat_, CLEAN_NESTED)},
	[REG_SYSENTER_CS] = {AT(sysenter_cs, 0)},
	[REG_SYSENTER_EIP] = {AT(sysenter_eip, 0)},
	[REG_SYSENTER_ESP] = {AT(sysenter_esp, 0)},
	[REG_CR2] = {AT(cr2_, CLEAN_CR2)},
	[REG_DR6] = {AT(dr6_, CLEAN_DR)},
	[REG_KERNEL_GS_BASE] = {AT(kernel_gs_base, 0)},
	[REG_STAR] = {AT(star, 0)},
	[REG_LSTAR] = {AT(lstar, 0)},
	[REG_CSTAR] = {AT(cstar, 0)},
	[REG_SFMASK] = {AT(sfmask, 0)},
};

static const struct place segments[SEGS] = {
	[SEG_ES] = {AT(es_, CLEAN_SEGMENTS)},
	[SEG_CS] = {AT(cs_, CLEAN_SEGMENTS)},
	[SEG_SS] = {AT(ss_, CLEAN_SEGMENTS)},
	[SEG_DS] = {AT(ds_, CLEAN_SEGMENTS)},
	[SEG_FS] = {AT(fs, 0)},
	[SEG_GS] = {AT(gs, 0)},
	[SEG_LDTR] = {AT(ldtr, 0)},
	[SEG_TR] = {AT(tr, 0)},
	[SEG_GDTR] = {AT(gdtr_, CLEAN_DT)},
	[SEG_IDTR] = {AT(idtr_, CLEAN_DT)},
};

static void *field(struct vp *vp, struct place p)
{
	return (u8 *)vp->control + p.at;
}

u64 svm_read(struct vp *vp, enum reg reg)
{
	return *(u64 *)field(vp, registers[reg]) & ~(reg == REG_EFER ? EFER_SVME : 0);
}

void svm_write(struct vp *vp, enum reg reg, u64 value)
{
	*(u64 *)field(vp, registers[reg]) = value | (reg == REG_EFER ? EFER_SVME : 0);
	svm_vmcb(vp)->clean &= ~(u32)registers[reg].clean;
}

/* SVM keeps the privilege level apart from SS (APM2 15.5.1). */
struct segment svm_get_segment(struct vp *vp, u32 number)
{
	const struct vmcb_segment *s = field(vp, segments[number]);
	u16 attributes = (u16)((s->attributes & 0xff) | (s->attributes & 0xf00) << 4);

	if (number == SEG_SS)
		attributes = (u16)((attributes & ~0x60) | svm_vmcb(vp)->cpl_ << 5);
	return (struct segment){s->base, s->limit, s->selector, attributes};
}

void svm_set_segment(struct vp *vp, u32 number, struct segment s)
{
	u16 attributes = (u16)((s.attributes & 0xff) | (s.attributes >> 4 & 0xf00));

	*(struct vmcb_segment *)field(vp, segments[number]) =
		(struct vmcb_segment){s.selector, attributes, s.limit, s.base};
	if (number == SEG_SS)
		svm_vmcb(vp)->cpl_ = SEGMENT_DPL(attributes);
	svm_vmcb(vp)->clean &= ~(u32)segments[number].clean;
}

bool svm_kernel_code64(struct vp *vp)
{
	const struct vmcb *v = svm_vmcb(vp);

	return !v->cpl_ && v->efer_ & EFER_LMA && v->cs_.attributes & LONG;
}

/* APM2 15.5.1 "Canonicalization and Consistency Checks", as far as it is about SVM's own fields. */
const char *svm_broken_rule(struct vp *vp)
{
	const struct vmcb *v = svm_vmcb(vp);
	const struct rule rules[] = {
		{!(v->efer_ & EFER_SVME), "EFER.SVME is 0"},
		{!(v->intercept_misc2_ & SVM_INTERCEPT(SVM_EXIT_VMRUN) >> 32), "VMRUN is not intercepted"},
		{!v->asid_, "the ASID is 0"},
		{(v->iopm_base_ | v->msrpm_base_ | v->n_cr3_) & 0xfff,
		 "a permission map or the nested table is not aligned"},
		{!v->np_enable_, "nested paging is off"},
	};

	return FIRST_BROKEN(rules);
}

void svm_dump(struct vp *vp)
{
	const struct vmcb *v = svm_vmcb(vp);

	log_error("exit 0x%lx info 0x%lx 0x%lx vectoring 0x%lx inject 0x%lx cr2 %lx", v->exit_code,
		  v->exit_info1, v->exit_info2, v->exit_int_info, v->event_inject, v->cr2_);
	log_error("ncr3 %lx asid %u intercepts %08x %08x %08x v_intr %lx", v->n_cr3_, v->asid_,
		  v->intercept_exceptions_, v->intercept_misc1_, v->intercept_misc2_, v->v_intr_);
}
