/* SPDX-License-Identifier: MIT */
/*
 * console.h: the container's terminal, for boot and for the worker's control events.
 */
#pragma once

#include <uvm/vfs.h>

/* Makes the terminal; *where: its node, without references. */
int tty_console_make(struct path *where);
/* Descriptors 0, 1 and 2 of the current task. */
int tty_console_open(void);
/* Rows, columns, pixels across and down, 16 bits each from the lowest. */
void tty_console_resize(u64 packed);
