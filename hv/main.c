/* SPDX-License-Identifier: MIT */
/*
 * Bring-up in a fixed order: init builds everything on the boot processor without touching its state;
 * prepare turns virtualization on and may still refuse; enter turns each processor into a guest of ours. The
 * contract is abi/boot_info.h.
 */
#include "build_id.h"
#include <abi/boot_info.h>
#include <hv/config.h>
#include <hv/dispatch.h>
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/log.h>
#include <hv/memory.h>
#include <hv/panic.h>
#include <hv/partition.h>
#include <hv/root.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/asm.h>
#include <x86/trap.h>
#include <x86/uart.h>

_Static_assert(BOOT_INFO_VERSION == 3, "header.S carries the number, too");
_Static_assert(MAX_CPUS == BOOT_CPUS_MAX, "one limit");

#define STACK_PAGES (STACK_SIZE / PAGE_SIZE)

extern const u8 hv_image_header[], hv_image_end[];

const struct vendor_ops *vendor;

s32 hv_init(struct boot_info *info);
s32 hv_prepare(struct boot_info *info, u32 index);
void hv_leave(struct boot_info *info, u32 index);
u8 *launch_enter(struct boot_info *info, u32 index, const struct launch_frame *frame);
void launch_run(void);

static s32 refuse(struct boot_info *info, const char *why)
{
	size_t i = 0;

	for (; why[i] && i < sizeof(info->refusal) - 1; i++)
		info->refusal[i] = why[i];
	info->refusal[i] = '\0';
	return 1;
}

/* Boot processor: the vendor's half, or why there is none. */
static const char *select_vendor(void)
{
	static const struct vendor_ops *const all[] = {&svm_ops, &vmx_ops};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i]->present()) {
			vendor = all[i];
			return vendor->check();
		}
	}
	return "the processor has neither SVM nor VMX";
}

/* ---- init ------------------------------------------------------------------------------------- */

static const char *check_info(const struct boot_info *info)
{
	const struct rule rules[] = {
		{info->magic != BOOT_INFO_MAGIC || info->version != BOOT_INFO_VERSION ||
			 info->size != sizeof(struct boot_info),
		 "hypervisor and loader differ in version"},
		{!info->cpu_count || info->cpu_count > MAX_CPUS, "more processors than supported"},
		{!info->mem_range_count || info->mem_range_count > BOOT_MEM_RANGES_MAX,
		 "the memory map is empty or too long"},
		{(info->reserve_base | info->reserve_size) & 0x1fffff || !info->reserve_base,
		 "the reservation is not aligned to 2 MiB"},
		{(u64)hv_image_header != info->reserve_base,
		 "the image is not at the start of the reservation"},
		{info->ram_end > 1ULL << 46, "more memory than supported"},
	};

	return FIRST_BROKEN(rules);
}

static bool init_frames(const struct boot_info *info)
{
	u64 frames = info->ram_end >> PAGE_SHIFT;
	u32 *table = memory_pages((frames * sizeof(u32) + PAGE_SIZE - 1) / PAGE_SIZE);

	if (!table)
		return false;
	frame_init(table, frames);
	for (u32 i = 0; i < info->mem_range_count; i++) {
		const struct boot_mem_range *r = &info->mem[i];

		if (r->kind != BOOT_MEM_MMIO)
			frame_assign(r->base >> PAGE_SHIFT, r->size >> PAGE_SHIFT,
				     r->kind == BOOT_MEM_RAM ? FRAME_ROOT : FRAME_FIRMWARE);
	}
	frame_assign(0, 1, FRAME_FIRMWARE); /* page 0 ends lists of frames, so nobody gets it */
	frame_assign(info->reserve_base >> PAGE_SHIFT, info->reserve_size >> PAGE_SHIFT, FRAME_HV);
	return true;
}

/* Pages for the root's extended state: what the processor can have at most. */
static u64 fpu_pages(void)
{
	u32 size = cpuid(1, 0).ecx & 1u << 26 ? cpuid(0xd, 0).ecx : 512;

	return (size + PAGE_SIZE - 1) / PAGE_SIZE;
}

