/* SPDX-License-Identifier: MIT */
/* Where a VP's state stands: fields of its VMCS, made current for the access, or beside it. */
#include "vmx.h"
#include <hv/log.h>

static const u16 fields[REG_CR2] = {
	[REG_CR3] = VMCS_GUEST_CR3,
	[REG_EFER] = VMCS_GUEST_EFER,
	[REG_DR7] = VMCS_GUEST_DR7,
	[REG_PAT] = VMCS_GUEST_PAT,
	[REG_SYSENTER_CS] = VMCS_GUEST_SYSENTER_CS,
	[REG_SYSENTER_EIP] = VMCS_GUEST_SYSENTER_EIP,
	[REG_SYSENTER_ESP] = VMCS_GUEST_SYSENTER_ESP,
};

u64 vmx_read(struct vp *vp, enum reg reg)
{
	struct vp *former;
	u64 value;

	if (reg >= REG_CR2)
		return vmx_vp(vp)->kept[reg - REG_CR2];
	former = vmx_open(vp);
	value = reg == REG_CR0 ? vmx_get_cr0() : reg == REG_CR4 ? vmx_get_cr4() : vmread(fields[reg]);
	vmx_close(vp, former);
	return value;
}

static void write_field(struct vp *vp, enum reg reg, u64 value)
{
	switch (reg) {
	case REG_CR0:
		return vmx_put_cr0(vp, value);
	case REG_CR4:
		return vmx_put_cr4(vp, value);
	case REG_EFER:
		return vmx_put_efer(value);
	case REG_SYSENTER_CS: /* a field of 32 bits */
		return vmwrite(VMCS_GUEST_SYSENTER_CS, (u32)value);
	default:
		return vmwrite(fields[reg], value);
	}
}

void vmx_write(struct vp *vp, enum reg reg, u64 value)
{
	struct vp *former;

	if (reg >= REG_CR2) {
		vmx_vp(vp)->kept[reg - REG_CR2] = value;
		return;
	}
	former = vmx_open(vp);
	write_field(vp, reg, value);
	vmx_close(vp, former);
}

struct segment vmx_get_segment(struct vp *vp, u32 number)
{
	struct vp *former = vmx_open(vp);
	struct segment s = {
		.base = vmread(VMCS_GUEST_ES_BASE + 2 * number),
		.limit = (u32)vmread(VMCS_GUEST_ES_LIMIT + 2 * number),
	};

	if (number < SEG_GDTR) {
		u32 rights = (u32)vmread(VMCS_GUEST_ES_RIGHTS + 2 * number);

		s.selector = (u16)vmread(VMCS_GUEST_ES + 2 * number);
		s.attributes = (u16)(rights & SEGMENT_ATTRIBUTES & ~(rights >> 9 & SEGMENT_PRESENT));
	}
	vmx_close(vp, former);
	return s;
}

void vmx_set_segment(struct vp *vp, u32 number, struct segment s)
{
	struct vp *former = vmx_open(vp);
	u32 usable = s.attributes & SEGMENT_PRESENT;

	vmwrite(VMCS_GUEST_ES_BASE + 2 * number, s.base);
	vmwrite(VMCS_GUEST_ES_LIMIT + 2 * number, s.limit);
	if (number < SEG_GDTR) {
		vmwrite(VMCS_GUEST_ES_RIGHTS + 2 * number,
			usable ? s.attributes : s.attributes | RIGHTS_UNUSABLE);
		vmwrite(VMCS_GUEST_ES + 2 * number, s.selector);
	}
	vmx_close(vp, former);
}

bool vmx_kernel_code64(struct vp *vp)
{
	struct vp *former = vmx_open(vp);
	bool yes = !SEGMENT_DPL(vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_SS)) &&
		   vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & SEGMENT_LONG &&
		   vmread(VMCS_ENTRY) & ENTRY_IA32E;

	vmx_close(vp, former);
	return yes;
}

void vmx_dump(struct vp *vp)
{
	struct vp *former = vmx_open(vp);

	log_error("reason 0x%lx qualification 0x%lx gpa 0x%lx vectoring 0x%lx error %lu",
		  vmread(VMCS_EXIT_REASON), vmread(VMCS_QUALIFICATION), vmread(VMCS_GUEST_PHYSICAL),
		  vmread(VMCS_VECTORING), vmread(VMCS_INSTRUCTION_ERROR));
	log_error("cr0 %lx cr4 %lx as they are; eptp %lx vpid %lx", vmread(VMCS_GUEST_CR0),
		  vmread(VMCS_GUEST_CR4), vmread(VMCS_EPTP), vmread(VMCS_VPID));
	log_error("pin %lx primary %lx secondary %lx exit %lx entry %lx", vmread(VMCS_PIN),
		  vmread(VMCS_PRIMARY), vmread(VMCS_SECONDARY), vmread(VMCS_EXIT), vmread(VMCS_ENTRY));
	log_error("event %lx interruptibility %lx activity %lx pending debug %lx", vmread(VMCS_ENTRY_EVENT),
		  vmread(VMCS_GUEST_INTERRUPTIBILITY), vmread(VMCS_GUEST_ACTIVITY),
		  vmread(VMCS_GUEST_PENDING_DEBUG));
	vmx_close(vp, former);
}
