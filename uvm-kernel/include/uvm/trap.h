/* SPDX-License-Identifier: MIT */
/*
 * Exceptions, interrupts, the way back to user mode, and the tables of a VP that make them arrive.
 */
#pragma once

#include <uvm/types.h>

/* The registers of an interrupted context, as the entry code pushes them. */
struct pt_regs {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi;
	u64 orig_rax; /* system call number, error code, or vector */
	u64 rip, cs, rflags, rsp, ss;
};
ABI_SIZE(struct pt_regs, 168);

struct cpu;

#define SELECTOR_KERNEL_CS 0x10
#define SELECTOR_KERNEL_DS 0x18
#define SELECTOR_USER_DS 0x2b
#define SELECTOR_USER_CS 0x33
#define SELECTOR_TSS 0x40

#define RFLAGS_FIXED 0x2ULL
#define RFLAGS_TF 0x100ULL
#define RFLAGS_IF 0x200ULL
#define RFLAGS_DF 0x400ULL
#define RFLAGS_RF 0x10000ULL
#define RFLAGS_AC 0x40000ULL
/* CF PF AF ZF SF TF DF OF NT? no: AC RF ID — what user mode may choose in a signal frame. */
#define RFLAGS_USER 0x250dd5ULL

void cpu_init_boot(void);    /* VP 0's tables and MSRs */
bool cpu_prepare(u32 index); /* memory of a secondary VP; false: none left */
void cpu_send_ipi(u32 index, u8 vector);
void cpu_flush_pending(void); /* a flush that another VP asked of this one */
void tlb_barrier(void);	      /* all other VPs that run user code have passed through the kernel */
extern bool cpu_smap, cpu_fsgsbase, cpu_xsave;
extern u32 cpu_hwcap;

/* Exit work, then the kernel lock is gone; regs are what user mode gets. */
void user_return(struct pt_regs *regs);
/* Leaves kernel mode for good, with these registers at the top of the stack. */
__noreturn void enter_user(struct pt_regs *regs);
/* The idle loop, on another stack. */
__noreturn void cpu_run_idle(u64 stack_top);
/* Entry from user mode: time accounting and the kernel lock. */
void user_enter(void);

__noreturn void machine_exit(u32 wait_status); /* the container's first process has ended */
void backtrace(u64 rip, u64 rbp);
