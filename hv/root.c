/* SPDX-License-Identifier: MIT */
/*
 * The root partition: the machine as it was, minus hv's memory and the virtualization instructions.
 * Memory is mapped one to one with the largest pages and split where frames are hidden.
 */
#include <hv/assert.h>
#include <hv/config.h>
#include <hv/cpuid.h>
#include <hv/fpu.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/log.h>
#include <hv/memory.h>
#include <hv/panic.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/smp.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/apic.h>
#include <x86/asm.h>
#include <x86/defs.h>

#define GIB (1ULL << 30)
#define TOP_ADDRESS (1ULL << 48)

struct partition root_partition;
static struct spinlock table_lock; /* the root's nested tables and their pool */
static bool have_1g;
static u64 mapped; /* at boot: all below this, of which only frames that are not the root's are absent */

/* ---- Address space ---------------------------------------------------------------------------- */

/* By the largest leaves that fit. */
static bool map_block(u64 base, u32 level)
{
	struct slat *s = &root_partition.slat;
	u64 part = (SLAT_PAGES(level) << PAGE_SHIFT) / 512;

	if ((level != SLAT_1G || have_1g) && slat_uniform(s->format, base >> PAGE_SHIFT, level))
		return slat_map(s, gpa(base), base >> PAGE_SHIFT, level, SLAT_ALL);
	for (u64 at = base; at < base + 512 * part; at += part) {
		if (!map_block(at, level - 1))
			return false;
	}
	return true;
}

/* Splits down to the wanted level and clears the entry. */
static bool hide(u64 at, u32 level)
{
	struct slat *s = &root_partition.slat;
	struct slat_leaf leaf = slat_find(s, gpa(at));

	for (; leaf.entry && leaf.level > level; leaf = slat_find(s, gpa(at))) {
		if (!slat_split(s, gpa(at)))
			return false;
	}
	assert(leaf.entry);
	slat_unmap(s, gpa(at), level);
	return true;
}

const char *root_init(const struct boot_info *info)
{
	struct slat *s = &root_partition.slat;
	bool good;

	memory_rest.total = memory_rest.free;
	have_1g = cpuid(0x80000001, 0).edx & 1u << 26;
	mapped = ((info->ram_end > 4 * GIB ? info->ram_end : 4 * GIB) + GIB - 1) & ~(GIB - 1);
	good = slat_init(s, vendor->slat, &memory_rest);
	for (u64 at = 0; good && at < mapped; at += GIB)
		good = map_block(at, SLAT_1G);
	for (u64 at = 0; good && at < info->reserve_size; at += GIB / 512)
		good = hide(info->reserve_base + at, SLAT_2M);
	/* Writes to the local APIC exit. The page has an entry of its own then. */
	good = good && hide(APIC_PAGE, SLAT_4K) &&
	       slat_map(s, gpa(APIC_PAGE), APIC_PAGE >> PAGE_SHIFT, SLAT_4K, SLAT_READ | SLAT_EXECUTE);
	return good ? NULL : "the reservation is too small for nested page tables";
}

bool root_hide(u64 pfn)
{
	bool good;

	lock(&table_lock);
	good = hide(pfn << PAGE_SHIFT, SLAT_4K);
	unlock(&table_lock);
	return good;
}

void root_show(u64 pfn)
{
	struct slat *s = &root_partition.slat;
	gpa_t at = gpa(pfn << PAGE_SHIFT);

	lock(&table_lock);
	/* The table is there: hiding made it. */
	if (!slat_map(s, at, pfn, SLAT_4K, SLAT_ALL))
		panic("no table for a frame that was hidden");
	if (slat_merge(s, at, SLAT_2M)) {
		if (have_1g)
			slat_merge(s, at, SLAT_1G);
		/* Other processors may still walk through the tables that became free. */
		smp_flush_root();
	}
	unlock(&table_lock);
}

/* Above what was mapped at boot: devices with large BARs. Mapped by the GiB on first use. */
static bool map_device_memory(u64 at)
{
	bool good;

	if (at >= TOP_ADDRESS)
		return false;
	lock(&table_lock);
	good = slat_find(&root_partition.slat, gpa(at)).entry || map_block(at & ~(GIB - 1), SLAT_1G);
	unlock(&table_lock);
	return good;
}

bool root_read_word(u64 at, u64 *value)
{
	u64 pfn = at >> PAGE_SHIFT;

	/* hv maps neither frame 0 nor what is not RAM. */
	if (!pfn || !frame_visible_to_root(pfn) || frame_state_of(pfn) == FRAME_NONE)
		return false;
	*value = *(volatile u64 *)phys_ptr(at);
	return true;
}

/* ---- Exits ------------------------------------------------------------------------------------ */

static void apic_exit(struct vp *vp, struct vp_exit *exit)
{
	if (root_apic_write(vp, exit))
		return;
	log_error("local APIC write at rip 0x%lx is no known store", vp->rip);
	vp_fault(vp, EXC_GP);
}

/* Hidden memory answers with #GP; during the delivery of an exception, that is a double fault. Other memory
 * was shown again by another processor meanwhile, or is a device's. */
