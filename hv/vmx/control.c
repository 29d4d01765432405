/* SPDX-License-Identifier: MIT */
/*
 * CR0, CR4 and EFER of a guest. Some bits are not the guest's to set: VMX operation fixes NE and VMXE, a
 * child may not turn the processor's caches off, and machine checks must exit. Those stand in the masks:
 * the guest reads the shadow, and only a write that changes one of them exits (SDM 25.6.6).
 */
#include "vmx.h"
#include <hv/gpa.h>
#include <hv/root.h>
#include <x86/defs.h>

#define PAGING_BITS (CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_LA57)
#define QUALIFICATION_GPR(q) ((q) >> 8 & 15)

/* ---- Reading what the guest would read ------------------------------------------------------------- */

static u64 merged(u64 value, u64 mask, u64 shadow)
{
	return (value & ~mask) | (shadow & mask);
}

u64 vmx_get_cr0(void)
{
	return merged(vmread(VMCS_GUEST_CR0), vmread(VMCS_CR0_MASK), vmread(VMCS_CR0_SHADOW));
}

u64 vmx_get_cr4(void)
{
	return merged(vmread(VMCS_GUEST_CR4), vmread(VMCS_CR4_MASK), vmread(VMCS_CR4_SHADOW));
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static bool read_pdpte(struct vp *vp, u64 at, u64 *entry)
{
	return vmx_is_root(vp) ? root_read_word(at, entry) : gpa_read_word(vp->partition, gpa(at), entry);
}

/* With EPT the processor takes the PDPTEs of PAE paging from the VMCS (SDM 27.3.2.4). */
static void load_pdptes(struct vp *vp)
{
	u64 table = vmread(VMCS_GUEST_CR3) & 0xffffffe0;

	if (!(vmread(VMCS_GUEST_CR0) & CR0_PG) || !(vmread(VMCS_GUEST_CR4) & CR4_PAE) ||
	    vmread(VMCS_GUEST_EFER) & EFER_LMA)
		return;
	for (u32 i = 0; i < 4; i++) {
		u64 entry = 0;

		/* Absent memory reads as a not present entry: the guest faults when it uses it. */
		if (!read_pdpte(vp, table + 8 * i, &entry))
			entry = 0;
		vmwrite(VMCS_GUEST_PDPTE + 2 * i, entry);
	}
}

/* "IA-32e mode guest" must equal EFER.LMA (SDM 27.3.1.1). */
void vmx_put_efer(u64 value)
{
	u64 entry = vmread(VMCS_ENTRY) & ~(u64)ENTRY_IA32E;

	vmwrite(VMCS_GUEST_EFER, value);
	vmwrite(VMCS_ENTRY, value & EFER_LMA ? entry | ENTRY_IA32E : entry);
}

void vmx_put_cr0(struct vp *vp, u64 value)
{
	u64 forced = vmx_caps.cr0_fixed | CR0_ET;
	u64 hidden = vmx_is_root(vp) ? 0 : CR0_CD | CR0_NW;

	vmwrite(VMCS_CR0_SHADOW, value);
	vmwrite(VMCS_GUEST_CR0, (value & ~hidden) | forced);
	load_pdptes(vp);
}

void vmx_put_cr4(struct vp *vp, u64 value)
{
	u64 forced = vmx_caps.cr4_fixed | (vmx_is_root(vp) ? 0 : CR4_MCE);

	vmwrite(VMCS_CR4_SHADOW, value);
	vmwrite(VMCS_GUEST_CR4, value | forced);
	load_pdptes(vp);
}

/* ---- MOV to CR that exits -------------------------------------------------------------------------- */

static bool long_code(void)
{
	return vmread(VMCS_GUEST_EFER) & EFER_LMA && vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & SEGMENT_LONG;
}

/* SDM 5.1.2 "Paging-Mode Enabling" and MOV CR's list of #GP. */
static bool cr0_allowed(u64 old, u64 value)
{
	if (!state_valid_cr0(value))
		return false;
	if (!((old ^ value) & CR0_PG))
		return true;
	if (!(value & CR0_PG))
		return !long_code() && !(vmread(VMCS_GUEST_CR4) & CR4_PCIDE);
	if (!(vmread(VMCS_GUEST_EFER) & EFER_LME))
		return true;
	return vmread(VMCS_GUEST_CR4) & CR4_PAE &&
	       !(vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & SEGMENT_LONG);
}

static bool guest_write_cr0(struct vp *vp, u64 value)
{
	u64 old = vmx_get_cr0(), efer = vmread(VMCS_GUEST_EFER);

	/* Reserved bits below 32 are ignored, those above fault. */
	if (value >> 32 || !cr0_allowed(old, value & CR0_KNOWN))
		return false;
	value = (value & CR0_KNOWN) | CR0_ET;
	if ((old ^ value) & CR0_PG && efer & EFER_LME)
		vmx_put_efer(value & CR0_PG ? efer | EFER_LMA : efer & ~EFER_LMA);
	vmx_put_cr0(vp, value);
	if ((old ^ value) & (CR0_PG | CR0_WP))
		vmx_ept_flush(vp);
	return true;
}

static bool guest_write_cr4(struct vp *vp, u64 value)
{
	u64 old = vmx_get_cr4();

	/* The root's mask holds VMXE alone, which its processor does not have. */
	if (vmx_is_root(vp) || value & ~state_cr4_bits())
		return false;
	if (vmread(VMCS_GUEST_EFER) & EFER_LMA) {
		if (!(value & CR4_PAE))
			return false;
		if (value & ~old & CR4_PCIDE && vmread(VMCS_GUEST_CR3) & 0xfff)
			return false;
	} else if (value & CR4_PCIDE) {
		return false;
	}
	vmx_put_cr4(vp, value);
	if ((old ^ value) & PAGING_BITS)
		vmx_ept_flush(vp);
	return true;
}

static bool access(struct vp *vp, u64 qualification)
{
	u64 *gpr = &vp->gpr[QUALIFICATION_GPR(qualification)];
	u32 number = qualification & 15, kind = qualification >> 4 & 3;
	u64 value = long_code() ? *gpr : (u32)*gpr;

	if (kind >= 2) /* CLTS and LMSW change no bit that is in a mask */
		return false;
	if (kind == 1) {
		*gpr = number == 8 ? vp->vapic.tpr >> 4 : *gpr;
		return number == 8;
	}
	switch (number) {
	case 0:
		return guest_write_cr0(vp, value);
	case 4:
		return guest_write_cr4(vp, value);
	case 8:
		return vapic_set_cr8(&vp->vapic, value);
	default:
		return false;
	}
}

/* SDM table 28-3 "Exit Qualification for Control-Register Accesses". */
void vmx_cr_exit(struct vp *vp, struct vp_exit *exit)
{
	exit->kind = EXIT_HANDLED;
	if (access(vp, vmread(VMCS_QUALIFICATION)))
		vp_skip(vp, exit->length);
	else
		vp_fault(vp, EXC_GP);
}
