/* SPDX-License-Identifier: MIT */
/* A VP's registers that live in the VMCB, by their TLFS names. Values are refused one by one where no
 * processor state could hold them; what must fit together is check.c's subject. */
#include "svm.h"
#include <hv/string.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define DR6_ONES 0xffff0ff0ULL
#define DR7_ONES 0x400ULL
#define ATTRIBUTES 0xf0ffu /* of a TLFS segment: 7:0, AVL L D G */

static bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static bool has(u32 word, unsigned bit)
{
	return word >> bit & 1;
}

/* CR4 bits that this processor has and a guest may set. */
static u64 cr4_allowed(void)
{
	struct cpuid one = cpuid(1, 0), seven = cpuid(7, 0);
	u64 bits = CR4_VME | CR4_DE | CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT |
		   1ULL << 2;

	bits |= has(one.ecx, 26) ? CR4_OSXSAVE : 0;
	bits |= has(one.ecx, 17) ? CR4_PCIDE : 0;
	bits |= has(seven.ebx, 0) ? CR4_FSGSBASE : 0;
	bits |= has(seven.ebx, 7) ? CR4_SMEP : 0;
	bits |= has(seven.ebx, 20) ? CR4_SMAP : 0;
	return bits | (has(seven.ecx, 2) ? CR4_UMIP : 0);
}

static u64 physical_mask(void)
{
	return (1ULL << (cpuid(0x80000008, 0).eax & 0xff)) - 1;
}

static bool valid_cr0(u64 v)
{
	u64 known = CR0_PE | CR0_MP | 1ULL << 2 | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW |
		    CR0_CD | CR0_PG;

	return !(v & ~known) && !(v & CR0_NW && !(v & CR0_CD)) && !(v & CR0_PG && !(v & CR0_PE));
}

