/* SPDX-License-Identifier: MIT */
/* One-instruction accessors. Everything that only real hardware can do is here, so that other files
 * also compile into tests on a host. */
#pragma once

#include <abi/types.h>
#include <hv/config.h>

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdmsr(u32 index)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 index, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(index), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/* a * b / c without losing bits; all ones when that does not fit. c is not 0. */
static inline u64 muldiv(u64 a, u64 b, u64 c)
{
	u64 low, high, quotient, rest;

	__asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(a), "r"(b));
	if (high >= c)
		return ~0ULL;
	__asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(low), "d"(high), "r"(c));
	return quotient;
}

static inline void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#define DEFINE_READ(type, instruction, name, reg)                     \
	static inline type read_##name(void)                          \
	{                                                             \
		type v;                                               \
		__asm__ volatile(instruction " " reg "%0" : "=r"(v)); \
		return v;                                             \
	}
#define DEFINE_REGISTER(name)                                               \
	DEFINE_READ(u64, "mov", name, "%%" #name ", ")                      \
	static inline void write_##name(u64 v)                              \
	{                                                                   \
		__asm__ volatile("mov %0, %%" #name : : "r"(v) : "memory"); \
	}
DEFINE_REGISTER(cr0)
DEFINE_REGISTER(cr2)
DEFINE_REGISTER(cr3)
DEFINE_REGISTER(cr4)
DEFINE_REGISTER(dr0)
DEFINE_REGISTER(dr1)
DEFINE_REGISTER(dr2)
DEFINE_REGISTER(dr3)
DEFINE_REGISTER(dr6)
DEFINE_REGISTER(dr7)
DEFINE_READ(u16, "mov", es, "%%es, ")
DEFINE_READ(u16, "mov", cs, "%%cs, ")
DEFINE_READ(u16, "mov", ss, "%%ss, ")
DEFINE_READ(u16, "mov", ds, "%%ds, ")
DEFINE_READ(u16, "mov", fs, "%%fs, ")
DEFINE_READ(u16, "mov", gs, "%%gs, ")
DEFINE_READ(u16, "sldt", ldtr, "")
DEFINE_READ(u16, "str", tr, "")
DEFINE_READ(u64, "mov", sp, "%%rsp, ")
#undef DEFINE_REGISTER
#undef DEFINE_READ

struct descriptor_ptr {
	u16 limit;
	u64 base;
} __attribute__((packed));

static inline struct descriptor_ptr read_gdtr(void)
{
	struct descriptor_ptr p;

	__asm__ volatile("sgdt %0" : "=m"(p));
	return p;
}

static inline struct descriptor_ptr read_idtr(void)
{
	struct descriptor_ptr p;

	__asm__ volatile("sidt %0" : "=m"(p));
	return p;
}

static inline u64 xgetbv(void)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

static inline void xsetbv(u64 value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline void xsave(void *area, u64 mask)
{
	__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32)) : "memory");
}

static inline void xrstor(const void *area, u64 mask)
{
	__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32)) : "memory");
}

static inline void wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void __attribute__((noreturn)) cpu_halt_forever(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
