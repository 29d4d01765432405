/* SPDX-License-Identifier: MIT */
/* Decoding the stores with which kernels write device registers. Pure. */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

struct insn_store {
	u8 length;
	u8 size;	/* bytes stored: 4 or 8 */
	bool immediate; /* value holds it */
	bool exchange;	/* XCHG: reg is also loaded with the old value */
	u8 reg;		/* index in gpr[] otherwise */
	u64 value;
};

/* False: another instruction, or cut off. code64: CS.L = 1; otherwise 32-bit code. */
bool insn_decode_store(const u8 *bytes, u8 count, bool code64, struct insn_store *store);
