/* SPDX-License-Identifier: MIT */
/* The checks that VM entry makes on the guest's state (SDM 27.3.1), by our own code: emulators are lenient,
 * and a refusal should name its rule. RIP, RFLAGS and the event come from struct vp, as at the entry. */
#include "vmx.h"
#include <x86/defs.h>

#define TYPE(rights) ((rights)&15)
#define DPL(rights) ((rights) >> 5 & 3)
#define TYPE_CODE 8u
#define TYPE_WRITE_READ 2u
#define TI 4u

static bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static u32 rights(u32 n)
{
	return (u32)vmread(VMCS_GUEST_ES_RIGHTS + 2 * n);
}

static u16 selector(u32 n)
{
	return (u16)vmread(VMCS_GUEST_ES + 2 * n);
}

static u64 base(u32 n)
{
	return vmread(VMCS_GUEST_ES_BASE + 2 * n);
}

/* 27.3.1.1 */
static const char *check_control_registers(void)
{
	u64 cr0 = vmread(VMCS_GUEST_CR0), cr4 = vmread(VMCS_GUEST_CR4), efer = vmread(VMCS_GUEST_EFER);
	bool ia32e = vmread(VMCS_ENTRY) & ENTRY_IA32E;

	if ((cr0 & vmx_caps.cr0_fixed) != vmx_caps.cr0_fixed ||
	    (cr4 & vmx_caps.cr4_fixed) != vmx_caps.cr4_fixed)
		return "a bit of CR0 or CR4 that VMX fixes is 0";
	if (cr0 & CR0_PG && !(cr0 & CR0_PE))
		return "CR0.PG without CR0.PE";
	if (ia32e && (!(cr0 & CR0_PG) || !(cr4 & CR4_PAE)))
		return "long mode without CR0.PG and CR4.PAE";
	if (!ia32e && cr4 & CR4_PCIDE)
		return "CR4.PCIDE outside of long mode";
	if (!!(efer & EFER_LMA) != ia32e)
		return "EFER.LMA differs from the entry control";
	if (cr0 & CR0_PG && !!(efer & EFER_LMA) != !!(efer & EFER_LME))
		return "EFER.LMA differs from EFER.LME while CR0.PG is 1";
	if (vmread(VMCS_GUEST_DR7) >> 32)
		return "DR7 has bits above 31";
	if (!canonical(vmread(VMCS_GUEST_SYSENTER_ESP)) || !canonical(vmread(VMCS_GUEST_SYSENTER_EIP)))
		return "a SYSENTER address is not canonical";
	return NULL;
}

/* The limit's low and high bits agree with G. */
static bool limit_fits(u32 n)
{
	u64 limit = vmread(VMCS_GUEST_ES_LIMIT + 2 * n);
	bool granular = rights(n) & RIGHTS_GRANULAR;

	return granular ? (limit & 0xfff) == 0xfff : !(limit >> 20);
}

static const char *check_code(bool ia32e)
{
	u32 r = rights(SEG_CS), ss = rights(SEG_SS), type = TYPE(r);

	if (type != 3 && (type & 9) != 9)
		return "CS is neither accessed code nor real-mode data";
	if (type == 3 && DPL(r))
		return "a data CS has a DPL";
	if ((type == 9 || type == 11) && DPL(r) != DPL(ss))
		return "DPL of CS and SS differ";
	if ((type == 13 || type == 15) && DPL(r) > DPL(ss))
		return "a conforming CS has a DPL above that of SS";
	if (ia32e && r & RIGHTS_LONG && r & RIGHTS_DEFAULT)
		return "CS.L and CS.D in long mode";
	return base(SEG_CS) >> 32 ? "the base of CS has bits above 31" : NULL;
}

static const char *check_stack(void)
{
	u32 r = rights(SEG_SS), cs = TYPE(rights(SEG_CS));

	if (!(r & RIGHTS_UNUSABLE) && TYPE(r) != 3 && TYPE(r) != 7)
		return "SS is no accessed writable data";
	if ((cs == 3 || !(vmread(VMCS_GUEST_CR0) & CR0_PE)) && DPL(r))
		return "SS has a DPL in real mode";
	return !(r & RIGHTS_UNUSABLE) && base(SEG_SS) >> 32 ? "the base of SS has bits above 31" : NULL;
}

static const char *check_data(u32 n)
{
	u32 r = rights(n);

	if (r & RIGHTS_UNUSABLE)
		return NULL;
	if (!(r & 1))
		return "a data segment is not accessed";
	if (TYPE(r) & TYPE_CODE && !(TYPE(r) & TYPE_WRITE_READ))
		return "a data segment is unreadable code";
	if ((n == SEG_ES || n == SEG_DS) && base(n) >> 32)
		return "the base of DS or ES has bits above 31";
	return NULL;
}

