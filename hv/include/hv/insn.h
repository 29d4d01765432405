/* SPDX-License-Identifier: MIT */
/* Decoding the stores with which kernels write device registers. Pure. */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

struct insn_store {
	u8 length;
	bool immediate; /* value holds it */
	bool exchange;	/* XCHG: reg is also loaded with the old value */
	u8 reg;		/* index in gpr[] otherwise */
	u32 value;
};

/* False: another instruction, or cut off. */
bool insn_decode_store(const u8 *bytes, u8 count, struct insn_store *store);
