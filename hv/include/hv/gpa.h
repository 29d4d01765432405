/* SPDX-License-Identifier: MIT */
/*
 * A child's guest physical memory: which frames of the root stand where, and the only checked way for
 * hv to read and write it. Mapping functions want the partition's lock held; the accessors take it.
 */
#ifndef HV_GPA_H
#define HV_GPA_H

#include <abi/hypercall.h>
#include <hv/partition.h>
#include <hv/phys.h>
#include <stdbool.h>

#define GPA_LIMIT (1ULL << HV_CHILD_GPA_BITS)

/* Within one page. False: not mapped (or, for writing, not writable), nothing done. */
bool gpa_read(struct partition *p, gpa_t at, void *to, u32 size);
bool gpa_write(struct partition *p, gpa_t at, const void *from, u32 size);
bool gpa_writable(struct partition *p, gpa_t at);

/* One page, 4 KiB or 2 MiB, replacing what was there. HV_STATUS_*; *flush: something was replaced. */
u32 gpa_map(struct partition *p, gpa_t at, u64 pfn, u32 level, u32 rights, bool *flush);
/* A 4 KiB page out of whatever maps it. HV_STATUS_*: INVALID_PARAMETER when nothing does. */
u32 gpa_unmap(struct partition *p, gpa_t at, bool *flush);
/* Everything, at the end of the partition. Nothing runs any more. */
void gpa_unmap_all(struct partition *p);

#endif
