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
extern const u8 trap_nmi[];
void start_load_cs(void);
void trap_fatal(struct trap_frame *frame) __attribute__((noreturn));

static u64 gdt[3] = {0, 0x00af9b000000ffffULL, 0x00cf93000000ffffULL};
static struct gate idt[VECTORS];

void trap_init(void)
{
	for (unsigned i = 0; i < VECTORS; i++) {
		u64 at = (u64)(i == EXC_NMI ? trap_nmi : trap_vectors + STUB_SIZE * i);

		idt[i] = (struct gate){(u16)at,		CODE_SELECTOR,	 GATE_INTERRUPT,
				       (u16)(at >> 16), (u32)(at >> 32), 0};
	}
}

void trap_set_nmi(void (*handler)(void))
{
	u64 at = (u64)handler;

	idt[EXC_NMI] =
		(struct gate){(u16)at, CODE_SELECTOR, GATE_INTERRUPT, (u16)(at >> 16), (u32)(at >> 32), 0};
}

void trap_load(void)
{
	struct descriptor_ptr g = {sizeof(gdt) - 1, (u64)gdt}, i = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lgdt %0; lidt %1" : : "m"(g), "m"(i));
	start_load_cs();
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss" : : "r"(DATA_SELECTOR));
}

void trap_fatal(struct trap_frame *frame)
{
	panic_trap(frame);
}
