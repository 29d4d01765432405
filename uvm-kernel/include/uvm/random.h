/* SPDX-License-Identifier: MIT */
/*
 * Random bytes: a ChaCha20 generator with fast key erasure, seeded by the boot block.
 */
#pragma once

#include <uvm/types.h>

void random_init(const u8 seed[32]);
void random_bytes(void *buf, size_t len);
u64 random_u64(void);
/* Stirs user-supplied bytes in (writes to /dev/urandom). */
void random_mix(const void *buf, size_t len);
