/* SPDX-License-Identifier: MIT */
/* Synthetic timer 0 of a VP: one-shot, direct mode. hv owns no physical timer: the deadline is told to
 * the root, whose own timer ends the dispatch or wakes the VP's thread. */
#pragma once

#include <hv/vp.h>

/* False: not a configuration that is offered. */
bool stimer_set_config(struct vp *vp, u64 config);
void stimer_set_count(struct vp *vp, u64 count);
/* Requests the interrupt if the time has come. */
void stimer_expire(struct vp *vp);
