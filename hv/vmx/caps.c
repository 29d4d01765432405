/* SPDX-License-Identifier: MIT */
/*
 * What this processor's VMX can do. Everything hv needs is asked for by name, so that a refusal says what
 * is missing; controls that only pass a feature on to the guest are used where they exist.
 * SDM appendix A "VMX Capability Reporting Facility".
 */
#include "vmx.h"
#include <x86/asm.h>
#include <x86/defs.h>

#define MISC_STORES_LMA (1ULL << 5)

struct vmx_caps vmx_caps;

/* A control that hv sets, for the root, for children or for both. A capability MSR: low half, bits that must
 * be 1; high half, bits that may be 1. */
enum { ROOT = 1, CHILD = 2, BOTH = 3 };

static const struct control {
	u32 msr, bit;
	u8 whose;
	const char *missing; /* NULL: only passes a feature on, used where it exists */
} controls[] = {
	{MSR_VMX_TRUE_PIN, PIN_EXTERNAL_INTERRUPT, CHILD, "VMX has no external-interrupt exiting"},
	{MSR_VMX_TRUE_PIN, PIN_NMI, BOTH, "VMX has no NMI exiting"},
	{MSR_VMX_TRUE_PIN, PIN_VIRTUAL_NMI, BOTH, "VMX has no virtual NMIs"},
	{MSR_VMX_TRUE_PRIMARY, CPU_INTERRUPT_WINDOW, 0, "VMX has no interrupt-window exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_NMI_WINDOW, 0, "VMX has no NMI-window exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_HLT, CHILD, "VMX has no HLT exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_MWAIT, CHILD, "VMX has no MWAIT exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_MONITOR, CHILD, "VMX has no MONITOR exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_RDPMC, CHILD, "VMX has no RDPMC exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_CR8_LOAD, CHILD, "VMX has no CR8-load exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_CR8_STORE, CHILD, "VMX has no CR8-store exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_MOV_DR, CHILD, "VMX has no MOV-DR exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_IO, CHILD, "VMX has no unconditional I/O exiting"},
	{MSR_VMX_TRUE_PRIMARY, CPU_MSR_BITMAPS, BOTH, "VMX has no MSR bitmaps"},
	{MSR_VMX_TRUE_PRIMARY, CPU_SECONDARY, BOTH, "VMX has no secondary controls"},
	{MSR_VMX_SECONDARY, CPU2_EPT, BOTH, "VMX has no EPT"},
	{MSR_VMX_SECONDARY, CPU2_VPID, BOTH, "VMX has no VPID"},
	{MSR_VMX_SECONDARY, CPU2_UNRESTRICTED, BOTH, "VMX has no unrestricted guest"},
	{MSR_VMX_SECONDARY, CPU2_WBINVD, CHILD, "VMX has no WBINVD exiting"},
	{MSR_VMX_SECONDARY, CPU2_INVPCID, BOTH, NULL},
	{MSR_VMX_SECONDARY, CPU2_RDTSCP, ROOT, NULL},
	{MSR_VMX_SECONDARY, CPU2_XSAVES, ROOT, NULL},
	{MSR_VMX_SECONDARY, CPU2_USER_WAIT, ROOT, NULL},
	{MSR_VMX_SECONDARY, CPU2_PCONFIG, ROOT, NULL},
	{MSR_VMX_TRUE_EXIT, EXIT_HOST_64, BOTH, "VMX has no 64-bit host"},
	{MSR_VMX_TRUE_EXIT, EXIT_SAVE_DEBUG, BOTH, "VMX does not save debug controls"},
	{MSR_VMX_TRUE_EXIT, EXIT_SAVE_PAT, BOTH, "VMX does not save IA32_PAT"},
	{MSR_VMX_TRUE_EXIT, EXIT_LOAD_PAT, BOTH, "VMX does not load the host's IA32_PAT"},
	{MSR_VMX_TRUE_EXIT, EXIT_SAVE_EFER, BOTH, "VMX does not save IA32_EFER"},
	{MSR_VMX_TRUE_EXIT, EXIT_LOAD_EFER, BOTH, "VMX does not load the host's IA32_EFER"},
	{MSR_VMX_TRUE_ENTRY, ENTRY_IA32E, 0, "VMX has no 64-bit guests"},
	{MSR_VMX_TRUE_ENTRY, ENTRY_LOAD_DEBUG, BOTH, "VMX does not load debug controls"},
	{MSR_VMX_TRUE_ENTRY, ENTRY_LOAD_PAT, BOTH, "VMX does not load the guest's IA32_PAT"},
	{MSR_VMX_TRUE_ENTRY, ENTRY_LOAD_EFER, BOTH, "VMX does not load the guest's IA32_EFER"},
};

#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

/* The secondary controls' MSR exists only if the primary ones have that bit, asked for before. */
static const char *check_controls(void)
{
	for (unsigned i = 0; i < CONTROLS; i++) {
		if (controls[i].missing && !(rdmsr(controls[i].msr) >> 32 & controls[i].bit))
			return controls[i].missing;
	}
	return NULL;
}

/* Wanted bits plus the reserved ones that must be 1, minus wanted ones that may not be. */
static u32 choose(u32 msr, u8 whose)
{
	u64 cap = rdmsr(msr);
	u32 wanted = (u32)cap;

	for (unsigned i = 0; i < CONTROLS; i++)
		wanted |= controls[i].msr == msr && controls[i].whose & whose ? controls[i].bit : 0;
	return wanted & (u32)(cap >> 32);
}

static struct vmx_controls choose_all(u8 whose)
{
	return (struct vmx_controls){
		.pin = choose(MSR_VMX_TRUE_PIN, whose),
		.primary = choose(MSR_VMX_TRUE_PRIMARY, whose),
		.secondary = choose(MSR_VMX_SECONDARY, whose),
		.exit = choose(MSR_VMX_TRUE_EXIT, whose),
		.entry = choose(MSR_VMX_TRUE_ENTRY, whose),
	};
}

static const char *check_ept(void)
{
	u64 cap = rdmsr(MSR_VMX_EPT_VPID);
	const struct rule rules[] = {
		{!(cap & EPT_CAP_WALK_4), "EPT has no 4-level tables"},
		{!(cap & EPT_CAP_WB), "EPT tables cannot be cached"},
		{!(cap & EPT_CAP_2M), "EPT has no 2 MiB pages"},
		{!(cap & EPT_CAP_ACCESSED_DIRTY), "EPT has no accessed and dirty flags"},
		{!(cap & EPT_CAP_INVEPT) || !(cap & (EPT_CAP_INVEPT_SINGLE | EPT_CAP_INVEPT_ALL)),
		 "EPT has no INVEPT"},
	};

	return FIRST_BROKEN(rules);
}

/* SDM 24.7 "Enabling and Entering VMX Operation". An unlocked MSR is ours to set. */
static const char *check_feature_control(void)
{
	u64 control = rdmsr(MSR_FEATURE_CONTROL);

	if (!(control & FEATURE_CONTROL_LOCK) || control & FEATURE_CONTROL_VMX)
		return NULL;
	if (control & FEATURE_CONTROL_IN_SMX)
		return "the firmware allows VMX only after a TXT launch (IA32_FEATURE_CONTROL)";
	return "VMX is disabled and locked by the firmware (IA32_FEATURE_CONTROL)";
}

extern const u8 hv_image_header[];

/* The reservation is 2 MiB or more, aligned to that: 1 MiB behind its header stands something else,
 * unless address bit 20 is forced to 0. VMXON would fault then (SDM 24.8). */
static bool a20_masked(void)
{
	const volatile u64 *here = (const u64 *)hv_image_header;
	const volatile u64 *there = (const u64 *)((u64)hv_image_header ^ 1u << 20);

	return here[0] == there[0] && here[1] == there[1] && here[2] == there[2];
}

const char *vmx_check(void)
{
	u64 basic;
	const char *why;

	if (read_cr4() & CR4_VMXE)
		return "another hypervisor uses VMX already";
	why = check_feature_control();
	if (why)
		return why;
	basic = rdmsr(MSR_VMX_BASIC);
	const struct rule rules[] = {
		{a20_masked(), "address line A20 is off"},
		{!(basic & VMX_BASIC_TRUE), "VMX has no true controls"},
		{basic & VMX_BASIC_32BIT && (u64)hv_image_header >> 32,
		 "VMX structures must lie below 4 GiB"},
		{!(rdmsr(MSR_VMX_MISC) & MISC_STORES_LMA), "VMX exits do not record IA32_EFER.LMA"},
		{read_cr4() & CR4_LA57, "the firmware runs with 5-level page tables"},
	};
	why = FIRST_BROKEN(rules);
	if (!why)
		why = check_controls();
	return why ? why : check_ept();
}

/* What Intel's advisories on L1TF and MDS ask of whoever enters guests. */
static void find_leaks(void)
{
	u32 features = cpuid(0, 0).eax >= 7 ? cpuid(7, 0).edx : 0;
	u64 immune = features & 1u << 29 ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;

	vmx_caps.flush_l1d = features & 1u << 28 && !(immune & (ARCH_RDCL_NO | ARCH_SKIP_L1D_FLUSH));
	vmx_caps.clear_buffers = features & 1u << 10 && !(immune & ARCH_MDS_NO);
}

void vmx_caps_init(void)
{
	u64 ept = rdmsr(MSR_VMX_EPT_VPID), misc = rdmsr(MSR_VMX_MISC);

	vmx_caps.revision = (u32)rdmsr(MSR_VMX_BASIC) & 0x7fffffff;
	vmx_caps.cr0_fixed = rdmsr(MSR_VMX_CR0_FIXED0) & ~(CR0_PE | CR0_PG);
	vmx_caps.cr4_fixed = rdmsr(MSR_VMX_CR4_FIXED0);
	vmx_caps.timer_shift = misc & 31;
	vmx_caps.preemption_timer = rdmsr(MSR_VMX_TRUE_PIN) >> 32 & PIN_PREEMPTION_TIMER;
	vmx_caps.invept_single = ept & EPT_CAP_INVEPT_SINGLE;
	vmx_caps.ept_1g = ept & EPT_CAP_1G;
	find_leaks();
	vmx_caps.root = choose_all(ROOT);
	vmx_caps.child = choose_all(CHILD);
}
