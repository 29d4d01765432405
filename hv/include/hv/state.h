/* SPDX-License-Identifier: MIT */
/*
 * A VP's architectural state in neutral words: what the vendor's code keeps of it goes by enum reg and
 * segment number, and state.c does the rest: names of the TLFS, rules for values, the state after reset.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/phys.h>
#include <stdbool.h>

struct vp;

/* Registers that a VMCB or VMCS holds, or what stands beside it. */
enum reg {
	REG_CR0,
	REG_CR3,
	REG_CR4,
	REG_EFER,
	REG_DR7,
	REG_PAT,
	REG_SYSENTER_CS,
	REG_SYSENTER_EIP,
	REG_SYSENTER_ESP,
	REG_CR2,
	REG_DR6,
	REG_KERNEL_GS_BASE,
	REG_STAR,
	REG_LSTAR,
	REG_CSTAR,
	REG_SFMASK,
	REGS
};

/* In the TLFS's order of names, which is that of the VMCS, too. */
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR, SEG_GDTR, SEG_IDTR, SEGS };

/* As in union hv_register_value. A segment that is not present is unusable; of GDTR and IDTR only base and
 * limit count. The privilege level of a VP is the DPL of SS. */
struct segment {
	u64 base;
	u32 limit;
	u16 selector, attributes;
};
#define SEGMENT_DPL(attributes) ((attributes) >> 5 & 3)
#define SEGMENT_CODE_DATA 0x0010u
#define SEGMENT_PRESENT 0x0080u
#define SEGMENT_LONG 0x2000u
#define SEGMENT_DEFAULT 0x4000u
#define SEGMENT_GRANULAR 0x8000u
#define SEGMENT_ATTRIBUTES 0xf0ffu

#define PAT_RESET 0x0007040600070406ULL

/* What decides how a guest's virtual addresses translate. */
struct paging_state {
	u64 cr0, cr3, cr4, efer;
	u8 cpl;
	bool code64;
};

static inline bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

/* Bits of CR4 and EFER that this processor has and a guest may set. */
u64 state_cr4_bits(void);
u64 state_efer_bits(void);
bool state_valid_cr0(u64 value);
bool state_valid_pat(u64 value);
/* The state after reset (APM2 14.1.3, SDM table 10-1), but for CS: a child starts where its VMM says. */
void state_reset(struct vp *vp);
/* NULL, or which rule of the manual the state as a whole breaks. */
const char *state_broken_rule(struct vp *vp);
/* In debug builds, before each entry: panics about a broken rule. */
void state_check_entry(struct vp *vp);
void state_dump(struct vp *vp);
struct paging_state state_paging(struct vp *vp);

/* Any register of a child by its TLFS name. HV_STATUS_*; the caller owns the VP. */
u32 state_get_register(struct vp *vp, u32 name, union hv_register_value *value);
u32 state_set_register(struct vp *vp, u32 name, const union hv_register_value *value);

/* The shared register page: filled when an intercept is reported, taken over at the next dispatch. */
void state_fill_page(struct vp *vp);
u32 state_take_page(struct vp *vp);

/* Rules as data: the text of the first one that is broken, or NULL. */
struct rule {
	bool broken;
	const char *text;
};
const char *state_first_broken(const struct rule *rules, u32 count);
#define FIRST_BROKEN(rules) state_first_broken(rules, sizeof(rules) / sizeof(rules[0]))