static bool init_cpu(u32 index, u32 apic_id, u8 *stack)
{
	struct cpu *cpu = memory_pages((sizeof(*cpu) + PAGE_SIZE - 1) / PAGE_SIZE);
	struct vp *vp = memory_pages(1);

	if (!cpu || !vp)
		return false;
	cpus[index] = cpu;
	cpu->index = index;
	cpu->apic_id = apic_id;
	cpu->root_vp = vp;
	cpu->vendor = memory_pages(1);
	cpu->page_in = memory_pages(1);
	cpu->page_out = memory_pages(1);
	cpu->fpu_area = memory_pages(fpu_pages());
	cpu->stack_top = stack + STACK_SIZE - 24;
	*(struct cpu **)(stack + STACK_SIZE - 8) = cpu;
	vp->partition = &root_partition;
	vp->index = index;
	vp->control = memory_pages(1);
	vp->last_cpu = cpu;
	return cpu->vendor && cpu->page_in && cpu->page_out && cpu->fpu_area && vp->control;
}

static bool init_cpus(const struct boot_info *info)
{
	u8 *stacks = memory_pages((u64)(info->cpu_count + 1) * STACK_PAGES);

	if (!stacks)
		return false;
	stacks = (u8 *)(((u64)stacks + STACK_SIZE - 1) & ~(u64)(STACK_SIZE - 1));
	for (u32 i = 0; i < info->cpu_count; i++) {
		if (!init_cpu(i, info->apic_id[i], stacks + i * STACK_SIZE))
			return false;
		memory_guard((u64)stacks + i * STACK_SIZE);
	}
	cpu_count = info->cpu_count;
	cpu_stacks_are((u64)stacks, (u64)stacks + (u64)cpu_count * STACK_SIZE);
	return true;
}

s32 hv_init(struct boot_info *info)
{
	const char *why = check_info(info);

	if (!why)
		why = select_vendor();
	if (why)
		return refuse(info, why);
	uart_init(info->serial_port);
	log_init(info->log_level <= LOG_DEBUG ? info->log_level : LOG_DEBUG);
	panic_init(info->panic_action);
	memory_init(info, (u64)hv_image_end);
	trap_init();
	vendor->setup();
	hypercall_init();
	dispatch_init();
	if (!init_frames(info) || !init_cpus(info) || !partition_init(info->max_partitions))
		return refuse(info, "the reservation is too small");
	why = memory_map(info);
	if (!why)
		why = root_init(info);
	if (why)
		return refuse(info, why);
	log_info("Nacelle " NACELLE_VERSION_STRING " build " BUILD_ID ", %s", vendor->name);
	log_info("image at 0x%lx, reservation %lu KiB, %u processors, %lu MiB of RAM", info->reserve_base,
		 info->reserve_size >> 10, cpu_count, frame_total() >> 8);
	return 0;
}

/* ---- prepare and enter ------------------------------------------------------------------------- */

s32 hv_prepare(struct boot_info *info, u32 index)
{
	struct cpu *cpu = index < cpu_count ? cpus[index] : NULL;
	const char *why = "no such processor index";

	if (cpu) {
		cpu->launch_cr0 = read_cr0();
		cpu->launch_cr4 = read_cr4();
		why = vendor->cpu_enable(cpu);
	}
	return why ? refuse(info, why) : 0;
}

void hv_leave(struct boot_info *info, u32 index)
{
	(void)info;
	vendor->cpu_disable(cpus[index]);
}

/* hv_enter's half in C, on the firmware's stack: the caller's state is the guest's. Returns the own stack. */
u8 *launch_enter(struct boot_info *info, u32 index, const struct launch_frame *frame)
{
	struct cpu *cpu = cpus[index];

	(void)info;
	root_apic_init(cpu);
	root_capture(cpu, frame);
	return cpu->stack_top;
}

/* On the own stack, still with the firmware's page tables. */
void launch_run(void)
{
	struct cpu *cpu = this_cpu();

	memory_load_map();
	trap_load();
	log_info("processor %u (APIC id %u) runs the root", cpu->index, cpu->apic_id);
	root_run(cpu);
}
