/* SPDX-License-Identifier: MIT */
/*
 * fs.h: the file server: FUSE requests of the guest against the assembled root directory.
 */
#ifndef WORKER_FS_H
#define WORKER_FS_H

#include <abi/boot_block.h>

#include "memory.h"

void fs_create(struct memory *m, struct boot_block *block);

/* A doorbell: answers every request in the ring before it returns. */
void fs_doorbell(void);

#endif