static const char *check_usable(u32 n)
{
	u32 r = rights(n);

	if (r & RIGHTS_UNUSABLE)
		return n == SEG_CS || n == SEG_TR ? "CS or TR is unusable" : NULL;
	if (!(r & RIGHTS_CODE_DATA) != (n >= SEG_LDTR))
		return "the S flag of a segment is wrong";
	if (!(r & RIGHTS_PRESENT))
		return "a usable segment is not present";
	if (r & RIGHTS_RESERVED)
		return "access rights have reserved bits";
	return limit_fits(n) ? NULL : "a segment's limit does not fit its G flag";
}

static const char *check_system_segments(bool ia32e)
{
	u32 tr = TYPE(rights(SEG_TR));

	if (tr != 11 && (tr != 3 || ia32e))
		return "TR is no busy TSS";
	if (selector(SEG_TR) & TI)
		return "TR is in the LDT";
	if (!(rights(SEG_LDTR) & RIGHTS_UNUSABLE) && (TYPE(rights(SEG_LDTR)) != 2 || selector(SEG_LDTR) & TI))
		return "LDTR is no LDT";
	if (!canonical(base(SEG_TR)) || !canonical(base(SEG_FS)) || !canonical(base(SEG_GS)))
		return "a segment's base is not canonical";
	return NULL;
}

/* 27.3.1.2, and 27.3.1.3 for the tables */
static const char *check_segments(void)
{
	bool ia32e = vmread(VMCS_ENTRY) & ENTRY_IA32E;
	const char *why = NULL;

	for (u32 n = SEG_ES; !why && n < SEGS; n++)
		why = check_usable(n);
	if (!why)
		why = check_code(ia32e);
	if (!why)
		why = check_stack();
	for (u32 n = SEG_ES; !why && n <= SEG_GS; n++) {
		if (n != SEG_CS && n != SEG_SS)
			why = check_data(n);
	}
	if (!why)
		why = check_system_segments(ia32e);
	if (!why && (!canonical(vmread(VMCS_GUEST_GDTR_BASE)) || !canonical(vmread(VMCS_GUEST_IDTR_BASE))))
		why = "the base of GDTR or IDTR is not canonical";
	if (!why && (vmread(VMCS_GUEST_GDTR_LIMIT) | vmread(VMCS_GUEST_IDTR_LIMIT)) >> 16)
		why = "the limit of GDTR or IDTR has bits above 15";
	return why;
}

/* 27.3.1.4 and 27.3.1.5 */
static const char *check_instruction(struct vp *vp)
{
	struct vmx_vp *s = vmx_vp(vp);
	u32 type = s->event & EVENT_TYPE;
	bool valid = s->event & EVENT_VALID;
	u32 shadow = s->interruptibility & (SHADOW_STI | SHADOW_MOV_SS);

	if (!(vmread(VMCS_ENTRY) & ENTRY_IA32E && rights(SEG_CS) & RIGHTS_LONG) && vp->rip >> 32)
		return "RIP has bits above 31 outside of 64-bit code";
	if (!canonical(vp->rip))
		return "RIP is not canonical";
	if (vp->rflags & RFLAGS_RESERVED || !(vp->rflags & RFLAGS_FIXED))
		return "RFLAGS has reserved bits";
	if (vp->rflags & RFLAGS_VM &&
	    (vmread(VMCS_ENTRY) & ENTRY_IA32E || !(vmread(VMCS_GUEST_CR0) & CR0_PE)))
		return "RFLAGS.VM outside of protected mode";
	if (valid && type == EVENT_EXTERNAL && !(vp->rflags & RFLAGS_IF))
		return "an interrupt is injected with RFLAGS.IF = 0";
	if (valid && type == EVENT_EXTERNAL && shadow)
		return "an interrupt is injected in an interrupt shadow";
	if (shadow == (SHADOW_STI | SHADOW_MOV_SS))
		return "two interrupt shadows at once";
	if (shadow & SHADOW_STI && !(vp->rflags & RFLAGS_IF))
		return "a shadow of STI with RFLAGS.IF = 0";
	if (valid && type == EVENT_NMI && s->interruptibility & BLOCKED_NMI)
		return "an NMI is injected while NMIs are blocked";
	return NULL;
}

const char *vmx_check_guest(struct vp *vp)
{
	const char *why = check_control_registers();

	/* Segments in virtual-8086 mode have rules of their own, which the processor itself keeps. */
	if (!why && !(vp->rflags & RFLAGS_VM))
		why = check_segments();
	return why ? why : check_instruction(vp);
}
