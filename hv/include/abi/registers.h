/* SPDX-License-Identifier: MIT */
/*
 * registers.h: register names for Get/SetVpRegisters (TLFS "Virtual Processor Register Formats"),
 * synthetic MSRs of a child, and the shared VP register page.
 */
#ifndef ABI_REGISTERS_H
#define ABI_REGISTERS_H

#include <abi/types.h>

enum hv_register_name {
	HV_REGISTER_EXPLICIT_SUSPEND = 0x00000000,
	HV_REGISTER_INTERCEPT_SUSPEND = 0x00000001,
	HV_REGISTER_DISPATCH_SUSPEND = 0x00000003,
	HV_REGISTER_INTERNAL_ACTIVITY_STATE = 0x00000004, /* bit 0 startup suspend, 1 halt suspend */

	HV_REGISTER_PENDING_INTERRUPTION = 0x00010002,
	HV_REGISTER_INTERRUPT_STATE = 0x00010003,

	HV_X64_REGISTER_RAX = 0x00020000,
	HV_X64_REGISTER_RCX,
	HV_X64_REGISTER_RDX,
	HV_X64_REGISTER_RBX,
	HV_X64_REGISTER_RSP,
	HV_X64_REGISTER_RBP,
	HV_X64_REGISTER_RSI,
	HV_X64_REGISTER_RDI,
	HV_X64_REGISTER_R8,
	HV_X64_REGISTER_R9,
	HV_X64_REGISTER_R10,
	HV_X64_REGISTER_R11,
	HV_X64_REGISTER_R12,
	HV_X64_REGISTER_R13,
	HV_X64_REGISTER_R14,
	HV_X64_REGISTER_R15,
	HV_X64_REGISTER_RIP = 0x00020010,
	HV_X64_REGISTER_RFLAGS = 0x00020011,

	HV_X64_REGISTER_CR0 = 0x00040000,
	HV_X64_REGISTER_CR2,
	HV_X64_REGISTER_CR3,
	HV_X64_REGISTER_CR4,
	HV_X64_REGISTER_CR8,
	HV_X64_REGISTER_XFEM, /* XCR0 */

	HV_X64_REGISTER_DR0 = 0x00050000,
	HV_X64_REGISTER_DR1,
	HV_X64_REGISTER_DR2,
	HV_X64_REGISTER_DR3,
	HV_X64_REGISTER_DR6,
	HV_X64_REGISTER_DR7,

	HV_X64_REGISTER_ES = 0x00060000,
	HV_X64_REGISTER_CS,
	HV_X64_REGISTER_SS,
	HV_X64_REGISTER_DS,
	HV_X64_REGISTER_FS,
	HV_X64_REGISTER_GS,
	HV_X64_REGISTER_LDTR,
	HV_X64_REGISTER_TR,
	HV_X64_REGISTER_IDTR = 0x00070000,
	HV_X64_REGISTER_GDTR,

	HV_X64_REGISTER_TSC = 0x00080000,
	HV_X64_REGISTER_EFER,
	HV_X64_REGISTER_KERNEL_GS_BASE,
	HV_X64_REGISTER_APIC_BASE,
	HV_X64_REGISTER_PAT,
	HV_X64_REGISTER_SYSENTER_CS,
	HV_X64_REGISTER_SYSENTER_EIP,
	HV_X64_REGISTER_SYSENTER_ESP,
	HV_X64_REGISTER_STAR,
	HV_X64_REGISTER_LSTAR,
	HV_X64_REGISTER_CSTAR,
	HV_X64_REGISTER_SFMASK,
	HV_X64_REGISTER_TSC_AUX = 0x0008007b,

	HV_REGISTER_SINT0 = 0x000a0000,
	HV_REGISTER_SCONTROL = 0x000a0010,
	HV_REGISTER_SIEFP = 0x000a0012,
	HV_REGISTER_SIMP = 0x000a0013,

	HV_REGISTER_STIMER0_CONFIG = 0x000b0000,
	HV_REGISTER_STIMER0_COUNT = 0x000b0001,
};

/* ---- MSRs that a child may use; all others follow HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION ----------- */

#define HV_MSR_VP_INDEX 0x40000002u
#define HV_MSR_TIME_REF_COUNT 0x40000020u /* 100 ns since the partition's creation */
#define HV_MSR_TSC_FREQUENCY 0x40000022u  /* Hz */
#define HV_MSR_EOI 0x40000070u		  /* write-only; the cheapest end of interrupt */
#define HV_MSR_ICR 0x40000071u		  /* as x2APIC ICR: destination in 63:32 */
#define HV_MSR_STIMER0_CONFIG 0x400000b0u /* only timer 0; only direct mode (bit 12), one-shot */
#define HV_MSR_STIMER0_COUNT 0x400000b1u  /* absolute expiry in reference time (100 ns); 0 stops it */

#define HV_STIMER_ENABLE (1ULL << 0)
#define HV_STIMER_AUTO_ENABLE (1ULL << 3)
#define HV_STIMER_VECTOR_SHIFT 4
#define HV_STIMER_DIRECT (1ULL << 12)

/* The virtual local APIC in x2APIC mode: ID 802, EOI 80B, TPR 808, SVR 80F, ICR 830, SELF_IPI 83F. */

/* ---- The VP register page (HV_VP_STATE_PAGE_REGISTERS) ------------------------------------------- */

#define HV_VP_REGISTER_PAGE_VERSION 1
#define HV_VP_REGISTER_DIRTY_GPR 0x1u
#define HV_VP_REGISTER_DIRTY_RIP 0x2u
#define HV_VP_REGISTER_DIRTY_RFLAGS 0x10u

/* True only while valid = 1 and the VP is intercept-suspended. The VMM edits it and sets dirty bits;
 * the next dispatch takes them over. */
struct hv_vp_register_page {
	u16 version;
	u8 valid;
	u8 vtl;
	u32 dirty;
	u64 gpr[16]; /* RAX RCX RDX RBX RSP RBP RSI RDI R8..R15 */
	u64 rip;
	u64 rflags;
	u64 reserved0;
	u8 xmm[6][16];	    /* not filled by Nacelle */
	u8 segments[6][16]; /* ES CS SS DS FS GS */
	u64 cr0;
	u64 cr3;
	u64 cr4;
	u64 cr8;
	u64 efer;
	u64 dr7;
	u64 pending_interruption;
	u64 interrupt_state;
	u64 instruction_emulation_hints;
};
ABI_OFFSET(struct hv_vp_register_page, rip, 136);
ABI_OFFSET(struct hv_vp_register_page, segments, 256);
ABI_OFFSET(struct hv_vp_register_page, cr0, 352);
ABI_OFFSET(struct hv_vp_register_page, pending_interruption, 400);

#endif
