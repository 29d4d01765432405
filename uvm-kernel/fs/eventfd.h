/* SPDX-License-Identifier: MIT */
/*
 * fs/eventfd.h: makes an event counter.
 */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H

#include "fs.h"

struct file *eventfd_new(u32 count, bool semaphore, u32 o_nonblock, int *error);

#endif
