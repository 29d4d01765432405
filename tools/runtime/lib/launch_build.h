/* SPDX-License-Identifier: MIT */
/*
 * launch_build.h: from a configuration to the launch block (tools/worker/launch.h).
 */
#ifndef RUNTIME_LAUNCH_BUILD_H
#define RUNTIME_LAUNCH_BUILD_H

#include "config.h"

struct launch_source {
	const struct config *config;
	const char *id;
	const char *bundle; /* absolute */
	const char *kernel; /* path of uvm-kernel */
};

/* The block in memory of its own (free()), its size in *size; NULL and an error. Pure. */
void *launch_build(const struct launch_source *source, size_t *size, struct error *e);

#endif
