/* SPDX-License-Identifier: MIT */
/*
 * poller.h: one task waiting for many files: poll, select and friends.
 */
#pragma once

#include <uvm/poll.h>

#define POLLER_FEW 8u

struct poller_more;

struct poller {
	struct poll_table pt;
	struct waiter few[POLLER_FEW];
	u32 used;
	struct poller_more *more;
	bool registered; /* the first round is over: no more queues to add */
};

void poller_init(struct poller *p);
/* The table to hand to file_poll in this round: NULL once all queues are known or something is ready. */
struct poll_table *poller_table(struct poller *p, bool ready);
/* Sleeps until something may have changed: 0, -ERESTARTSYS, -ETIMEDOUT, -ENOMEM. */
int poller_sleep(struct poller *p, u64 deadline);
void poller_end(struct poller *p);

/* What ppoll, pselect6 and epoll_pwait share: timeouts and temporary signal masks.
 * *deadline: CLOCK_MONOTONIC ns, 0 = do not wait, NO_DEADLINE without a timeout. 0 or -errno. */
long poll_deadline(u64 utimeout, u64 *deadline);
void poll_put_rest(u64 utimeout, u64 deadline);
long poll_set_mask(u64 umask, u64 size);
long poll_end_mask(u64 umask, long ret);
