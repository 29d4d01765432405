/* SPDX-License-Identifier: MIT */
/*
 * control.h: starts listening for the worker's control events.
 */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

int control_boot(void);

#endif
