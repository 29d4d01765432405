/* SPDX-License-Identifier: MIT */
/*
 * boot_block.h (worker): fills abi/boot_block.h in guest memory from the launch block.
 */
#ifndef WORKER_BOOT_BLOCK_H
#define WORKER_BOOT_BLOCK_H

#include "launch.h"
#include "memory.h"
#include "queue.h"

/* Bytes that the block for this launch takes; the data behind the header included. */
u64 boot_block_size(const struct launch *launch);

/* Writes process, names, limits and mounts into `block`, which has boot_block_size() zeroed bytes. The
 * machine's fields (ram_* … queues) and the node ids of mounts are the caller's. Pure. */
void boot_block_fill(struct boot_block *block, const struct launch *launch);

/* The mounts of a filled block: entry 0 is the root, entry i+1 the launch block's mount i. */
struct boot_mount *boot_block_mounts(struct boot_block *block);

/* Tells the guest of a ring. */
void boot_block_add_queue(struct boot_block *block, u16 device, u16 number, const struct queue *q);

#endif
