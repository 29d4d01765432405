/* SPDX-License-Identifier: MIT */
/*
 * A child's guest physical memory: which frames of the root stand where, and the only checked way for
 * hv to read and write it. Mapping functions want the partition's lock held; the accessors take it.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/partition.h>
#include <hv/phys.h>
#include <stdbool.h>

#define GPA_LIMIT (1ULL << HV_CHILD_GPA_BITS)

/* An aligned word. False: not mapped. */
bool gpa_read_word(struct partition *p, gpa_t at, u64 *value);
/* What the page there allows now: SLAT_* (ACCESS_* have the same values), 0 = not mapped. */
u32 gpa_rights(struct partition *p, gpa_t at);

/* One page, replacing what was there. HV_STATUS_*. */
u32 gpa_map(struct partition *p, gpa_t at, u64 pfn, u32 rights);
/* Unmaps what is mapped in the range; stops early after a bounded amount of work. The pages dealt with, the
 * absent ones included. */
u64 gpa_unmap(struct partition *p, gpa_t at, u64 pages);
/* Everything, at the end of the partition; nothing of it runs any more. False: call again. */
bool gpa_teardown(struct partition *p);
