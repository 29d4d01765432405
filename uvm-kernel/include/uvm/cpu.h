/* SPDX-License-Identifier: MIT */
/*
 * Per-VP data, reached through GS in kernel mode, and the few privileged instructions.
 */
#pragma once

#include <uvm/types.h>

#define CPUS_MAX 64

struct task;
struct mm;

/* The first fields are known to the assembly by their offsets. */
struct cpu {
	struct cpu *self;  /* 0 */
	struct task *task; /* 8 */
	u64 kernel_rsp;	   /* 16: top of the current task's kernel stack */
	u64 user_rsp;	   /* 24: scratch of the system call entry */
	u32 index;	   /* 32 */
	u32 need_resched;  /* 36 */
	u64 tss_rsp0;	   /* 40: address of RSP0 in the TSS */
	u32 tlb_pending;   /* set by others, cleared by this VP after its flush */
	bool idle;
	struct mm *mm; /* whose tables CR3 holds; NULL = the kernel's own */
	struct task *idle_task;
	u64 stamp;	   /* TSC of the last change between user, kernel and tasks */
	u64 slice_end;	   /* ns; 0: the task may run on */
	struct task *dead; /* switched away from for ever; its stack may go */
	u64 timer_armed;   /* deadline in the hardware timer, ns; 0 = none */
	u64 irqs[256];
};

/* Only true until the next sleep: a task may go on elsewhere. */
static inline struct cpu *this_cpu(void)
{
	struct cpu *c;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(c));
	return c;
}

extern u32 cpu_count;
struct cpu *cpu_get(u32 index);

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;
	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}
static inline u64 rdtsc(void)
{
	u32 lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}
static inline void outl(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}
static inline void cpu_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}
static inline void cpuid(u32 leaf, u32 sub, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "a"(leaf), "c"(sub));
}

/* Interrupt vectors given out by the boot block or fixed here. */
enum { VECTOR_TIMER = 0xec, VECTOR_RESCHED = 0xfd, VECTOR_TLB = 0xfe, VECTOR_SPURIOUS = 0xff };

/* handler(arg) runs under the kernel lock, must not sleep; EOI is done for it. */
void irq_set_handler(u8 vector, void (*handler)(void *arg), void *arg);
