/* SPDX-License-Identifier: MIT */
/* The reservation: handed out at boot, never given back; and hv's own page tables. */
#pragma once

#include <abi/boot_info.h>
#include <hv/pool.h>

/* The free part of the reservation begins after the image. */
void memory_init(const struct boot_info *info, u64 image_end);
/* Zeroed, page aligned; NULL when the reservation is used up. */
void *memory_pages(u64 count);
/* What is left, from memory_map() on: for tables, hv's own and the root's. */
extern struct pool memory_rest;

/* hv's tables: RAM one to one and not executable, the image by segment, the local APIC uncached, page 0
 * and the pages under the stacks absent. NULL or what was missing. */
const char *memory_map(const struct boot_info *info);
void memory_guard(u64 va);  /* before memory_map: this page shall be absent */
void memory_load_map(void); /* CR3, CR0, CR4, EFER of this processor */
