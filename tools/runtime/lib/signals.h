/* SPDX-License-Identifier: MIT */
/*
 * signals.h: names of signals.
 */
#ifndef RUNTIME_SIGNALS_H
#define RUNTIME_SIGNALS_H

/* The number of "TERM", "SIGTERM", "sigterm", "RTMIN+3" or "15"; 0 if it is none. Pure. */
int signal_number(const char *name);

#endif
