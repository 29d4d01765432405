/* SPDX-License-Identifier: MIT */
/*
 * page_tables.h: the page tables with which uvm-kernel starts (boot_block.h): direct map and kernel image.
 */
#ifndef WORKER_PAGE_TABLES_H
#define WORKER_PAGE_TABLES_H

#include "elf_image.h"
#include "memory.h"

/* Builds them in guest memory (placed by memory_place) and returns the value for CR3. */
u64 page_tables_build(struct memory *m, const struct elf_image *kernel);

#endif
