/* SPDX-License-Identifier: MIT */
/*
 * The virtual machine control structure: encodings of the fields that hv uses, bits of the controls, and
 * access to the current VMCS. SDM volume 3: chapter "Virtual Machine Control Structures", appendix B
 * "Field Encoding in VMCS", appendix A "VMX Capability Reporting Facility".
 * Section numbers in hv/vmx are those of volume 3 since 2023, where the VMCS is chapter 25.
 */
#pragma once

#include <abi/types.h>
#include <hv/panic.h>
#include <stdbool.h>

/* ---- MSRs -------------------------------------------------------------------------------------- */

#define MSR_FEATURE_CONTROL 0x3au
#define FEATURE_CONTROL_LOCK (1ULL << 0)
#define FEATURE_CONTROL_IN_SMX (1ULL << 1)
#define FEATURE_CONTROL_VMX (1ULL << 2)
#define MSR_VMX_BASIC 0x480u
#define VMX_BASIC_32BIT (1ULL << 48)
#define VMX_BASIC_TRUE (1ULL << 55)
#define MSR_VMX_MISC 0x485u
#define MSR_VMX_CR0_FIXED0 0x486u
#define MSR_VMX_CR0_FIXED1 0x487u
#define MSR_VMX_CR4_FIXED0 0x488u
#define MSR_VMX_CR4_FIXED1 0x489u
#define MSR_VMX_SECONDARY 0x48bu
#define MSR_VMX_EPT_VPID 0x48cu
#define MSR_VMX_TRUE_PIN 0x48du
#define MSR_VMX_TRUE_PRIMARY 0x48eu
#define MSR_VMX_TRUE_EXIT 0x48fu
#define MSR_VMX_TRUE_ENTRY 0x490u
#define MSR_VMX_FIRST 0x480u
#define MSR_VMX_LAST 0x4ffu
#define MSR_PEBS_ENABLE 0x3f1u
#define MSR_DS_AREA 0x600u
#define MSR_RTIT_FIRST 0x560u
#define MSR_RTIT_CTL 0x570u
#define MSR_RTIT_LAST 0x58fu
#define MSR_HW_FEEDBACK_PTR 0x17d0u
#define MSR_HW_FEEDBACK_CONFIG 0x17d1u
#define MSR_ARCH_CAPABILITIES 0x10au
#define ARCH_RDCL_NO (1ULL << 0)
#define ARCH_SKIP_L1D_FLUSH (1ULL << 3)
#define ARCH_MDS_NO (1ULL << 5)
#define MSR_FLUSH_CMD 0x10bu
#define FLUSH_L1D 1ULL
#define MSR_DEBUGCTL 0x1d9u
#define MSR_MTRR_CAP 0xfeu
#define MSR_MTRR_DEFAULT 0x2ffu
#define MSR_MTRR_BASE(i) (0x200u + 2 * (i))
#define MSR_MTRR_MASK(i) (0x201u + 2 * (i))

/* ---- Controls ---------------------------------------------------------------------------------- */

#define PIN_EXTERNAL_INTERRUPT (1u << 0)
#define PIN_NMI (1u << 3)
#define PIN_VIRTUAL_NMI (1u << 5)
#define PIN_PREEMPTION_TIMER (1u << 6)

#define CPU_INTERRUPT_WINDOW (1u << 2)
#define CPU_HLT (1u << 7)
#define CPU_MWAIT (1u << 10)
#define CPU_RDPMC (1u << 11)
#define CPU_CR8_LOAD (1u << 19)
#define CPU_CR8_STORE (1u << 20)
#define CPU_NMI_WINDOW (1u << 22)
#define CPU_MOV_DR (1u << 23)
#define CPU_IO (1u << 24)
#define CPU_MSR_BITMAPS (1u << 28)
#define CPU_MONITOR (1u << 29)
#define CPU_SECONDARY (1u << 31)

#define CPU2_EPT (1u << 1)
#define CPU2_RDTSCP (1u << 3)
#define CPU2_VPID (1u << 5)
#define CPU2_WBINVD (1u << 6)
#define CPU2_UNRESTRICTED (1u << 7)
#define CPU2_INVPCID (1u << 12)
#define CPU2_XSAVES (1u << 20)
#define CPU2_USER_WAIT (1u << 26)
#define CPU2_PCONFIG (1u << 27)

