/* SPDX-License-Identifier: MIT */
/*
 * control.h: starts listening for the worker's control events.
 */
#pragma once

int control_boot(void);
