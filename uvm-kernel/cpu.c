/* SPDX-License-Identifier: MIT */
/*
 * Per-VP tables and registers: GDT, TSS with its three interrupt stacks, the shared IDT, the MSRs of SYSCALL,
 * and signals between VPs. What arrives through them is trap.c's.
 */
#include <abi/registers.h>
#include <uvm/kernel.h>

#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define CR4_FSGSBASE (1ULL << 16)
#define CR4_OSXSAVE (1ULL << 18)
#define CR4_SMAP (1ULL << 21)

#define IST_STACK_SIZE 4096
#define DEBUG_STACK_SIZE 1024

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 io_map;
} __packed;
_Static_assert(sizeof(struct tss) == 104, "TSS is 104 bytes");

struct gate {
	u16 offset0;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset1;
	u32 offset2;
	u32 reserved;
};

/* All that one VP needs, in one block. */
struct cpu_block {
	struct cpu cpu;
	struct tss tss;
	u64 gdt[11];
	u8 nmi_stack[IST_STACK_SIZE] __aligned(16);
	u8 fault_stack[IST_STACK_SIZE] __aligned(16);
	u8 debug_stack[DEBUG_STACK_SIZE] __aligned(16);
};

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

extern const char trap_stubs[];
void syscall_entry(void);

u32 cpu_count = 1;
bool cpu_smap, cpu_fsgsbase, cpu_xsave;
u32 cpu_hwcap;
u64 cpu_start_stack[CPUS_MAX]; /* read by start.S */

static struct cpu_block boot_cpu __aligned(64);
static struct cpu_block *blocks[CPUS_MAX];
static struct gate idt[256] __aligned(16);

struct cpu *cpu_get(u32 index)
{
	return &blocks[index]->cpu;
}

static void idt_build(void)
{
	for (u32 i = 0; i < 256; i++) {
		u64 at = (u64)trap_stubs + 16 * i;

		idt[i] = (struct gate){
			.offset0 = (u16)at,
			.offset1 = (u16)(at >> 16),
			.offset2 = (u32)(at >> 32),
			.selector = SELECTOR_KERNEL_CS,
			.type = i == 3 || i == 4 ? 0xee : 0x8e, /* INT3 and INTO are user mode's to use */
			.ist = i == 1	? 3
			       : i == 2 ? 1
			       : i == 8 ? 2
					: 0,
		};
	}
}

static void gdt_build(struct cpu_block *b)
{
	u64 tss = (u64)&b->tss;

	b->gdt[SELECTOR_KERNEL_CS / 8] = 0x00af9b000000ffffULL;
	b->gdt[SELECTOR_KERNEL_DS / 8] = 0x00cf93000000ffffULL;
	b->gdt[4] = 0x00cffb000000ffffULL; /* 32-bit user code: only SYSRET's arithmetic needs the place */
	b->gdt[SELECTOR_USER_DS / 8] = 0x00cff3000000ffffULL;
	b->gdt[SELECTOR_USER_CS / 8] = 0x00affb000000ffffULL;
	b->gdt[SELECTOR_TSS / 8] =
		(sizeof(b->tss) - 1) | (tss & 0xffffff) << 16 | 0x89ULL << 40 | (tss >> 24 & 0xff) << 56;
	b->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	b->gdt[SELECTOR_VP / 8] = 0x0040f50000000000ULL | b->cpu.index; /* only its limit is read */
	b->tss.ist[0] = (u64)(b->nmi_stack + IST_STACK_SIZE);
	b->tss.ist[1] = (u64)(b->fault_stack + IST_STACK_SIZE);
	b->tss.ist[2] = (u64)(b->debug_stack + DEBUG_STACK_SIZE);
	b->tss.io_map = sizeof(b->tss);
}

static void tables_load(struct cpu_block *b)
{
	struct table_pointer gdtr = {sizeof(b->gdt) - 1, (u64)b->gdt};
	struct table_pointer idtr = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lgdt %0" ::"m"(gdtr));
	__asm__ volatile("lidt %0" ::"m"(idtr));
	__asm__ volatile(
		"pushq %0\n\tleaq 1f(%%rip), %%rax\n\tpushq %%rax\n\tlretq\n1:" ::"i"(SELECTOR_KERNEL_CS)
		: "rax", "memory");
	__asm__ volatile(
		"movw %w0, %%ss\n\tmovw %w1, %%ds\n\tmovw %w1, %%es\n\tmovw %w1, %%fs\n\tmovw %w1, %%gs" ::
			"r"(SELECTOR_KERNEL_DS),
		"r"(0));
	__asm__ volatile("ltr %w0" ::"r"(SELECTOR_TSS));
}

static void msrs_load(struct cpu_block *b)
{
	wrmsr(MSR_GS_BASE, (u64)&b->cpu);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	wrmsr(MSR_STAR, (u64)(SELECTOR_USER_DS - 8) << 48 | (u64)SELECTOR_KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	/* TF IF DF IOPL NT RF AC */
	wrmsr(MSR_SFMASK, 0x57700);
}

static void block_init(struct cpu_block *b, u32 index)
{
	blocks[index] = b;
	b->cpu.self = &b->cpu;
	b->cpu.index = index;
	b->cpu.tss_rsp0 = (u64)&b->tss.rsp[0];
	gdt_build(b);
}

/* This VP becomes that one. */
void cpu_load(u32 index);
void cpu_load(u32 index)
{
	tables_load(blocks[index]);
	msrs_load(blocks[index]);
}

static u64 read_cr4(void)
{
	u64 v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

void cpu_init_boot(void)
{
	u64 cr4 = read_cr4();
	u32 id[4];

	idt_build();
	block_init(&boot_cpu, 0);
	cpu_load(0);
	cpu_smap = cr4 & CR4_SMAP;
	cpu_fsgsbase = cr4 & CR4_FSGSBASE;
	cpu_xsave = cr4 & CR4_OSXSAVE;
	cpuid(1, 0, id);
	cpu_hwcap = id[3];
}

bool cpu_prepare(u32 index)
{
	struct cpu_block *b = kzalloc(sizeof(*b));

	if (!b)
		return false;
	block_init(b, index);
	return true;
}

void cpu_send_ipi(u32 index, u8 vector)
{
	wrmsr(HV_MSR_ICR, (u64)index << 32 | 0x4000 | vector); /* fixed, assert */
}