#define EXIT_SAVE_DEBUG (1u << 2)
#define EXIT_HOST_64 (1u << 9)
#define EXIT_SAVE_PAT (1u << 18)
#define EXIT_LOAD_PAT (1u << 19)
#define EXIT_SAVE_EFER (1u << 20)
#define EXIT_LOAD_EFER (1u << 21)

#define ENTRY_LOAD_DEBUG (1u << 2)
#define ENTRY_IA32E (1u << 9)
#define ENTRY_LOAD_PAT (1u << 14)
#define ENTRY_LOAD_EFER (1u << 15)

/* IA32_VMX_EPT_VPID_CAP */
#define EPT_CAP_WALK_4 (1ULL << 6)
#define EPT_CAP_WB (1ULL << 14)
#define EPT_CAP_2M (1ULL << 16)
#define EPT_CAP_1G (1ULL << 17)
#define EPT_CAP_INVEPT (1ULL << 20)
#define EPT_CAP_ACCESSED_DIRTY (1ULL << 21)
#define EPT_CAP_INVEPT_SINGLE (1ULL << 25)
#define EPT_CAP_INVEPT_ALL (1ULL << 26)

#define EPTP_WB 6u
#define EPTP_WALK_4 (3u << 3)
#define EPTP_ACCESSED_DIRTY (1u << 6)

/* ---- Fields ------------------------------------------------------------------------------------ */

enum vmcs_field {
	/* 16 bits */
	VMCS_VPID = 0x0000,
	VMCS_GUEST_ES = 0x0800, /* then by segment number in steps of 2, in all four series */
	VMCS_HOST_ES = 0x0c00,	/* the same, without LDTR */
	VMCS_HOST_TR = 0x0c0c,
	/* 64 bits */
	VMCS_MSR_BITMAP = 0x2004,
	VMCS_TSC_OFFSET = 0x2010,
	VMCS_EPTP = 0x201a,
	VMCS_XSS_BITMAP = 0x202c,
	VMCS_PCONFIG_BITMAP = 0x203e,
	VMCS_GUEST_PHYSICAL = 0x2400,
	VMCS_LINK = 0x2800,
	VMCS_GUEST_DEBUGCTL = 0x2802,
	VMCS_GUEST_PAT = 0x2804,
	VMCS_GUEST_EFER = 0x2806,
	VMCS_GUEST_PDPTE = 0x280a, /* four, in steps of 2 */
	VMCS_HOST_PAT = 0x2c00,
	VMCS_HOST_EFER = 0x2c02,
	/* 32 bits */
	VMCS_PIN = 0x4000,
	VMCS_PRIMARY = 0x4002,
	VMCS_EXCEPTIONS = 0x4004,
	VMCS_PF_MASK = 0x4006,
	VMCS_PF_MATCH = 0x4008,
	VMCS_CR3_TARGETS = 0x400a,
	VMCS_EXIT = 0x400c,
	VMCS_EXIT_MSR_STORE = 0x400e,
	VMCS_EXIT_MSR_LOAD = 0x4010,
	VMCS_ENTRY = 0x4012,
	VMCS_ENTRY_MSR_LOAD = 0x4014,
	VMCS_ENTRY_EVENT = 0x4016,
	VMCS_ENTRY_ERROR = 0x4018,
	VMCS_SECONDARY = 0x401e,
	VMCS_INSTRUCTION_ERROR = 0x4400,
	VMCS_EXIT_REASON = 0x4402,
	VMCS_EXIT_EVENT = 0x4404,
	VMCS_EXIT_ERROR = 0x4406,
	VMCS_VECTORING = 0x4408,
	VMCS_VECTORING_ERROR = 0x440a,
	VMCS_EXIT_LENGTH = 0x440c,
	VMCS_GUEST_ES_LIMIT = 0x4800,
	VMCS_GUEST_ES_RIGHTS = 0x4814,
	VMCS_GUEST_INTERRUPTIBILITY = 0x4824,
	VMCS_GUEST_ACTIVITY = 0x4826,
	VMCS_GUEST_SYSENTER_CS = 0x482a,
	VMCS_PREEMPTION_TIMER = 0x482e,
	VMCS_HOST_SYSENTER_CS = 0x4c00,
	/* as wide as registers */
	VMCS_CR0_MASK = 0x6000,
	VMCS_CR4_MASK = 0x6002,
	VMCS_CR0_SHADOW = 0x6004,
	VMCS_CR4_SHADOW = 0x6006,
	VMCS_QUALIFICATION = 0x6400,
	VMCS_GUEST_CR0 = 0x6800,
	VMCS_GUEST_CR3 = 0x6802,
	VMCS_GUEST_CR4 = 0x6804,
	VMCS_GUEST_ES_BASE = 0x6806,
	VMCS_GUEST_DR7 = 0x681a,
	VMCS_GUEST_RSP = 0x681c,
	VMCS_GUEST_RIP = 0x681e,
	VMCS_GUEST_RFLAGS = 0x6820,
	VMCS_GUEST_PENDING_DEBUG = 0x6822,
	VMCS_GUEST_SYSENTER_ESP = 0x6824,
	VMCS_GUEST_SYSENTER_EIP = 0x6826,
	VMCS_HOST_CR0 = 0x6c00,
	VMCS_HOST_CR3 = 0x6c02,
	VMCS_HOST_CR4 = 0x6c04,
	VMCS_HOST_FS_BASE = 0x6c06,
	VMCS_HOST_GS_BASE = 0x6c08,
	VMCS_HOST_TR_BASE = 0x6c0a,
	VMCS_HOST_GDTR_BASE = 0x6c0c,
	VMCS_HOST_IDTR_BASE = 0x6c0e,
	VMCS_HOST_SYSENTER_ESP = 0x6c10,
	VMCS_HOST_SYSENTER_EIP = 0x6c12,
	VMCS_HOST_RSP = 0x6c14, /* enter.S writes it */
	VMCS_HOST_RIP = 0x6c16,
};

