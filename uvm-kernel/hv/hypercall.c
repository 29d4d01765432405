/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls by instruction; there is no hypercall page.
 */
#include <abi/hypercall.h>
#include <uvm/kernel.h>

#define SPINS_BEFORE_YIELD 4096

static u64 hypercall_fast(u64 input, u64 first, u64 second)
{
	u64 result;
	register u64 r8 __asm__("r8") = second;

	if (boot->hypercall_insn)
		__asm__ volatile("vmcall" : "=a"(result), "+c"(input), "+d"(first), "+r"(r8)::"memory");
	else
		__asm__ volatile("vmmcall" : "=a"(result), "+c"(input), "+d"(first), "+r"(r8)::"memory");
	return result;
}

void spin_wait(u32 *spins)
{
	cpu_pause();
	if (!(++*spins % SPINS_BEFORE_YIELD))
		hypercall_fast(HVCALL_NOTIFY_LONG_SPIN_WAIT | HV_CALL_FAST, *spins, 0);
}
