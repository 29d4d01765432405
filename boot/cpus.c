/* SPDX-License-Identifier: MIT */
/*
 * cpus.c: finds the processors and takes all of them into guest mode, through the firmware's MP Services
 * protocol (PI specification, volume 2, "MP Services Protocol"): all of them, or none.
 */
#include "boot.h"

#define CPU_IS_BSP 1u
#define CPU_IS_ENABLED 2u

struct mp_processor {
	UINT64 apic_id;
	UINT32 flags;
	UINT32 package, core, thread;
	UINT32 extended[6];
};

struct mp_services {
	EFI_STATUS(EFIAPI *get_number)(struct mp_services *, UINTN *count, UINTN *enabled);
	EFI_STATUS(EFIAPI *get_info)(struct mp_services *, UINTN number, struct mp_processor *);
	EFI_STATUS(EFIAPI *start_all)
	(struct mp_services *, void(EFIAPI *procedure)(void *), BOOLEAN one_by_one, EFI_EVENT,
	 UINTN timeout_us, void *context, UINTN **failed);
	void *start_one, *switch_bsp, *enable_disable;
	EFI_STATUS(EFIAPI *who_am_i)(struct mp_services *, UINTN *number);
};

enum outcome { PENDING, READY, FAILED };

static struct mp_services *mp;
static UINTN number_of[BOOT_CPUS_MAX]; /* the firmware's number of our processor index */
static volatile enum outcome outcome[BOOT_CPUS_MAX];

static u32 cpuid_ebx(u32 leaf)
{
	u32 ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(leaf), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ebx;
}

static bool add_processor(UINTN number)
{
	struct mp_processor cpu;
	EFI_STATUS status = mp->get_info(mp, number, &cpu);
	u32 index;

	if (EFI_ERROR(status))
		return refuse(L"processor %d is not described (%s)", (UINT32)number, status_name(status));
	if (!(cpu.flags & CPU_IS_ENABLED))
		return true; /* the OS is not told of it either */
	index = cpu.flags & CPU_IS_BSP ? 0 : info.cpu_count++;
	if (index >= BOOT_CPUS_MAX)
		return refuse(L"more than %d processors", BOOT_CPUS_MAX);
	number_of[index] = number;
	info.apic_id[index] = (u32)cpu.apic_id;
	return true;
}

bool cpus_find(void)
{
	EFI_GUID guid = {0x3fdda605, 0xa76e, 0x4f46, {0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08}};
	UINTN count = 0, enabled;

	info.cpu_count = 1;
	info.apic_id[0] = cpuid_ebx(1) >> 24;
	if (EFI_ERROR(BS->LocateProtocol(&guid, NULL, (void **)&mp)))
		return true; /* firmware for one processor */
	mp->get_number(mp, &count, &enabled);
	for (UINTN i = 0; i < count; i++)
		if (!add_processor(i))
			return false;
	return true;
}

/* The index of the processor this runs on; callable on every processor. */
static u32 own_index(void)
{
	UINTN number = 0;
	u32 i = 0;

	mp->who_am_i(mp, &number);
	while (i < info.cpu_count && number_of[i] != number)
		i++;
	return i;
}

static hv_cpu_fn entry(u64 offset)
{
	return (hv_cpu_fn)(info.reserve_base + offset);
}

static bool any_has(enum outcome wanted)
{
	for (u32 i = 1; i < info.cpu_count; i++)
		if (outcome[i] == wanted)
			return true;
	return false;
}

/* Runs on all application processors at once. None enters before every one is prepared. */
static void EFIAPI enter_application_processor(void *context)
{
	u32 index = own_index();

	(void)context;
	if (index >= info.cpu_count)
		return;
	outcome[index] = entry(hypervisor->prepare_offset)(&info, index) ? FAILED : READY;
	while (any_has(PENDING))
		__asm__ volatile("pause" : : : "memory");
	entry(any_has(FAILED) ? hypervisor->leave_offset : hypervisor->enter_offset)(&info, index);
}

bool cpus_enter(void)
{
	EFI_STATUS status = EFI_SUCCESS;

	if (entry(hypervisor->prepare_offset)(&info, 0))
		return refuse(L"%a", info.refusal);
	if (info.cpu_count > 1)
		status = mp->start_all(mp, enter_application_processor, FALSE, NULL, 0, NULL, NULL);
	if (EFI_ERROR(status) || any_has(PENDING) || any_has(FAILED)) {
		entry(hypervisor->leave_offset)(&info, 0);
		return EFI_ERROR(status) ? refuse(L"the firmware does not start the other processors (%s)",
						  status_name(status))
					 : refuse(L"%a", info.refusal);
	}
	entry(hypervisor->enter_offset)(&info, 0);
	return true;
}
