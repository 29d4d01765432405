/* SPDX-License-Identifier: MIT */
/*
 * poll.h: waiting for several files. A file's poll operation reports its events and, when a table is given,
 * registers the wait queues whose wake-up may change them.
 */
#pragma once

#include <uvm/wait.h>

enum { POLLIN = 0x1, POLLPRI = 0x2, POLLOUT = 0x4, POLLERR = 0x8, POLLHUP = 0x10, POLLNVAL = 0x20 };
enum { POLLRDNORM = 0x40, POLLRDBAND = 0x80, POLLWRNORM = 0x100, POLLWRBAND = 0x200 };
enum { POLLRDHUP = 0x2000 };

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
