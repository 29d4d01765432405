/* SPDX-License-Identifier: MIT */
/* GDT and IDT of hv: flat segments, every exception leads to panic, the NMI to a return. */
#include <hv/panic.h>
#include <x86/asm.h>
#include <x86/defs.h>
#include <x86/trap.h>

#define CODE_SELECTOR 0x08
#define DATA_SELECTOR 0x10
#define VECTORS 32
#define STUB_SIZE 16
#define GATE_INTERRUPT 0x8e00

struct gate {
	u16 offset0, selector, type, offset16;
	u32 offset32, reserved;
};
ABI_SIZE(struct gate, 16);

extern const u8 trap_vectors[];
void trap_nmi(void);
void start_load_cs(void);

static u64 gdt[3] = {0, 0x00af9b000000ffffULL, 0x00cf93000000ffffULL};
static struct gate idt[VECTORS];

static void set_gate(u32 vector, u64 at)
{
	idt[vector] =
		(struct gate){(u16)at, CODE_SELECTOR, GATE_INTERRUPT, (u16)(at >> 16), (u32)(at >> 32), 0};
}

void trap_set_nmi(void (*handler)(void))
{
	set_gate(EXC_NMI, (u64)handler);
}

void trap_init(void)
{
	for (u32 i = 0; i < VECTORS; i++)
		set_gate(i, (u64)trap_vectors + STUB_SIZE * i);
	trap_set_nmi(trap_nmi);
}

void trap_load(void)
{
	struct descriptor_ptr g = {sizeof(gdt) - 1, (u64)gdt}, i = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lgdt %0; lidt %1" : : "m"(g), "m"(i));
	start_load_cs();
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss" : : "r"(DATA_SELECTOR));
}
