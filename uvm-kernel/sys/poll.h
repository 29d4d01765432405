/* SPDX-License-Identifier: MIT */
/*
 * poll.h: what ppoll, pselect6 and epoll_pwait share: timeouts and temporary signal masks.
 */
#pragma once

#include <uvm/types.h>

/* *deadline: CLOCK_MONOTONIC ns, 0 = do not wait, NO_DEADLINE without a timeout. 0 or -errno. */
long poll_deadline(u64 utimeout, u64 *deadline);
void poll_put_rest(u64 utimeout, u64 deadline);
long poll_set_mask(u64 umask, u64 size);
long poll_end_mask(u64 umask, long ret);
