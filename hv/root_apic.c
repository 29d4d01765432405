/* SPDX-License-Identifier: MIT */
/*
 * The root's local APIC is the physical one, but for stores: INIT, SIPI and NMI commands become flags
 * and kicks between processors, so that no real INIT ever reaches a processor in guest mode. Everything
 * else is passed on.
 */
#include <hv/insn.h>
#include <hv/root.h>
#include <hv/smp.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/apic.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define INSN_MAX 15
#define DFR_FLAT 0xffffffffu
#define BROADCAST_XAPIC 0xffu

/* ---- Commands that stay in software ------------------------------------------------------------- */

static bool is_target(const struct cpu *cpu, u32 command, u32 destination, bool x2apic)
{
	u32 id = cpu->logical_id >> 24;

	if (!x2apic && destination == BROADCAST_XAPIC)
		destination = ICR_BROADCAST;
	if (x2apic || destination == ICR_BROADCAST || !(command & ICR_LOGICAL) ||
	    command >> ICR_SHORTHAND_SHIFT & 3)
		return icr_targets(command, destination, cpu->apic_id, cpu == this_cpu());
	if (cpu->logical_flat == DFR_FLAT)
		return id & destination;
	return id >> 4 == destination >> 4 && id & destination & 15;
}

static void send_one(struct cpu *cpu, u32 command)
{
	u32 mode = command >> ICR_MODE_SHIFT & 7;
	bool waits = __atomic_load_n(&cpu->wait_sipi, __ATOMIC_SEQ_CST) ||
		     __atomic_load_n(&cpu->kicks, __ATOMIC_SEQ_CST) & KICK_INIT;

	if (mode == ICR_MODE_SIPI && waits) {
		__atomic_store_n(&cpu->sipi_vector, command & 0xff, __ATOMIC_SEQ_CST);
		smp_kick(cpu, KICK_SIPI);
	} else if (mode == ICR_MODE_INIT && !waits) {
		smp_kick(cpu, KICK_INIT);
	} else if (mode == ICR_MODE_NMI && !waits) {
		smp_kick(cpu, KICK_NMI);
	}
}

/* True when the command was one of ours and is done. */
static bool send(u32 command, u32 destination, bool x2apic)
{
	u32 mode = command >> ICR_MODE_SHIFT & 7;

	if (mode != ICR_MODE_INIT && mode != ICR_MODE_SIPI && mode != ICR_MODE_NMI)
		return false;
	if (mode == ICR_MODE_INIT && command & ICR_LEVEL && !(command & ICR_ASSERT))
		return true; /* INIT level de-assert: nothing on processors of this kind */
	for (u32 i = 0; i < cpu_count; i++) {
		if (is_target(cpus[i], command, destination, x2apic))
			send_one(cpus[i], command);
	}
	return true;
}

/* ---- xAPIC: stores to the page --------------------------------------------------------------------- */

/* A walk of the root's page tables, of 4 or 5 levels. Rights are not checked: the processor has just executed
 * from there. */
static bool translate(const struct paging_state *paging, u64 va, u64 *out)
{
	u64 entry = paging->cr3;

	for (unsigned height = paging->cr4 & CR4_LA57 ? 5 : 4; height-- > 0;) {
		unsigned shift = PAGE_SHIFT + 9 * height;
		u64 inside = (1ULL << shift) - 1;

		if (!root_read_word((entry & PTE_ADDR) + (va >> shift & 511) * 8, &entry) || !(entry & PTE_P))
			return false;
		if (height == 0 || (height <= 2 && entry & PTE_PS)) {
			*out = (entry & PTE_ADDR & ~inside) | (va & inside);
			return true;
		}
	}
	return false;
}

/* The bytes at RIP: from the processor if it offers them, else by a walk per page. */
static u8 fetch(struct vp *vp, const struct vp_exit *exit, const struct paging_state *paging, u8 *bytes)
{
	u64 at = vp->rip, from = 0, word = 0;

	if (exit->memory.bytes) {
		memcpy(bytes, exit->memory.instruction, exit->memory.bytes);
		return exit->memory.bytes;
	}
	for (u8 n = 0; n < INSN_MAX; n++, at++, from++) {
		bool new_page = n == 0 || !(at & (PAGE_SIZE - 1));

		if (new_page && !translate(paging, at, &from))
			return n;
		if ((new_page || !(from & 7)) && !root_read_word(from & ~7ULL, &word))
			return n;
		bytes[n] = (u8)(word >> (from & 7) * 8);
	}
	return INSN_MAX;
}

