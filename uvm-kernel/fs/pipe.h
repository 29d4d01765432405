/* SPDX-License-Identifier: MIT */
/*
 * pipe.h: the buffer behind pipes and FIFOs, for sys/pipe.c and fcntl.
 */
#pragma once

#include "fs.h"

#define PIPE_BUF 4096u
#define PIPE_PAGES 16u
#define PIPE_PAGES_MAX 256u

/* A new pipe's two ends: 0 or -errno. flags: O_NONBLOCK, O_DIRECT refused by the caller. */
int pipe_make(u32 flags, struct file *out[2]);
bool is_pipe(const struct file *f);
/* For splice and tee. How many bytes can be read or written now, after waiting for the first; 0: no more to
 * come. */
long pipe_wait(struct file *f, bool writing, bool nonblock);
/* One step of up to PAGE_SIZE bytes from in to out, at least one of them a pipe; buf has room for them. A tee
 * leaves them in the pipe and starts behind the first `skip`. */
long pipe_step(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, void *buf, u64 len,
	       const u64 *skip);
/* F_GETPIPE_SZ / F_SETPIPE_SZ: bytes, or -EBADF when f is no pipe. */
long pipe_get_size(struct file *f);
long pipe_set_size(struct file *f, u64 bytes);
