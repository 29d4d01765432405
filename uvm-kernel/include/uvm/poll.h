/* SPDX-License-Identifier: MIT */
/*
 * poll.h: waiting for several files. A file's poll operation reports its events and, when a table is given,
 * registers the wait queues whose wake-up may change them.
 */
#pragma once

#include <uvm/wait.h>

#define POLLIN 0x0001u
#define POLLPRI 0x0002u
#define POLLOUT 0x0004u
#define POLLERR 0x0008u
#define POLLHUP 0x0010u
#define POLLNVAL 0x0020u
#define POLLRDNORM 0x0040u
#define POLLRDBAND 0x0080u
#define POLLWRNORM 0x0100u
#define POLLWRBAND 0x0200u
#define POLLRDHUP 0x2000u

struct file;

struct poll_table {
	void (*add)(struct poll_table *pt, struct file *f, struct waitq *wq);
	int error; /* set by add: out of memory */
};

/* Called by file operations; pt may be NULL: just report. */
static inline void poll_wait(struct file *f, struct waitq *wq, struct poll_table *pt)
{
	if (pt)
		pt->add(pt, f, wq);
}

u32 file_poll(struct file *f, struct poll_table *pt);
