/* SPDX-License-Identifier: MIT */
/*
 * fs_sync.h: FSYNC and FSYNCDIR, which may wait for a disk, run on threads of their own: the guest goes on,
 * and an interrupt brings the answer. All other requests are answered within the doorbell.
 */
#ifndef WORKER_FS_SYNC_H
#define WORKER_FS_SYNC_H

#include <abi/types.h>
#include <linux/fuse.h>
#include <stdbool.h>

#include "queue.h"

/* One request that was taken from the ring. */
struct fs_sync {
	int fd;			    /* its own, closed when done */
	bool data_only;		    /* fdatasync() */
	u16 head;		    /* of its chain */
	u64 unique;		    /* of the request */
	struct fuse_out_header *to; /* in guest memory */
};

/* Hands it to a thread, which returns it to the ring `q`; false if there are too many already or no thread
 * can be had: nothing has happened then. Needs the ring's lock. */
bool fs_sync_start(struct queue *q, const struct fs_sync *request);

/* Does it now: 0 or a negative errno. */
int fs_sync_now(const struct fs_sync *request);

#endif
