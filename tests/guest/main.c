/* SPDX-License-Identifier: MIT */
/* The guest ring: a UEFI application in the place of the operating system. Started by nacelle.efi as
 * next=, it is the root partition, runs every test in one boot and powers the machine off. */
#include "tests.h"
#include <efi.h>
#include <efilib.h>

#define POOL_PAGES 16384 /* 64 MiB */

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);
void mp_init(void);

bool on_bochs_svm;

static void read_options(EFI_HANDLE image)
{
	static const CHAR16 word[] = L"bochs-svm";
	EFI_LOADED_IMAGE *self;

	if (BS->HandleProtocol(image, &LoadedImageProtocol, (void **)&self) == EFI_SUCCESS &&
	    self->LoadOptionsSize == sizeof(word))
		on_bochs_svm = StrCmp(self->LoadOptions, word) == 0;
}

static bool on_nacelle(void)
{
	u32 eax = HV_CPUID_VENDOR, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	return ebx == HV_VENDOR_EBX && ecx == HV_VENDOR_ECX && edx == HV_VENDOR_EDX;
}

static bool set_frequency(void)
{
	struct hv_input_set_partition_property in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.property_code = HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
		.value = 1000000000, /* whatever it is: tests compare times with each other only */
	};

	return status_of(call_simple(HVCALL_SET_PARTITION_PROPERTY, &in, sizeof(in))) == HV_STATUS_SUCCESS;
}

static bool set_simp(void)
{
	struct hv_input_set_vp_registers in = {.partition_id = HV_PARTITION_ID_SELF,
					       .vp_index = HV_VP_INDEX_SELF};
	struct hv_register_assoc e = {.name = HV_REGISTER_SIMP, .value.reg64 = (u64)simp() | 1};

	return status_of(call_rep(HVCALL_SET_VP_REGISTERS, 1, &in, sizeof(in), &e, sizeof(e))) ==
	       HV_STATUS_SUCCESS;
}

static void run_all(void)
{
	struct hv_ext_ledger before, after;

	test_root_cpu();
	test_root_memory();
	check(set_frequency(), "the root tells the clock frequency");
	check(set_simp(), "the root sets its message page");
	before = ledger();
	check_equal(before.hypervisor + before.firmware + before.root + before.deposited + before.child_rw +
			    before.child_ro + before.state_pages,
		    before.total_frames, "the ledger's owners add up to all frames");
	test_arguments();
	test_life_cycle();
	test_properties();
	test_pool();
	test_frames();
	test_mappings();
	test_registers();
	test_state_pages();
	test_intercepts();
	test_interrupts();
	test_timer();
	test_ipi();
	test_switched_state();
	test_two_processors();
	test_hostile();
	test_many();
	after = ledger();
	check(ledger_equal(&before, &after), "after all tests every frame is back with its owner");
	test_x2apic();
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_PHYSICAL_ADDRESS base = 0;

	InitializeLib(image, table);
	read_options(image);
	BS->SetWatchdogTimer(0, 0, 0, NULL);
	if (!check(on_nacelle(), "the hypervisor is there") ||
	    BS->AllocatePages(AllocateAnyPages, EfiBootServicesData, POOL_PAGES, &base) != EFI_SUCCESS) {
		plan();
		RT->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	}
	memory_give(base, POOL_PAGES);
	mp_init();
	trap_install();
	run_all();
	plan();
	RT->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	return EFI_SUCCESS;
}
