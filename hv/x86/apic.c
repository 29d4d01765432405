/* SPDX-License-Identifier: MIT */
/* Access to the physical local APIC. What the root may do with it is root_apic.c's subject. */
#include <hv/phys.h>
#include <x86/apic.h>
#include <x86/asm.h>
#include <x86/defs.h>

u32 apic_read(u32 offset)
{
	return *(volatile u32 *)phys_ptr(APIC_PAGE + offset);
}

void apic_write(u32 offset, u32 value)
{
	*(volatile u32 *)phys_ptr(APIC_PAGE + offset) = value;
}

static void wait_idle(void)
{
	while (apic_read(APIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
}

void apic_send_nmi(u32 apic_id)
{
	u32 command = ICR_MODE_NMI << ICR_MODE_SHIFT | ICR_ASSERT;
	u32 high;

	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC) {
		wrmsr(MSR_X2APIC_ICR, (u64)apic_id << 32 | command);
		return;
	}
	high = apic_read(APIC_ICR_HIGH);
	wait_idle();
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR_LOW, command);
	wait_idle();
	apic_write(APIC_ICR_HIGH, high);
}
