/* SPDX-License-Identifier: MIT */
/* Which counter an exit belongs to. */
#include <hv/exit.h>
#include <x86/apic.h>

enum hv_exit_kind exit_stat(const struct vp_exit *exit)
{
	static const u8 stats[EXIT_KINDS] = {
		[EXIT_UNSET] = HV_EXIT_OTHER,
		[EXIT_HANDLED] = HV_EXIT_MSR,
		[EXIT_INTERRUPT] = HV_EXIT_INTERRUPT,
		[EXIT_NMI] = HV_EXIT_NMI,
		[EXIT_HYPERCALL] = HV_EXIT_HYPERCALL,
		[EXIT_CPUID] = HV_EXIT_CPUID,
		[EXIT_MSR] = HV_EXIT_MSR,
		[EXIT_IO] = HV_EXIT_IO,
		[EXIT_MEMORY] = HV_EXIT_MEMORY,
		[EXIT_HALT] = HV_EXIT_HALT,
		[EXIT_EXCEPTION] = HV_EXIT_EXCEPTION,
		[EXIT_WINDOW] = HV_EXIT_INTERRUPT_WINDOW,
		[EXIT_SHUTDOWN] = HV_EXIT_SHUTDOWN,
		[EXIT_INIT] = HV_EXIT_OTHER,
		[EXIT_UNDEFINED] = HV_EXIT_VIRTUALIZATION,
		[EXIT_PRIVILEGED] = HV_EXIT_OTHER,
		[EXIT_NOP] = HV_EXIT_OTHER,
		[EXIT_XSETBV] = HV_EXIT_OTHER,
		[EXIT_DEBUG_REGISTER] = HV_EXIT_OTHER,
		[EXIT_INVALID] = HV_EXIT_OTHER,
		[EXIT_UNKNOWN] = HV_EXIT_OTHER,
	};

	if (exit->kind == EXIT_MEMORY && exit->memory.gpa.v >> PAGE_SHIFT == APIC_PAGE >> PAGE_SHIFT)
		return HV_EXIT_APIC;
	return stats[exit->kind];
}
