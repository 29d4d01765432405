/* SPDX-License-Identifier: MIT */
/*
 * poller.h: one task waiting for many files: poll, select and friends.
 */
#pragma once

#include <uvm/poll.h>

/* Looks until something is ready, which scan counts, or until the deadline (then 0); -errno. scan hands pt to
 * the files that it polls as long as it has found nothing. May sleep. */
long poller_run(long (*scan)(void *what, struct poll_table *pt), void *what, u64 deadline);

/* What ppoll, pselect6 and epoll_pwait share: timeouts and temporary signal masks.
 * *deadline: CLOCK_MONOTONIC ns, 0 = do not wait, NO_DEADLINE without a timeout. 0 or -errno. */
long poll_deadline(u64 utimeout, u64 *deadline);
void poll_put_rest(u64 utimeout, u64 deadline);
long poll_set_mask(u64 umask, u64 size);
long poll_end_mask(u64 umask, long ret);