static void memory_exit(struct vp *vp, struct vp_exit *exit)
{
	u64 at = exit->memory.gpa.v;

	if (!frame_visible_to_root(at >> PAGE_SHIFT))
		log_warning("root access to hidden memory at 0x%lx, rip 0x%lx", at, vp->rip);
	else if (at < mapped || map_device_memory(at))
		return;
	vp_fault(vp, exit->vectoring ? EXC_DF : EXC_GP);
}

static void msr_exit(struct vp *vp, struct vp_exit *exit)
{
	u64 value = (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32;

	if (exit->access == ACCESS_WRITE && root_apic_msr(vp, (u32)vp->gpr[RCX], value))
		vp_skip(vp, exit->length);
	else
		vp_fault(vp, EXC_GP);
}

static void handle_exit(struct vp *vp, struct vp_exit *exit)
{
	switch (exit->kind) {
	case EXIT_HANDLED:
	case EXIT_WINDOW: /* for NMIs: the loop looks again */
		return;
	case EXIT_NMI:
		return vendor->take_nmi();
	case EXIT_CPUID:
		cpuid_set(vp, cpuid_root(vp));
		return vp_skip(vp, exit->length);
	case EXIT_HYPERCALL:
		return hypercall(vp, exit->length);
	case EXIT_MSR:
		return msr_exit(vp, exit);
	case EXIT_MEMORY:
		return memory_exit(vp, exit);
	case EXIT_APIC:
		return apic_exit(vp, exit);
	case EXIT_XSETBV:
		return fpu_xsetbv(vp, exit, true);
	case EXIT_NOP: /* INVD would drop hv's own writes: written back instead, which the root cannot tell */
		wbinvd();
		return vp_skip(vp, exit->length);
	case EXIT_UNDEFINED:
		return vp_fault(vp, EXC_UD);
	case EXIT_PRIVILEGED: /* a task switch through a gate or a far call: no 64-bit system does that */
		log_warning("the root's processor %u tried a task switch", vp->index);
		return vp_fault(vp, EXC_GP);
	case EXIT_INIT: /* the machine's reset line: software INITs never come this way */
		machine_reset();
	case EXIT_SHUTDOWN:
		log_error("the root's processor %u shut down (triple fault)", vp->index);
		state_dump(vp);
		machine_reset();
	default:
		state_dump(vp);
		panic("root vp %u: exit 0x%x (kind %u)", vp->index, exit->code, exit->kind);
	}
}

/* ---- Kicks: INIT, SIPI, NMI, flush -------------------------------------------------------------- */

static u32 take_kicks(struct cpu *cpu)
{
	return __atomic_exchange_n(&cpu->kicks, 0, __ATOMIC_SEQ_CST);
}

/* INIT: the VP stops until a SIPI. Everything else that arrives meanwhile has no effect, as on a real
 * processor, but for flushes and panic. */
static void wait_for_sipi(struct cpu *cpu, struct vp *vp, u32 kicks)
{
	root_apic_reset(cpu);
	__atomic_store_n(&cpu->wait_sipi, true, __ATOMIC_SEQ_CST);
	while (!(kicks & KICK_SIPI)) {
		vendor->wait_nmi(&cpu->kicks);
		kicks = take_kicks(cpu);
		if (kicks & KICK_PANIC)
			panic_stop();
	}
	__atomic_store_n(&cpu->wait_sipi, false, __ATOMIC_SEQ_CST);
	vp->vapic.nmi = 0;
	root_start(vp, (u8)__atomic_load_n(&cpu->sipi_vector, __ATOMIC_SEQ_CST));
}

void root_handle_kicks(struct cpu *cpu)
{
	struct vp *vp = cpu->root_vp;
	u32 kicks = take_kicks(cpu);

	if (kicks & KICK_PANIC)
		panic_stop();
	if (kicks & KICK_FLUSH)
		vendor->flush(vp);
	if (kicks & KICK_INIT)
		wait_for_sipi(cpu, vp, kicks);
	else if (kicks & KICK_NMI)
		vp->vapic.nmi = 1;
}

void root_run(struct cpu *cpu)
{
	struct vp *vp = cpu->root_vp;
	struct vp_exit exit;

	__atomic_store_n(&cpu->online, true, __ATOMIC_SEQ_CST);
	for (;;) {
		if (vp->vapic.nmi) /* one may be delivered and one may wait, as on a real processor */
			vp_deliver_nmi(vp);
		if (smp_enter(cpu)) {
			smp_exit(cpu);
			root_handle_kicks(cpu);
			continue;
		}
		vendor->vp_run(vp, &exit);
		smp_exit(cpu);
		if (exit.kind == EXIT_MEMORY && exit.access == ACCESS_WRITE &&
		    exit.memory.gpa.v >> PAGE_SHIFT == APIC_PAGE >> PAGE_SHIFT)
			exit.kind = EXIT_APIC;
		vp_count_exit(cpu, vp, HV_PARTITION_ID_ROOT, &exit);
		handle_exit(vp, &exit);
	}
}