static bool valid_pat(u64 v)
{
	for (unsigned i = 0; i < 64; i += 8) {
		u8 type = (u8)(v >> i);

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static bool valid_efer(u64 v)
{
	return !(v & ~(svm_features.efer | EFER_LMA)) && !(v & EFER_LMA && !(v & EFER_LME));
}

/* ---- Segments ------------------------------------------------------------------------------------ */

static struct vmcb_segment *segment_of(struct vmcb *v, u32 name)
{
	struct vmcb_segment *const by_name[] = {&v->es_, &v->cs_, &v->ss_,  &v->ds_,
						&v->fs,	 &v->gs,  &v->ldtr, &v->tr};

	v->clean &= ~CLEAN_SEGMENTS;
	return by_name[name - HV_X64_REGISTER_ES];
}

static void get_segment(const struct vmcb_segment *s, union hv_register_value *value)
{
	value->segment.base = s->base;
	value->segment.limit = s->limit;
	value->segment.selector = s->selector;
	value->segment.attributes = (u16)((s->attributes & 0xff) | (s->attributes & 0xf00) << 4);
}

static u32 set_segment(struct vmcb *v, u32 name, const union hv_register_value *value)
{
	struct vmcb_segment *s = segment_of(v, name);
	u16 attributes = value->segment.attributes;

	if (attributes & ~ATTRIBUTES || !canonical(value->segment.base))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	s->base = value->segment.base;
	s->limit = value->segment.limit;
	s->selector = value->segment.selector;
	s->attributes = (u16)((attributes & 0xff) | (attributes >> 4 & 0xf00));
	/* SVM keeps the privilege level apart; it is that of SS (APM2 15.5.1). */
	if (name == HV_X64_REGISTER_SS)
		vmcb_set_cpl(v, s->attributes >> 5 & 3);
	return HV_STATUS_SUCCESS;
}

static void get_table(const struct vmcb_segment *s, union hv_register_value *value)
{
	value->table.limit = (u16)s->limit;
	value->table.base = s->base;
}

static bool set_table(struct vmcb_segment *s, const union hv_register_value *value)
{
	if (!canonical(value->table.base))
		return false;
	*s = (struct vmcb_segment){.limit = value->table.limit, .base = value->table.base};
	return true;
}

/* ---- 64-bit fields without rules of their own, or only that of addresses --------------------------- */

static u64 *plain_field(struct vmcb *v, u32 name, bool *address)
{
	*address = false;
	switch (name) {
	case HV_X64_REGISTER_STAR:
		return &v->star;
	case HV_X64_REGISTER_SFMASK:
		return &v->sfmask;
	case HV_X64_REGISTER_SYSENTER_CS:
		return &v->sysenter_cs;
	case HV_X64_REGISTER_CR2:
		v->clean &= ~CLEAN_CR2;
		return &v->cr2_;
	}
	*address = true;
	switch (name) {
	case HV_X64_REGISTER_KERNEL_GS_BASE:
		return &v->kernel_gs_base;
	case HV_X64_REGISTER_LSTAR:
		return &v->lstar;
	case HV_X64_REGISTER_CSTAR:
		return &v->cstar;
	case HV_X64_REGISTER_SYSENTER_ESP:
		return &v->sysenter_esp;
	case HV_X64_REGISTER_SYSENTER_EIP:
		return &v->sysenter_eip;
	default:
		return NULL;
	}
}

static u64 interrupt_state(const struct vp *vp)
{
	return (svm_vmcb(vp)->interrupt_state & INTERRUPT_SHADOW) | (vp->nmi_masked ? 2 : 0);
}

u32 svm_get_register(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct vmcb *v = svm_vmcb(vp);
	bool address;
	u64 *field;

	*value = (union hv_register_value){0};
	if (name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR) {
		get_segment(segment_of(v, name), value);
		return HV_STATUS_SUCCESS;
	}
	field = plain_field(v, name, &address);
	if (field) {
		value->reg64 = *field;
		return HV_STATUS_SUCCESS;
	}
	switch (name) {
	case HV_REGISTER_PENDING_INTERRUPTION:
		value->reg64 = 0;
		break;
	case HV_REGISTER_INTERRUPT_STATE:
		value->reg64 = interrupt_state(vp);
		break;
	case HV_X64_REGISTER_CR0:
		value->reg64 = vmcb_get_cr0(v);
		break;
	case HV_X64_REGISTER_CR3:
		value->reg64 = vmcb_get_cr3(v);
		break;
	case HV_X64_REGISTER_CR4:
		value->reg64 = vmcb_get_cr4(v);
		break;
	case HV_X64_REGISTER_DR6:
		value->reg64 = vmcb_get_dr6(v);
		break;
	case HV_X64_REGISTER_DR7:
		value->reg64 = vmcb_get_dr7(v);
		break;
	case HV_X64_REGISTER_IDTR:
		get_table(&v->idtr_, value);
		break;
	case HV_X64_REGISTER_GDTR:
		get_table(&v->gdtr_, value);
		break;
	case HV_X64_REGISTER_TSC:
		value->reg64 = rdtsc();
		break;
	case HV_X64_REGISTER_EFER:
		value->reg64 = vmcb_get_efer(v) & ~EFER_SVME;
		break;
	case HV_X64_REGISTER_PAT:
		value->reg64 = vmcb_get_g_pat(v);
		break;
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
	return HV_STATUS_SUCCESS;
}

static u32 status_of(bool good)
{
	return good ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_REGISTER_VALUE;
}

static bool set_dr7(struct vp *vp, struct vmcb *v, u64 value)
{
	if (value >> 32)
		return false;
	vmcb_set_dr7(v, value | DR7_ONES);
	vp->debug_used = vp->debug_used || value & 0xff;
	return true;
}

/* Control registers: the whole list of what may stand there. */
static bool set_control(struct vp *vp, struct vmcb *v, u32 name, u64 value)
{
	switch (name) {
	case HV_X64_REGISTER_CR0:
		if (!valid_cr0(value))
			return false;
		vmcb_set_cr0(v, value | CR0_ET);
		return true;
	case HV_X64_REGISTER_CR3:
		if (value & ~physical_mask())
			return false;
		vmcb_set_cr3(v, value);
		return true;
	case HV_X64_REGISTER_CR4:
		if (value & ~cr4_allowed())
			return false;
		vmcb_set_cr4(v, value);
		return true;
	case HV_X64_REGISTER_DR6:
		if (value >> 32)
			return false;
		vmcb_set_dr6(v, value | DR6_ONES);
		return true;
	case HV_X64_REGISTER_DR7:
		return set_dr7(vp, v, value);
	case HV_X64_REGISTER_EFER:
		if (!valid_efer(value))
			return false;
		vmcb_set_efer(v, value | EFER_SVME);
		return true;
	default: /* PAT */
		if (!valid_pat(value))
			return false;
		vmcb_set_g_pat(v, value);
		return true;
	}
}

static u32 set_interrupt_state(struct vp *vp, u64 value)
{
	if (value & ~1ULL)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	svm_vmcb(vp)->interrupt_state = value;
	return HV_STATUS_SUCCESS;
}

u32 svm_set_register(struct vp *vp, u32 name, const union hv_register_value *value)
{
	struct vmcb *v = svm_vmcb(vp);
	bool address;
	u64 *field;

	if (name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR)
		return set_segment(v, name, value);
	field = plain_field(v, name, &address);
	if (field) {
		if (address && !canonical(value->reg64))
			return HV_STATUS_INVALID_REGISTER_VALUE;
		*field = value->reg64;
		return HV_STATUS_SUCCESS;
	}
	switch (name) {
	case HV_REGISTER_INTERRUPT_STATE:
		return set_interrupt_state(vp, value->reg64);
	case HV_X64_REGISTER_CR0:
	case HV_X64_REGISTER_CR3:
	case HV_X64_REGISTER_CR4:
	case HV_X64_REGISTER_DR6:
	case HV_X64_REGISTER_DR7:
	case HV_X64_REGISTER_EFER:
	case HV_X64_REGISTER_PAT:
		return status_of(set_control(vp, v, name, value->reg64));
	case HV_X64_REGISTER_IDTR:
		v->clean &= ~CLEAN_DT;
		return status_of(set_table(&v->idtr_, value));
	case HV_X64_REGISTER_GDTR:
		v->clean &= ~CLEAN_DT;
		return status_of(set_table(&v->gdtr_, value));
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
}

void svm_paging_state(struct vp *vp, struct paging_state *state)
{
	const struct vmcb *v = svm_vmcb(vp);

	*state = (struct paging_state){
		.cr0 = vmcb_get_cr0(v),
		.cr3 = vmcb_get_cr3(v),
		.cr4 = vmcb_get_cr4(v),
		.efer = vmcb_get_efer(v),
		.cs_base = v->cs_.base,
		.cpl = vmcb_get_cpl(v),
		.code64 = vmcb_get_efer(v) & EFER_LMA && v->cs_.attributes & 0x200,
	};
}

bool svm_kernel_code64(struct vp *vp)
{
	const struct vmcb *v = svm_vmcb(vp);

	return !v->cpl_ && v->efer_ & EFER_LMA && v->cs_.attributes & 0x200;
}

const char *svm_state_invalid(struct vp *vp)
{
	struct vmcb copy = *svm_vmcb(vp);

	copy.rflags = vp->rflags;
	copy.rip = vp->rip;
	copy.asid_ = ASID_ROOT; /* chosen at entry */
	return svm_check_vmcb(&copy);
}
