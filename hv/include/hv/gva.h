/* SPDX-License-Identifier: MIT */
/* Reading a guest's memory by its virtual addresses: for the instruction that hv must decode. */
#pragma once

#include <hv/state.h>

/* Reads 8 bytes at an aligned guest physical address; false: not the guest's memory. */
typedef bool gva_read_fn(void *context, gpa_t at, u64 *value);

/* Walks the guest's tables as the processor would for a read. False: not mapped. */
bool gva_translate(const struct paging_state *paging, gva_t va, gva_read_fn *read, void *context, gpa_t *out);
