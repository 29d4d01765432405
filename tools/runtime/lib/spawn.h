/* SPDX-License-Identifier: MIT */
/*
 * spawn.h: starts the worker.
 */
#ifndef RUNTIME_SPAWN_H
#define RUNTIME_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"

struct spawn {
	const char *program;
	const void *block;
	size_t block_size;
	int cgroup;   /* the directory to start in, or -1 */
	int terminal; /* becomes descriptors 0 and 1, and the controlling terminal; or -1 */
};

/* Starts the program as the leader of a session of its own, with standard streams as ours but for a terminal,
 * and the block as LAUNCH_FD. Its pid. */
pid_t spawn_worker(const struct spawn *s, struct error *e);

#endif
