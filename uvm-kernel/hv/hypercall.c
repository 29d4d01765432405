/* SPDX-License-Identifier: MIT */
/*
 * The one hypercall, by instruction; there is no hypercall page.
 */
#include <abi/hypercall.h>
#include <uvm/kernel.h>

#define SPINS_BEFORE_YIELD 4096

void spin_wait(u32 *spins)
{
	u64 input = HVCALL_NOTIFY_LONG_SPIN_WAIT | HV_CALL_FAST, result;
	u64 count = ++*spins;

	cpu_pause();
	if (count % SPINS_BEFORE_YIELD)
		return;
	if (boot->hypercall_insn)
		__asm__ volatile("vmcall" : "=a"(result), "+c"(input), "+d"(count)::"r8", "memory");
	else
		__asm__ volatile("vmmcall" : "=a"(result), "+c"(input), "+d"(count)::"r8", "memory");
}
