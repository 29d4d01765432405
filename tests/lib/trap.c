/* SPDX-License-Identifier: MIT */
/* Our own handlers in a copy of the firmware's IDT. */
#include "lib.h"

void *memcpy(void *to, const void *from, size_t n);

struct gate {
	u16 offset0, selector, type, offset16;
	u32 offset32, reserved;
};

struct table {
	u16 limit;
	u64 base;
} __attribute__((packed));

#define APIC 0xfee00000ULL
#define LVT_TIMER 0x320
#define LVT_LINT0 0x350
#define MASKED 0x10000u

void trap_handler_6(void), trap_handler_13(void), trap_handler_14(void), trap_ignore(void);

static struct gate idt[256] __attribute__((aligned(16)));

static void set(struct gate *gate, void (*handler)(void))
{
	u64 at = (u64)handler;

	gate->offset0 = (u16)at;
	gate->offset16 = (u16)(at >> 16);
	gate->offset32 = (u32)(at >> 32);
}

void trap_install(void)
{
	struct table t;

	__asm__ volatile("sidt %0" : "=m"(t));
	memcpy(idt, (void *)t.base, t.limit + 1u < sizeof(idt) ? t.limit + 1u : sizeof(idt));
	set(&idt[6], trap_handler_6);
	set(&idt[13], trap_handler_13);
	set(&idt[14], trap_handler_14);
	trap_load();
}

void trap_load(void)
{
	struct table t = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lidt %0" : : "m"(t));
}

void trap_silence(void)
{
	static struct gate quiet[256] __attribute__((aligned(16)));
	struct table t = {sizeof(quiet) - 1, (u64)quiet};

	memcpy(quiet, idt, sizeof(quiet));
	for (unsigned i = 32; i < 256; i++)
		set(&quiet[i], trap_ignore);
	*(volatile u32 *)(APIC + LVT_LINT0) = MASKED;
	*(volatile u32 *)(APIC + LVT_TIMER) = MASKED;
	__asm__ volatile("lidt %0; sti; nop; nop; cli" : : "m"(t));
}
