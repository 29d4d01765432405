/* SPDX-License-Identifier: MIT */
/* A VP's registers that live in the VMCS, by their TLFS names. Values are refused one by one where no
 * processor state could hold them; what must fit together is check.c's subject. */
#include "vmx.h"
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
	u64 known = EFER_SCE | EFER_LME | EFER_LMA | (cpuid(0x80000001, 0).edx & 1u << 20 ? EFER_NXE : 0);

	return !(v & ~known) && !(v & EFER_LMA && !(v & EFER_LME));
}

/* ---- Segments ------------------------------------------------------------------------------------ */

/* The TLFS has no "unusable": a segment that is not present is (SDM 25.4.1). */
static u32 rights_of(u16 attributes)
{
	return attributes & RIGHTS_PRESENT ? attributes : attributes | RIGHTS_UNUSABLE;
}

static void get_segment(u32 n, union hv_register_value *value)
{
	u32 rights = (u32)vmread(VMCS_GUEST_ES_RIGHTS + 2 * n);

	value->segment.base = vmread(VMCS_GUEST_ES_BASE + 2 * n);
	value->segment.limit = (u32)vmread(VMCS_GUEST_ES_LIMIT + 2 * n);
	value->segment.selector = (u16)vmread(VMCS_GUEST_ES + 2 * n);
	value->segment.attributes =
		(u16)(rights & RIGHTS_UNUSABLE ? rights & ATTRIBUTES & ~RIGHTS_PRESENT : rights & ATTRIBUTES);
}

static u32 set_segment(u32 n, const union hv_register_value *value)
{
	if (value->segment.attributes & ~ATTRIBUTES || !canonical(value->segment.base))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	vmx_write_segment(n, value->segment.selector, rights_of(value->segment.attributes),
			  value->segment.limit, value->segment.base);
	return HV_STATUS_SUCCESS;
}

static bool set_table(u64 base_field, u64 limit_field, const union hv_register_value *value)
{
	if (!canonical(value->table.base))
		return false;
	vmwrite(base_field, value->table.base);
	vmwrite(limit_field, value->table.limit);
	return true;
}

/* ---- 64-bit values ------------------------------------------------------------------------------- */

/* Kept beside the VMCS, see child_begin. */
static u64 *kept(struct vp *vp, u32 name)
{
	struct vmx_vp *s = vmx_vp(vp);

	switch (name) {
	case HV_X64_REGISTER_STAR:
		return &s->msr[SWITCH_STAR];
	case HV_X64_REGISTER_LSTAR:
		return &s->msr[SWITCH_LSTAR];
	case HV_X64_REGISTER_CSTAR:
		return &s->msr[SWITCH_CSTAR];
	case HV_X64_REGISTER_SFMASK:
		return &s->msr[SWITCH_SFMASK];
	case HV_X64_REGISTER_KERNEL_GS_BASE:
		return &s->msr[SWITCH_KERNEL_GS_BASE];
	case HV_X64_REGISTER_CR2:
		return &s->cr2;
	case HV_X64_REGISTER_DR6:
		return &s->dr6;
	default:
		return NULL;
	}
}

static u32 get_kept(u64 *at, union hv_register_value *value)
{
	value->reg64 = *at;
	return HV_STATUS_SUCCESS;
}

static u32 set_kept(u64 *at, u32 name, u64 value)
{
	/* Writing these to the register would fault. */
	if ((name == HV_X64_REGISTER_DR6 || name == HV_X64_REGISTER_SFMASK) && value >> 32)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (name != HV_X64_REGISTER_STAR && name != HV_X64_REGISTER_SFMASK && name != HV_X64_REGISTER_CR2 &&
	    name != HV_X64_REGISTER_DR6 && !canonical(value))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	*at = name == HV_X64_REGISTER_DR6 ? value | DR6_ONES : value;
	return HV_STATUS_SUCCESS;
}

static u64 interrupt_state(struct vp *vp)
{
	return (vmx_vp(vp)->interruptibility & (SHADOW_STI | SHADOW_MOV_SS) ? 1 : 0) |
	       (vp->nmi_masked ? 2 : 0);
}

