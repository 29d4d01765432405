/* SPDX-License-Identifier: MIT */
/* The root's own view: CPUID, hidden instructions and MSRs, and memory it must not reach. */
#include "tests.h"

#define GP 13
#define UD 6
#define MSR_EFER 0xc0000080u
#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u
#define MSR_APIC_BASE 0x1bu
#define APIC_BASE_X2APIC (1u << 10)
#define MSR_X2APIC_ID 0x802u
#define MSR_X2APIC_ICR 0x830u

struct regs {
	u32 eax, ebx, ecx, edx;
};

static struct regs cpuid(u32 leaf, u32 subleaf)
{
	struct regs r = {leaf, 0, subleaf, 0};

	__asm__ volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static void test_cpuid(void)
{
	struct regs r = cpuid(HV_CPUID_VENDOR, 0);

	check(r.eax >= HV_CPUID_LIMITS, "leaf 40000000 names the highest leaf");
	check_equal(cpuid(HV_CPUID_INTERFACE, 0).eax, HV_INTERFACE_HV1, "interface is Hv#1");
	check_equal(cpuid(HV_CPUID_VS_INTERFACE, 0).ebx, HV_ABI_VERSION, "ABI version");
	r = cpuid(HV_CPUID_FEATURES, 0);
	check(r.ebx & (u32)(HV_PRIV_CREATE_PARTITIONS >> 32), "the root may create partitions");
	check(cpuid(1, 0).ecx >> 31, "a hypervisor is announced");
	check(!(cpuid(0x80000001, 0).ecx & 4), "SVM is hidden");
	check(!(cpuid(1, 0).ecx & 1u << 5), "VMX is hidden");
	check(!(cpuid(7, 0).ebx & 1u << 25), "Processor Trace is hidden");
	check(!(cpuid(1, 0).edx & 1u << 21), "the debug store is hidden");
	check(!(cpuid(6, 0).eax & (1u << 19 | 1u << 23)), "hardware feedback is hidden");
	r = cpuid(0x8000000a, 0);
	check(!(r.eax | r.ebx | r.ecx | r.edx), "leaf 8000000a is empty");
	check(cpuid(1, 0).ecx & 1u << 26, "other features are still there");
}

static void test_instructions(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
		{"VMRUN", insn_vmrun},	   {"VMLOAD", insn_vmload}, {"VMSAVE", insn_vmsave},
		{"STGI", insn_stgi},	   {"CLGI", insn_clgi},	    {"SKINIT", insn_skinit},
		{"INVLPGA", insn_invlpga},
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		check_equal((u32)trap_call(all[i].run), UD, "%s is undefined in the root", all[i].name);
}

static void test_msrs(void)
{
	u64 efer = 0, value = 0, base = 0;

	check_equal((u32)trap_rdmsr(MSR_EFER, &efer), (u32)-1, "read EFER");
	check(!(efer & 1u << 12), "EFER.SVME reads 0");
	check(efer & 1u << 10, "EFER.LMA reads 1");
	check_equal((u32)trap_wrmsr(MSR_EFER, efer | 1u << 12), GP, "EFER.SVME cannot be set");
	check_equal((u32)trap_wrmsr(MSR_EFER, efer & ~(1ULL << 8)), GP,
		    "EFER.LME cannot be cleared while paging");
	check_equal((u32)trap_wrmsr(MSR_EFER, efer), (u32)-1, "EFER can be written back");
	trap_rdmsr(MSR_EFER, &value);
	check_equal(value, efer, "and keeps its value");
	trap_rdmsr(MSR_APIC_BASE, &base);
	check_equal((u32)trap_wrmsr(MSR_APIC_BASE, base + PAGE), GP, "the local APIC cannot be moved");
	check_equal((u32)trap_wrmsr(MSR_APIC_BASE, base & ~(1ULL << 11)), GP,
		    "the local APIC cannot be turned off");
	check_equal((u32)trap_wrmsr(MSR_APIC_BASE, base), (u32)-1, "APIC_BASE can be written back");
	check_equal((u32)trap_wrmsr(0x830, 0), GP, "no x2APIC ICR in xAPIC mode");
}

/* What is left of the extensions that are hidden. */
static void test_svm_msrs(void)
{
	u64 value = 0;

	check_equal((u32)trap_rdmsr(MSR_VM_CR, &value), (u32)-1, "read VM_CR");
	check_equal(value & 0x18, 0x18, "VM_CR says: disabled and locked");
	check_equal((u32)trap_wrmsr(MSR_VM_CR, 0), GP, "VM_CR cannot be unlocked");
	check_equal((u32)trap_rdmsr(MSR_VM_HSAVE_PA, &value), GP, "VM_HSAVE_PA is not readable");
	check_equal((u32)trap_wrmsr(MSR_VM_HSAVE_PA, 0x1000), GP, "VM_HSAVE_PA is not writable");
}

static void test_vmx(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
		{"VMXON", insn_vmxon},	     {"VMPTRLD", insn_vmptrld}, {"VMREAD", insn_vmread},
		{"VMLAUNCH", insn_vmlaunch}, {"INVEPT", insn_invept},	{"GETSEC", insn_getsec},
	};
	u64 value;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		check_equal((u32)trap_call(all[i].run), UD, "%s is undefined in the root", all[i].name);
	check_equal((u32)trap_call(insn_set_vmxe), GP, "CR4.VMXE cannot be set");
	check_equal((u32)trap_call(insn_invd), (u32)-1, "INVD loses nothing");
	check_equal((u32)trap_rdmsr(0x3a, &value), GP, "IA32_FEATURE_CONTROL is not readable");
	check_equal((u32)trap_wrmsr(0x3a, 5), GP, "IA32_FEATURE_CONTROL is not writable");
	check_equal((u32)trap_rdmsr(0x480, &value), GP, "IA32_VMX_BASIC is not readable");
	check_equal((u32)trap_rdmsr(0x491, &value), GP, "IA32_VMX_VMFUNC is not readable");
	check_equal((u32)trap_wrmsr(0x560, 0), GP, "Processor Trace has no output");
	check_equal((u32)trap_wrmsr(0x570, 0), GP, "IA32_RTIT_CTL is not writable");
	check_equal((u32)trap_wrmsr(0x3f1, 0), GP, "IA32_PEBS_ENABLE is not writable");
	check_equal((u32)trap_wrmsr(0x600, 0), GP, "IA32_DS_AREA is not writable");
	check_equal((u32)trap_wrmsr(0x17d0, 0), GP, "IA32_HW_FEEDBACK_PTR is not writable");
}

