/* SPDX-License-Identifier: MIT */
/* The checks that VM entry makes on the guest's state (SDM 27.3.1) beyond those of state.c. RIP, RFLAGS and
 * the event come from struct vp, as at the entry. */
#include "vmx.h"
#include <x86/defs.h>

#define TYPE(rights) ((rights)&15)
#define TYPE_CODE 8u
#define TYPE_WRITE_READ 2u
#define TI 4u
#define RIGHTS_RESERVED 0xfffe0f00u

struct seg {
	u32 rights, limit;
	u64 base;
	u16 selector;
	bool usable;
};

static struct seg seg(u32 n)
{
	struct seg s = {
		.rights = (u32)vmread(VMCS_GUEST_ES_RIGHTS + 2 * n),
		.limit = (u32)vmread(VMCS_GUEST_ES_LIMIT + 2 * n),
		.base = vmread(VMCS_GUEST_ES_BASE + 2 * n),
		.selector = (u16)vmread(VMCS_GUEST_ES + 2 * n),
	};

	s.usable = !(s.rights & RIGHTS_UNUSABLE);
	return s;
}

/* 27.3.1.1 */
static const char *check_control_registers(bool ia32e)
{
	u64 cr0 = vmread(VMCS_GUEST_CR0), cr4 = vmread(VMCS_GUEST_CR4), efer = vmread(VMCS_GUEST_EFER);
	const struct rule rules[] = {
		{~cr0 & vmx_caps.cr0_fixed || ~cr4 & vmx_caps.cr4_fixed,
		 "a bit of CR0 or CR4 that VMX fixes is 0"},
		{!ia32e && cr4 & CR4_PCIDE, "CR4.PCIDE outside of long mode"},
		{!!(efer & EFER_LMA) != ia32e, "EFER.LMA differs from the entry control"},
		{!canonical(vmread(VMCS_GUEST_SYSENTER_ESP)) || !canonical(vmread(VMCS_GUEST_SYSENTER_EIP)),
		 "a SYSENTER address is not canonical"},
	};

	return FIRST_BROKEN(rules);
}

/* 27.3.1.2: rules for any segment. The limit's low and high bits agree with G. */
static const char *check_segment(u32 n)
{
	struct seg s = seg(n);
	bool fits = s.rights & SEGMENT_GRANULAR ? (s.limit & 0xfff) == 0xfff : !(s.limit >> 20);
	bool data = n <= SEG_GS && n != SEG_CS && n != SEG_SS;
	const struct rule rules[] = {
		{!s.usable && (n == SEG_CS || n == SEG_TR), "CS or TR is unusable"},
		{s.usable && !(s.rights & SEGMENT_CODE_DATA) != (n >= SEG_LDTR),
		 "the S flag of a segment is wrong"},
		{s.usable && !(s.rights & SEGMENT_PRESENT), "a usable segment is not present"},
		{s.usable && s.rights & RIGHTS_RESERVED, "access rights have reserved bits"},
		{s.usable && !fits, "a segment's limit does not fit its G flag"},
		{s.usable && data && !(s.rights & 1), "a data segment is not accessed"},
		{s.usable && data && TYPE(s.rights) & TYPE_CODE && !(TYPE(s.rights) & TYPE_WRITE_READ),
		 "a data segment is unreadable code"},
		{s.usable && n <= SEG_DS && s.base >> 32, "the base of ES, CS, SS or DS has bits above 31"},
		{n >= SEG_FS && n != SEG_LDTR && !canonical(s.base), "a segment's base is not canonical"},
	};

	return FIRST_BROKEN(rules);
}