static u32 get_field(struct vp *vp, u32 name, union hv_register_value *value)
{
	switch (name) {
	case HV_REGISTER_PENDING_INTERRUPTION:
		value->reg64 = 0;
		break;
	case HV_REGISTER_INTERRUPT_STATE:
		value->reg64 = interrupt_state(vp);
		break;
	case HV_X64_REGISTER_CR0:
		value->reg64 = vmx_get_cr0();
		break;
	case HV_X64_REGISTER_CR3:
		value->reg64 = vmread(VMCS_GUEST_CR3);
		break;
	case HV_X64_REGISTER_CR4:
		value->reg64 = vmx_get_cr4();
		break;
	case HV_X64_REGISTER_DR7:
		value->reg64 = vmread(VMCS_GUEST_DR7);
		break;
	case HV_X64_REGISTER_IDTR:
		value->table.limit = (u16)vmread(VMCS_GUEST_IDTR_LIMIT);
		value->table.base = vmread(VMCS_GUEST_IDTR_BASE);
		break;
	case HV_X64_REGISTER_GDTR:
		value->table.limit = (u16)vmread(VMCS_GUEST_GDTR_LIMIT);
		value->table.base = vmread(VMCS_GUEST_GDTR_BASE);
		break;
	case HV_X64_REGISTER_TSC:
		value->reg64 = rdtsc();
		break;
	case HV_X64_REGISTER_EFER:
		value->reg64 = vmread(VMCS_GUEST_EFER);
		break;
	case HV_X64_REGISTER_PAT:
		value->reg64 = vmread(VMCS_GUEST_PAT);
		break;
	case HV_X64_REGISTER_SYSENTER_CS:
		value->reg64 = vmread(VMCS_GUEST_SYSENTER_CS);
		break;
	case HV_X64_REGISTER_SYSENTER_ESP:
		value->reg64 = vmread(VMCS_GUEST_SYSENTER_ESP);
		break;
	case HV_X64_REGISTER_SYSENTER_EIP:
		value->reg64 = vmread(VMCS_GUEST_SYSENTER_EIP);
		break;
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
	return HV_STATUS_SUCCESS;
}

u32 vmx_get_register(struct vp *vp, u32 name, union hv_register_value *value)
{
	u64 *at = kept(vp, name);
	struct vp *former;
	u32 status = HV_STATUS_SUCCESS;

	*value = (union hv_register_value){0};
	if (at)
		return get_kept(at, value);
	former = vmx_open(vp);
	if (name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR)
		get_segment(name - HV_X64_REGISTER_ES, value);
	else
		status = get_field(vp, name, value);
	vmx_close(vp, former);
	return status;
}

static bool put(u64 field, u64 value, bool valid)
{
	if (valid)
		vmwrite(field, value);
	return valid;
}

static bool set_interrupt_state(struct vp *vp, u64 value)
{
	if (value & ~1ULL)
		return false;
	vmx_vp(vp)->interruptibility =
		(vmx_vp(vp)->interruptibility & BLOCKED_NMI) | (value ? SHADOW_STI : 0);
	return true;
}

static bool set_cr(struct vp *vp, u32 name, u64 value)
{
	if (name == HV_X64_REGISTER_CR3)
		return put(VMCS_GUEST_CR3, value, !(value & ~physical_mask()));
	if (name == HV_X64_REGISTER_CR0) {
		if (valid_cr0(value))
			vmx_put_cr0(vp, value | CR0_ET);
		return valid_cr0(value);
	}
	if (value & ~vmx_caps.cr4_child)
		return false;
	vmx_put_cr4(vp, value);
	return true;
}

static bool set_dr7(struct vp *vp, u64 value)
{
	vp->debug_used = vp->debug_used || value & 0xff;
	return put(VMCS_GUEST_DR7, value | DR7_ONES, !(value >> 32));
}

static bool set_efer(u64 value)
{
	if (!valid_efer(value))
		return false;
	vmx_put_efer(value);
	return true;
}

static u32 set_field(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 v = value->reg64;
	bool good;

	switch (name) {
	case HV_REGISTER_INTERRUPT_STATE:
		good = set_interrupt_state(vp, v);
		break;
	case HV_X64_REGISTER_CR0:
	case HV_X64_REGISTER_CR3:
	case HV_X64_REGISTER_CR4:
		good = set_cr(vp, name, v);
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
		break;
	case HV_X64_REGISTER_DR7:
		good = set_dr7(vp, v);
		break;
	case HV_X64_REGISTER_EFER:
		good = set_efer(v);
		break;
	case HV_X64_REGISTER_PAT:
		good = put(VMCS_GUEST_PAT, v, valid_pat(v));
		break;
	case HV_X64_REGISTER_IDTR:
		good = set_table(VMCS_GUEST_IDTR_BASE, VMCS_GUEST_IDTR_LIMIT, value);
		break;
	case HV_X64_REGISTER_GDTR:
		good = set_table(VMCS_GUEST_GDTR_BASE, VMCS_GUEST_GDTR_LIMIT, value);
		break;
	case HV_X64_REGISTER_SYSENTER_CS:
		good = put(VMCS_GUEST_SYSENTER_CS, (u32)v, true);
		break;
	case HV_X64_REGISTER_SYSENTER_ESP:
		good = put(VMCS_GUEST_SYSENTER_ESP, v, canonical(v));
		break;
	case HV_X64_REGISTER_SYSENTER_EIP:
		good = put(VMCS_GUEST_SYSENTER_EIP, v, canonical(v));
		break;
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
	return good ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_REGISTER_VALUE;
}

u32 vmx_set_register(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u64 *at = kept(vp, name);
	struct vp *former;
	u32 status;

	if (at)
		return set_kept(at, name, value->reg64);
	former = vmx_open(vp);
	status = name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR
			 ? set_segment(name - HV_X64_REGISTER_ES, value)
			 : set_field(vp, name, value);
	vmx_close(vp, former);
	return status;
}

bool vmx_kernel_code64(struct vp *vp)
{
	struct vp *former = vmx_open(vp);
	bool yes = !(vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_SS) >> 5 & 3) &&
		   vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & RIGHTS_LONG &&
		   vmread(VMCS_ENTRY) & ENTRY_IA32E;

	vmx_close(vp, former);
	return yes;
}

void vmx_paging_state(struct vp *vp, struct paging_state *state)
{
	struct vp *former = vmx_open(vp);
	u64 efer = vmread(VMCS_GUEST_EFER);

	*state = (struct paging_state){
		.cr0 = vmx_get_cr0(),
		.cr3 = vmread(VMCS_GUEST_CR3),
		.cr4 = vmx_get_cr4(),
		.efer = efer,
		.cs_base = vmread(VMCS_GUEST_ES_BASE + 2 * SEG_CS),
		.cpl = vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_SS) >> 5 & 3,
		.code64 = efer & EFER_LMA && vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & RIGHTS_LONG,
	};
	vmx_close(vp, former);
}

const char *vmx_state_invalid(struct vp *vp)
{
	struct vp *former = vmx_open(vp);
	const char *rule = vmx_check_guest(vp);

	vmx_close(vp, former);
	return rule;
}