void test_root_cpu(void)
{
	test_cpuid();
	test_instructions();
	test_msrs();
	if (intel())
		test_vmx();
	else
		test_svm_msrs();
}

/* The reservation is where the firmware says reserved and the hypervisor's log says so; here it is found
 * by its size in the ledger: the frames that fault. */
void test_root_memory(void)
{
	struct hv_ext_ledger l = ledger();
	u64 faults = 0, first = 0, end = 0x80000000ULL;

	/* By 2 MiB: the reservation is aligned to that. */
	for (u64 at = 0x200000; at < end && at / PAGE < l.total_frames; at += 0x200000) {
		if (trap_read(at) != GP)
			continue;
		first = first ? first : at;
		faults++;
	}
	check_equal(faults * 512, l.hypervisor, "the hypervisor's memory cannot be read, all else can");
	if (!first)
		return;
	check_equal((u32)trap_write(first, 0), GP, "nor written");
	check_equal((u32)trap_call((void (*)(void))(first + 0x2000)), GP, "nor executed");
	check_equal((u32)trap_read(first + l.hypervisor * PAGE), (u32)-1, "the byte behind it can be read");
	check_equal((u32)trap_read(first - 8), (u32)-1, "the word before it can be read");
	check_equal(status_of(hypercall(HV_EXT_CALL_GET_MEMORY_LEDGER, 0, first)),
		    HV_STATUS_INVALID_PARAMETER, "no hypercall writes its output there");
	check_equal(status_of(hypercall(HVCALL_INITIALIZE_PARTITION, first, 0)), HV_STATUS_INVALID_PARAMETER,
		    "nor reads its input there");
}

static void count_up(void *counter)
{
	(*(volatile u32 *)counter)++;
}

/* This processor in x2APIC mode: the firmware then sends INIT and SIPI by MSR, to one that is not. No way
 * back. */
void test_x2apic(void)
{
	u32 id = cpuid(1, 0).ebx >> 24, started = 0;
	u64 base = 0, value = 0;

	if (!(cpuid(1, 0).ecx & 1u << 21)) {
		skip("the processor has no x2APIC", "x2APIC mode");
		return;
	}
	trap_rdmsr(MSR_APIC_BASE, &base);
	check_equal((u32)trap_wrmsr(MSR_X2APIC_ICR, 0), GP, "no x2APIC register before");
	check_equal((u32)trap_wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC), (u32)-1, "x2APIC mode");
	trap_rdmsr(MSR_APIC_BASE, &value);
	check_equal(value, base | APIC_BASE_X2APIC, "it is read back");
	check_equal((u32)trap_rdmsr(MSR_X2APIC_ID, &value), (u32)-1, "its registers are MSRs");
	check_equal(value, id, "with the same id");
	check_equal((u32)trap_wrmsr(MSR_X2APIC_ICR, 1ULL << 31), GP, "reserved bits of the ICR");
	check_equal((u32)trap_wrmsr(MSR_APIC_BASE, base), GP, "it cannot be left");
	if (cpu_total() < 2) {
		skip("one processor", "INIT and SIPI by MSR");
		return;
	}
	for (u32 i = 0; i < 3; i++)
		if (cpu_start(count_up, &started))
			cpu_wait();
	check_equal(started, 3, "INIT and SIPI by MSR start another processor, three times");
}
