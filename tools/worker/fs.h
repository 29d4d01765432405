/* SPDX-License-Identifier: MIT */
/*
 * fs.h: the file server: FUSE requests (7.31 and later) of the guest against the container's root
 * directory and its bind mounts. What the guest may do to a file is the guest kernel's decision: the
 * server runs as root inside trees that hold nothing but the container's files, and gives what it makes
 * to the user of the request.
 */
#ifndef WORKER_FS_H
#define WORKER_FS_H

#include <abi/boot_block.h>

#include <stdbool.h>

#include "memory.h"

/* Places the ring and enters it into the boot block. */
void fs_create(struct memory *m, struct boot_block *block);

/* Makes the directory or file behind an O_PATH descriptor, which the server keeps, a node that the guest
 * need not look up; the first is node 1. Returns its id. */
u64 fs_add_root(int fd);

/* `proc_fd`: /proc/self/fd, through which O_PATH descriptors are opened. */
void fs_set_proc(int proc_fd);

/* The guest read a page of the window that could not be had: puts zeros there if the file has shrunk. False
 * when the guest has nothing at this address; ends the container when the file cannot be read. */
bool fs_window_fault(u64 gpa);

/* A doorbell: answers every request in the ring before it returns, but those of fs_sync.h. */
void fs_doorbell(void);

#endif