/* The same, for pairs and single ones; 27.3.1.3 for the tables. */
static const char *check_segments(bool ia32e)
{
	struct seg cs = seg(SEG_CS), ss = seg(SEG_SS), tr = seg(SEG_TR), ldtr = seg(SEG_LDTR);
	u32 type = TYPE(cs.rights), cs_dpl = SEGMENT_DPL(cs.rights), ss_dpl = SEGMENT_DPL(ss.rights);
	bool real = !(vmread(VMCS_GUEST_CR0) & CR0_PE);
	u64 tables = vmread(VMCS_GUEST_ES_LIMIT + 2 * SEG_GDTR) | vmread(VMCS_GUEST_ES_LIMIT + 2 * SEG_IDTR);
	const struct rule rules[] = {
		{type != 3 && (type & 9) != 9, "CS is neither accessed code nor real-mode data"},
		{type == 3 && cs_dpl, "a data CS has a DPL"},
		{(type == 9 || type == 11) && cs_dpl != ss_dpl, "DPL of CS and SS differ"},
		{(type == 13 || type == 15) && cs_dpl > ss_dpl, "a conforming CS has a DPL above that of SS"},
		{ss.usable && TYPE(ss.rights) != 3 && TYPE(ss.rights) != 7,
		 "SS is no accessed writable data"},
		{(type == 3 || real) && ss_dpl, "SS has a DPL in real mode"},
		{TYPE(tr.rights) != 11 && (TYPE(tr.rights) != 3 || ia32e), "TR is no busy TSS"},
		{tr.selector & TI, "TR is in the LDT"},
		{ldtr.usable && (TYPE(ldtr.rights) != 2 || ldtr.selector & TI), "LDTR is no LDT"},
		{!canonical(vmread(VMCS_GUEST_ES_BASE + 2 * SEG_GDTR)) ||
			 !canonical(vmread(VMCS_GUEST_ES_BASE + 2 * SEG_IDTR)),
		 "the base of GDTR or IDTR is not canonical"},
		{tables >> 16, "the limit of GDTR or IDTR has bits above 15"},
	};
	const char *why = NULL;

	for (u32 n = SEG_ES; !why && n <= SEG_TR; n++)
		why = check_segment(n);
	return why ? why : FIRST_BROKEN(rules);
}

/* 27.3.1.4 and 27.3.1.5 */
static const char *check_instruction(const struct vp *vp, bool ia32e)
{
	bool interrupts = vp->rflags & RFLAGS_IF, code64 = ia32e && seg(SEG_CS).rights & SEGMENT_LONG;
	bool external = vp->event && (vp->event & EVENT_TYPE) == EVENT_EXTERNAL;
	u64 shadow = vmread(VMCS_GUEST_INTERRUPTIBILITY) & (SHADOW_STI | SHADOW_MOV_SS);
	const struct rule rules[] = {
		{!code64 && vp->rip >> 32, "RIP has bits above 31 outside of 64-bit code"},
		{!canonical(vp->rip), "RIP is not canonical"},
		{vp->rflags & RFLAGS_VM && (ia32e || !(vmread(VMCS_GUEST_CR0) & CR0_PE)),
		 "RFLAGS.VM outside of protected mode"},
		{external && !interrupts, "an interrupt is injected with RFLAGS.IF = 0"},
		{external && vp->shadow, "an interrupt is injected in an interrupt shadow"},
		{vp->shadow && shadow == (SHADOW_STI | SHADOW_MOV_SS), "two interrupt shadows at once"},
		{vp->shadow && shadow != SHADOW_MOV_SS && !interrupts, "a shadow of STI with RFLAGS.IF = 0"},
	};

	return FIRST_BROKEN(rules);
}

const char *vmx_broken_rule(struct vp *vp)
{
	struct vp *former = vmx_open(vp);
	bool ia32e = vmread(VMCS_ENTRY) & ENTRY_IA32E;
	const char *why = check_control_registers(ia32e);

	/* Segments in virtual-8086 mode have rules of their own, which the processor itself keeps. */
	if (!why && !(vp->rflags & RFLAGS_VM))
		why = check_segments(ia32e);
	if (!why)
		why = check_instruction(vp, ia32e);
	vmx_close(vp, former);
	return why;
}
