/* SPDX-License-Identifier: MIT */
/*
 * cgroup.h: the worker's control group (version 2): limits go in before the worker, which is born in it.
 */
#ifndef RUNTIME_CGROUP_H
#define RUNTIME_CGROUP_H

#include "config.h"

/* Makes the cgroup for the container, with all limits: a descriptor of its directory, and its path below
 * the cgroup mount in `path`. 0 descriptors (-2) if there is no cgroup v2 and nothing asked for one. */
#define CGROUP_NONE (-2)
int cgroup_create(const struct config *c, const char *id, char *path, size_t size, struct error *e);

/* Removes it when its last process has ended. Missing is fine. */
int cgroup_remove(const char *path, struct error *e);

#endif
