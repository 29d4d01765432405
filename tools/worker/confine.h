/* SPDX-License-Identifier: MIT */
/*
 * confine.h: what the worker gives up before the guest's first instruction.
 */
#ifndef WORKER_CONFINE_H
#define WORKER_CONFINE_H

/* First step: closes every descriptor but the standard streams and the launch block, sets limits. Streams
 * that were closed become /dev/null, so that nothing else takes their place: bit n = descriptor n. */
unsigned int confine_descriptors(void);

/* Last step: no new privileges, few capabilities, and only the system calls of seccomp_rules.c. Threads
 * started later inherit all of it. */
void confine(void);

#endif
