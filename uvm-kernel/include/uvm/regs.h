/* SPDX-License-Identifier: MIT */
/*
 * The registers of an interrupted context, as the entry code pushes them.
 */
#pragma once

#include <uvm/types.h>

struct pt_regs {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi;
	u64 orig_rax; /* system call number, error code, or vector */
	u64 rip, cs, rflags, rsp, ss;
};
ABI_SIZE(struct pt_regs, 168);

static inline bool regs_user(const struct pt_regs *r)
{
	return (r->cs & 3) == 3;
}
