/* SPDX-License-Identifier: MIT */
/*
 * console.h: the container's standard streams or its terminal, and the worker's control events.
 */
#pragma once

#include "fs.h"

/* Opens the rings and installs descriptors 0, 1, 2 of the current task, less those that start closed. */
int console_boot(void);

/* Starts listening for the worker's control events. */
int control_boot(void);

/* Makes the container's terminal; *where: its node, without references. */
int tty_console_make(struct path *where);
/* Descriptors 0, 1 and 2 of the current task. */
int tty_console_open(void);
/* Rows, columns, pixels across and down, 16 bits each from the lowest. */
void tty_console_resize(u64 packed);
