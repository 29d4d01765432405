/* SPDX-License-Identifier: MIT */
/*
 * tmpfs_options.h: what a mount of tmpfs or devpts may be told. Needs nothing of the kernel but its types.
 */
#pragma once

#include <uvm/types.h>

struct tmpfs_options {
	u64 size; /* bytes, 0: half of memory */
	u64 inodes;
	u32 mode, uid, gid;
	bool devpts; /* read them as its, not as tmpfs' */
	u32 ptmxmode;
};

/* Reads "size=64k,mode=1777,…"; an option it does not know is named in the log and refused: -EINVAL. */
int tmpfs_parse(const char *text, struct tmpfs_options *out);
