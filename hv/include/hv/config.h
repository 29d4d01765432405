/* SPDX-License-Identifier: MIT */
/* Sizes chosen for hv. Read by C and by assembly, so only plain numbers stand here. */
#pragma once

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096

/* Per-processor stack; its lowest page is left unmapped, its highest word holds the struct cpu. */
#define STACK_SIZE 16384

/* The log ring keeps this many of the last bytes. */
#define LOG_RING_SIZE 65536

/* What the loader reserves, in bytes (boot_info.h). Fixed: log, bitmaps, own page tables, the top of
 * the root's nested tables. Per processor: struct cpu, stack, VMCB, save areas. Per frame: its word in
 * the frame table, and its share of one nested table page per 2 MiB and one per GiB. */
#define RESERVE_FIXED (3 * 1024 * 1024)
#define RESERVE_PER_CPU (128 * 1024)
#define RESERVE_PER_FRAME 14

#define MAX_CPUS 64
#define MAX_PARTITIONS 4096 /* upper bound for max_partitions of nacelle.conf */
