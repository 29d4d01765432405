/* SPDX-License-Identifier: MIT */
/* Copying and filling memory. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int byte, size_t n);