/* Access rights: 15:0 as attributes of struct segment. */
#define RIGHTS_UNUSABLE (1u << 16)

#define SHADOW_STI (1u << 0)
#define SHADOW_MOV_SS (1u << 1)
#define BLOCKED_NMI (1u << 3)

#define PENDING_DEBUG_BS (1ULL << 14)

/* Interruption information at exit, beside what enum event bits of vp.h say. */
#define EVENT_NMI_UNBLOCKED (1u << 12)

/* ---- Exit reasons (appendix C) ------------------------------------------------------------------- */

enum vmx_reason { /* the others: exit.c */
		  REASON_EXCEPTION = 0,
		  REASON_CR = 28,
		  REASON_IO = 30,
		  REASON_RDMSR = 31,
		  REASON_WRMSR = 32,
		  REASON_EPT_VIOLATION = 48,
		  REASON_ENTRY_FAILED = 1u << 31,
};

/* ---- Instructions -------------------------------------------------------------------------------- */

static inline u64 vmread(u64 field)
{
	u64 value;
	bool failed;

	__asm__ volatile("vmread %2, %1" : "=@ccbe"(failed), "=r"(value) : "r"(field) : "memory");
	if (__builtin_expect(failed, 0))
		panic("VMREAD of field 0x%lx failed", field);
	return value;
}

static inline void vmwrite(u64 field, u64 value)
{
	bool failed;

	__asm__ volatile("vmwrite %2, %1" : "=@ccbe"(failed) : "r"(field), "r"(value) : "memory");
	if (__builtin_expect(failed, 0))
		panic("VMWRITE of 0x%lx to field 0x%lx failed", value, field);
}

/* True: it failed. */
#define VMX_INSTRUCTION(name)                                                               \
	static inline bool name(u64 address)                                                \
	{                                                                                   \
		bool failed;                                                                \
                                                                                            \
		__asm__ volatile(#name " %1" : "=@ccbe"(failed) : "m"(address) : "memory"); \
		return failed;                                                              \
	}
VMX_INSTRUCTION(vmptrld)
VMX_INSTRUCTION(vmclear)
VMX_INSTRUCTION(vmxon)
#undef VMX_INSTRUCTION

static inline void vmxoff(void)
{
	__asm__ volatile("vmxoff" : : : "memory", "cc");
}

#define INVEPT_SINGLE 1ULL
#define INVEPT_ALL 2ULL

static inline void invept(u64 type, u64 eptp)
{
	struct {
		u64 eptp, reserved;
	} descriptor = {eptp, 0};
	bool failed;

	__asm__ volatile("invept %1, %2" : "=@ccbe"(failed) : "m"(descriptor), "r"(type) : "memory");
	if (failed)
		panic("INVEPT of 0x%lx failed", eptp);
}
