/* SPDX-License-Identifier: MIT */
/*
 * pipe.h: the buffer behind pipes and FIFOs, for sys/pipe.c and fcntl.
 */
#pragma once

#include "fs.h"

#include <uvm/virtq.h>

#define PIPE_BUF 4096u
#define PIPE_PAGES 16u
#define PIPE_PAGES_MAX 256u

struct pipe {
	struct mutex lock; /* readers and writers while they copy */
	struct waitq readable, writable;
	bool anonymous; /* made by pipe(): opening it again (/proc/self/fd/0) waits for nobody */
	u32 readers, writers;
	u32 reader_opens, writer_opens; /* ever: FIFO open waits for a change */
	u32 pages;			/* capacity */
	u64 head, tail;			/* bytes ever written and read */
	void **data;
	/* For a pipe whose other end is outside (console.c): called when a reader finds nothing and wants so
	 * many bytes, and, locked, with 0, when some may have come or the last writer has left. */
	void (*pump)(struct pipe *p, u64 want);
	bool fed; /* from outside, and not drained */
	void *outside;
};

/* What is in it, as up to max pieces of memory: their number. */
u32 pipe_pieces(const struct pipe *p, struct virtq_seg *pieces, u32 max);
/* The first n bytes are gone. */
void pipe_drop(struct pipe *p, u64 n);
/* The first n bytes of a page of page_alloc_virt are what is in it; it was empty. */
void pipe_show(struct pipe *p, void *page, u64 n);

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
