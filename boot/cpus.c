/* SPDX-License-Identifier: MIT */
/*
 * cpus.c: finds the processors and takes all of them into guest mode, through the firmware's MP Services
 * protocol (PI specification, volume 2, "MP Services Protocol"). Processors that fail are taken back
 * together.
 */
#include "boot.h"

#include <abi/hypercall.h>

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

enum outcome { PENDING, ENTERED, FAILED };

struct launch {
	struct boot_info *info;
	hv_enter_fn enter, leave;
	volatile u32 outcome[BOOT_CPUS_MAX];
};

static struct mp_services *mp;
static UINTN number_of[BOOT_CPUS_MAX]; /* the firmware's number of our processor index */

static u32 own_apic_id(void)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ebx >> 24;
}

static bool add_processor(struct boot_info *info, UINTN number, u32 *next)
{
	struct mp_processor cpu;
	EFI_STATUS status = mp->get_info(mp, number, &cpu);
	u32 index = 0;

	if (EFI_ERROR(status))
		return refuse(L"processor %d is not described (%s)", (UINT32)number, status_name(status));
	if (!(cpu.flags & CPU_IS_ENABLED))
		return true; /* the OS is not told of it either */
	if (!(cpu.flags & CPU_IS_BSP))
		index = (*next)++;
	if (index >= BOOT_CPUS_MAX)
		return refuse(L"more than %d processors", BOOT_CPUS_MAX);
	number_of[index] = number;
	info->apic_id[index] = (u32)cpu.apic_id;
	return true;
}

bool cpus_find(struct boot_info *info)
{
	EFI_GUID guid = {0x3fdda605, 0xa76e, 0x4f46, {0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08}};
	UINTN count = 0, enabled;
	u32 next = 1;

	info->cpu_count = 1;
	info->apic_id[0] = own_apic_id();
	if (EFI_ERROR(BS->LocateProtocol(&guid, NULL, (void **)&mp))) {
		mp = NULL; /* firmware for one processor */
		return true;
	}
	mp->get_number(mp, &count, &enabled);
	for (UINTN i = 0; i < count; i++)
		if (!add_processor(info, i, &next))
			return false;
	info->cpu_count = next;
	return true;
}

/* The index of the processor this runs on; callable on every processor. */
static u32 own_index(struct launch *launch)
{
	UINTN number = 0;
	u32 i = 0;

	mp->who_am_i(mp, &number);
	while (i < launch->info->cpu_count && number_of[i] != number)
		i++;
	return i;
}

/* Fast HV_EXT_CALL_DISABLE, in the instruction of this processor's vendor. */
static void leave_guest_mode(void)
{
	u64 result, call = HV_EXT_CALL_DISABLE | HV_CALL_FAST;
	u32 eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (ebx == 0x756e6547) /* "Genu"ineIntel */
		__asm__ volatile("vmcall" : "=a"(result) : "c"(call), "d"(0ULL) : "r8", "memory", "cc");
	else
		__asm__ volatile("vmmcall" : "=a"(result) : "c"(call), "d"(0ULL) : "r8", "memory", "cc");
}

static void take_back(struct launch *launch, u32 index)
{
	if (launch->outcome[index] == ENTERED)
		leave_guest_mode();
	else
		launch->leave(launch->info, index);
}

static bool any_has(struct launch *launch, enum outcome outcome)
{
	for (u32 i = 1; i < launch->info->cpu_count; i++)
		if (launch->outcome[i] == (u32)outcome)
			return true;
	return false;
}

/* Runs on all application processors at once. Each waits until every one has tried. */
static void EFIAPI enter_application_processor(void *context)
{
	struct launch *launch = context;
	u32 index = own_index(launch);

	if (index >= launch->info->cpu_count)
		return;
	launch->outcome[index] = launch->enter(launch->info, index) ? FAILED : ENTERED;
	while (any_has(launch, PENDING))
		__asm__ volatile("pause" : : : "memory");
	if (any_has(launch, FAILED))
		take_back(launch, index);
}

bool cpus_enter(struct boot_info *info, hv_enter_fn enter, hv_enter_fn leave, bool *stuck)
{
	static struct launch launch;
	EFI_STATUS status;

	launch = (struct launch){.info = info, .enter = enter, .leave = leave};
	*stuck = false;
	if (info->cpu_count > 1) {
		status = mp->start_all(mp, enter_application_processor, FALSE, NULL, 0, &launch, NULL);
		if (EFI_ERROR(status))
			return refuse(L"the firmware does not start the other processors (%s)",
				      status_name(status));
		if (any_has(&launch, PENDING) || any_has(&launch, FAILED)) {
			leave(info, 0);
			return refuse(L"%a", info->refusal);
		}
	}
	if (enter(info, 0) == 0)
		return true;
	leave(info, 0);
	*stuck = info->cpu_count > 1;
	return refuse(L"%a%a", info->refusal, *stuck ? "; the other processors are lost to the OS" : "");
}
