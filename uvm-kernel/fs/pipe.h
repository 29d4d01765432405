/* SPDX-License-Identifier: MIT */
/*
 * pipe.h: the buffer behind pipes and FIFOs, for sys/pipe.c and fcntl.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs.h"

#define PIPE_BUF 4096u
#define PIPE_PAGES 16u
#define PIPE_PAGES_MAX 256u

/* A new pipe's two ends: 0 or -errno. flags: O_NONBLOCK, O_DIRECT refused by the caller. */
int pipe_make(u32 flags, struct file *out[2]);
/* F_GETPIPE_SZ / F_SETPIPE_SZ: bytes, or -EBADF when f is no pipe. */
long pipe_get_size(struct file *f);
long pipe_set_size(struct file *f, u64 bytes);

#endif
