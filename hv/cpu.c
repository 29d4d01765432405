/* SPDX-License-Identifier: MIT */
/* Finding the own struct cpu from the stack pointer. */
#include <hv/cpu.h>
#include <x86/asm.h>

static u64 stacks_start, stacks_end;

void cpu_stacks_are(u64 start, u64 end)
{
	stacks_start = start;
	stacks_end = end;
}

bool cpu_has_own_stack(void)
{
	u64 sp = read_sp();

	return sp >= stacks_start && sp < stacks_end;
}

u32 cpu_index(void)
{
	return cpu_has_own_stack() ? this_cpu()->index : 0;
}
