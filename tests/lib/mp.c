/* SPDX-License-Identifier: MIT */
/* Other processors, through the firmware's MP Services: each start is an INIT and a SIPI, which the
 * hypervisor emulates. */
#include "lib.h"
#include <efi.h>
#include <efilib.h>

void mp_init(void);

typedef void(EFIAPI *mp_procedure)(void *);

struct mp_services {
	EFI_STATUS(EFIAPI *count)(struct mp_services *, UINTN *all, UINTN *enabled);
	void *info;
	void *start_all;
	EFI_STATUS(EFIAPI *start_this)
	(struct mp_services *, mp_procedure, UINTN number, EFI_EVENT, UINTN timeout, void *,
	 BOOLEAN *finished);
};

static EFI_GUID mp_guid = {0x3fdda605, 0xa76e, 0x4f46, {0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08}};
static struct mp_services *mp;
static EFI_EVENT finished;
static u32 total = 1;

static struct {
	void (*function)(void *);
	void *argument;
	volatile bool done;
} job;

void mp_init(void)
{
	UINTN all = 1, enabled = 1;

	if (BS->LocateProtocol(&mp_guid, NULL, (void **)&mp) != EFI_SUCCESS)
		return;
	if (mp->count(mp, &all, &enabled) == EFI_SUCCESS)
		total = (u32)enabled;
}

u32 cpu_total(void)
{
	return total;
}

static void EFIAPI procedure(void *unused)
{
	(void)unused;
	job.function(job.argument);
	__atomic_store_n(&job.done, true, __ATOMIC_RELEASE);
}

bool cpu_start(void (*function)(void *), void *argument)
{
	job.function = function;
	job.argument = argument;
	job.done = false;
	/* Without an event the call would wait for the processor. */
	if (BS->CreateEvent(0, 0, NULL, NULL, &finished) != EFI_SUCCESS)
		return false;
	return mp->start_this(mp, procedure, 1, finished, 0, NULL, NULL) == EFI_SUCCESS;
}

void cpu_wait(void)
{
	while (!__atomic_load_n(&job.done, __ATOMIC_ACQUIRE))
		cpu_pause();
	/* The firmware notices the end by its timer. */
	while (BS->CheckEvent(finished) == EFI_NOT_READY)
		cpu_pause();
	BS->CloseEvent(finished);
}

void cpu_pause(void)
{
	__asm__ volatile("pause");
}

u64 tsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}
