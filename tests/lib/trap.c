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

void trap_handler_6(void), trap_handler_13(void), trap_handler_14(void);

static struct gate idt[256] __attribute__((aligned(16)));

static void set(unsigned vector, void (*handler)(void))
{
	u64 at = (u64)handler;

	idt[vector].offset0 = (u16)at;
	idt[vector].offset16 = (u16)(at >> 16);
	idt[vector].offset32 = (u32)(at >> 32);
}

void trap_install(void)
{
	struct table t;

	__asm__ volatile("sidt %0" : "=m"(t));
	memcpy(idt, (void *)t.base, t.limit + 1u < sizeof(idt) ? t.limit + 1u : sizeof(idt));
	set(6, trap_handler_6);
	set(13, trap_handler_13);
	set(14, trap_handler_14);
	trap_load();
}

void trap_load(void)
{
	struct table t = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lidt %0" : : "m"(t));
}