static void store(struct cpu *cpu, u32 offset, u32 value)
{
	if (offset == APIC_ICR_LOW && send(value, apic_read(APIC_ICR_HIGH) >> 24, false))
		return;
	apic_write(offset, value);
	if (offset == APIC_LDR)
		cpu->logical_id = apic_read(APIC_LDR);
	else if (offset == APIC_DFR)
		cpu->logical_flat = apic_read(APIC_DFR);
}

bool root_apic_write(struct vp *vp, const struct vp_exit *exit)
{
	u32 offset = (u32)exit->memory.gpa.v & (PAGE_SIZE - 1);
	struct paging_state paging = state_paging(vp);
	struct insn_store insn;
	u8 bytes[INSN_MAX];
	u32 value;

	if (!paging.code64 || offset & 15 ||
	    !insn_decode_store(bytes, fetch(vp, exit, &paging, bytes), &insn))
		return false;
	value = insn.immediate ? insn.value : (u32)vp->gpr[insn.reg];
	if (insn.exchange)
		vp->gpr[insn.reg] = apic_read(offset);
	store(this_cpu(), offset, value);
	vp_skip(vp, insn.length);
	return true;
}

/* ---- MSRs ------------------------------------------------------------------------------------------ */

/* The root may switch to x2APIC and back through reset, but neither move the page nor turn the APIC
 * off: processors reach each other through it. */
static bool write_base(struct cpu *cpu, u64 value)
{
	u64 old = rdmsr(MSR_APIC_BASE), mode = APIC_BASE_ENABLE | APIC_BASE_X2APIC;

	if ((value ^ old) & ~mode || !(value & APIC_BASE_ENABLE))
		return false;
	if (old & APIC_BASE_X2APIC && !(value & APIC_BASE_X2APIC))
		return false;
	if (value & APIC_BASE_X2APIC && !(cpuid(1, 0).ecx & 1u << 21))
		return false;
	wrmsr(MSR_APIC_BASE, value);
	cpu->x2apic = value & APIC_BASE_X2APIC;
	return true;
}

bool root_apic_msr(struct vp *vp, u32 index, u64 value)
{
	struct cpu *cpu = this_cpu();

	(void)vp;
	if (index == MSR_APIC_BASE)
		return write_base(cpu, value);
	if (index != MSR_X2APIC_ICR || !cpu->x2apic || value & 0xfff32000)
		return false;
	if (!send((u32)value, (u32)(value >> 32), true))
		wrmsr(MSR_X2APIC_ICR, value);
	return true;
}

/* ---- Start and INIT -------------------------------------------------------------------------------- */

void root_apic_init(struct cpu *cpu)
{
	cpu->x2apic = rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
	if (cpu->x2apic)
		return;
	cpu->logical_id = apic_read(APIC_LDR);
	cpu->logical_flat = apic_read(APIC_DFR);
}

/* APM2 16.3.2: registers as after reset, but for the id. What waits in IRR cannot be taken back. */
void root_apic_reset(struct cpu *cpu)
{
	if (cpu->x2apic)
		return;
	for (u32 offset = APIC_LVT_TIMER; offset <= APIC_LVT_ERROR; offset += 0x10)
		apic_write(offset, 0x10000);
	apic_write(APIC_TIMER_INITIAL, 0);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LDR, 0);
	apic_write(APIC_DFR, DFR_FLAT);
	for (u32 i = 0; i < 8; i++) {
		for (u32 bits = apic_read(APIC_ISR + 0x10 * i); bits; bits &= bits - 1)
			apic_write(APIC_EOI, 0);
	}
	apic_write(APIC_SVR, 0xff);
	cpu->logical_id = 0;
	cpu->logical_flat = DFR_FLAT;
}
