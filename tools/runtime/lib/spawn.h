/* SPDX-License-Identifier: MIT */
/*
 * spawn.h: starts the worker.
 */
#ifndef RUNTIME_SPAWN_H
#define RUNTIME_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/* Starts `program` as the leader of a session of its own, with standard streams as ours and the block as
 * LAUNCH_FD, inside the cgroup of `cgroup_fd` if that is not negative. Its pid. */
pid_t spawn_worker(const char *program, const void *block, size_t size, int cgroup_fd, struct error *e);

#endif
