/* SPDX-License-Identifier: MIT */
/*
 * THE invariant. Every 4 KiB frame of RAM has exactly one state, kept in one 32-bit word:
 *
 *   NONE       not RAM                                        nobody maps it into a child
 *   HV         the hypervisor's reservation                   nobody but hv reaches it
 *   FIRMWARE   reserved RAM                                   the root only
 *   ROOT       the root's own                                 the root only
 *   DEPOSITED  in one child's pool; owner = that child        nobody but hv reaches it
 *   CHILD_RW   the root and one child; owner = that child, count = its mappings
 *   CHILD_RO   the root, and children that only read;         count = mappings, of any children
 *   STATE      the root, and hv writes messages to it; owner = whom they are about
 *
 * So no frame is ever in two children unless all map it read-only, and hypervisor and deposited frames
 * are in nobody's tables. All changes go through the functions below, each one atomic step between two
 * states; the legal ones are listed in frame.c. While hv copies to or from a ROOT frame it holds a pin
 * (the count), so that the frame cannot be deposited under its hands.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

enum frame_state {
	FRAME_NONE,
	FRAME_HV,
	FRAME_FIRMWARE,
	FRAME_ROOT,
	FRAME_DEPOSITED,
	FRAME_CHILD_RW,
	FRAME_CHILD_RO,
	FRAME_STATE,
	FRAME_STATES
};

/* table: one word per frame, zeroed; all frames start as NONE. */
void frame_init(u32 *table, u64 frames);
/* Boot only: the state of a range of frames. */
void frame_assign(u64 first, u64 count, enum frame_state state);

enum frame_state frame_state_of(u64 pfn);
u32 frame_owner_of(u64 pfn);
u64 frame_total(void);
u64 frame_count(enum frame_state state); /* frames in that state now */

/* Each returns false, and changes nothing, when the frame's state does not allow it. */
/* ROOT or FIRMWARE: stays so until unpinned. Never frame 0, which hv does not map. */
bool frame_pin(u64 pfn);
void frame_unpin(u64 pfn);
/* ROOT without pins -> DEPOSITED or STATE, and back. */
bool frame_take(u64 pfn, enum frame_state state, u32 owner);
void frame_give_back(u64 pfn, enum frame_state state, u32 owner);
bool frame_map(u64 pfn, u32 owner, bool write); /* ROOT, CHILD_* -> CHILD_* */
void frame_unmap(u64 pfn, u32 owner);		/* one mapping less */
/* May the root read and write it? Everything but HV and DEPOSITED. */
bool frame_visible_to_root(u64 pfn);
