/* SPDX-License-Identifier: MIT */
/*
 * console.h: the container's standard streams and the worker's control events.
 */
#pragma once

/* Opens the rings and installs descriptors 0, 1, 2 of the current task, less those that start closed. */
int console_boot(void);
