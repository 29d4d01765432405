/* SPDX-License-Identifier: MIT */
/*
 * Kicks between processors. The pairing that makes them reliable: a sender sets the flag, then looks
 * whether the target is in a guest; a target declares itself in a guest, then looks at its flags.
 */
#include <hv/log.h>
#include <hv/partition.h>
#include <hv/smp.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/apic.h>
#include <x86/asm.h>

struct cpu *cpus[MAX_CPUS];
u32 cpu_count;
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

/* Sets flags; true when the target is in a guest now, and *entry names that stay. */
static bool signal(struct cpu *cpu, u32 kicks, u32 *entry)
{
	__atomic_fetch_or(&cpu->kicks, kicks, __ATOMIC_SEQ_CST);
	*entry = __atomic_load_n(&cpu->entries, __ATOMIC_SEQ_CST);
	return *entry & 1;
}

/* One at a time: a second one could merge with it, or come when nobody expects it any more. */
static void send_nmi(struct cpu *cpu)
{
	if (!__atomic_exchange_n(&cpu->nmi_sent, 1, __ATOMIC_SEQ_CST))
		apic_send_nmi(cpu->apic_id);
}

void smp_kick(struct cpu *cpu, u32 kicks)
{
	u32 entry;

	/* A processor that waits for its SIPI sleeps outside of guests and needs the NMI too. */
	if (signal(cpu, kicks, &entry) || __atomic_load_n(&cpu->wait_sipi, __ATOMIC_SEQ_CST)) {
		if (cpu != this_cpu())
			send_nmi(cpu);
	}
}

/* Kicks a processor out of its guest and waits until it has left. */
static void expel(struct cpu *cpu, u32 kicks)
{
	u32 entry;

	if (!signal(cpu, kicks, &entry))
		return;
	send_nmi(cpu);
	while (__atomic_load_n(&cpu->entries, __ATOMIC_ACQUIRE) == entry)
		cpu_relax();
}

void smp_flush_root(void)
{
	struct cpu *me = this_cpu();

	for (u32 i = 0; i < cpu_count; i++) {
		if (cpus[i] == me)
			__atomic_fetch_or(&me->kicks, KICK_FLUSH, __ATOMIC_RELAXED);
		else
			expel(cpus[i], KICK_FLUSH);
	}
}

void smp_flush_partition(struct partition *p)
{
	struct cpu *me = this_cpu();

	for (u32 i = 0; p->page && i < HV_MAX_VPS; i++) {
		if (p->page->vps[i])
			__atomic_store_n(&p->page->vps[i]->flush, 1, __ATOMIC_SEQ_CST);
	}
	for (u32 i = 0; i < cpu_count; i++) {
		if (cpus[i] != me && __atomic_load_n(&cpus[i]->running_partition, __ATOMIC_SEQ_CST) == p)
			expel(cpus[i], KICK_VP);
	}
}

void smp_stop_others(void)
{
	for (u32 i = 0; i < cpu_count; i++) {
		if (cpus[i] == 0 || (cpu_has_own_stack() && cpus[i] == this_cpu()))
			continue;
		__atomic_fetch_or(&cpus[i]->kicks, KICK_PANIC, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&cpus[i]->online, __ATOMIC_RELAXED))
			apic_send_nmi(cpus[i]->apic_id);
	}
}
