/* SPDX-License-Identifier: MIT */
/* hv's descriptor tables and its own exceptions. */
#pragma once

#include <abi/types.h>

struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

/* Builds the tables, once. */
void trap_init(void);
/* Another way to take NMIs than trap_nmi; before they are loaded. */
void trap_set_nmi(void (*handler)(void));
/* Loads them on this processor. */
void trap_load(void);
/* HLT until an NMI, unless a flag is set already. */
void trap_wait(const u32 *flags);
