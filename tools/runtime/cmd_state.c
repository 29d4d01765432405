/* SPDX-License-Identifier: MIT */
/*
 * cmd_state.c: `nacelle state`: the OCI state of one container.
 */
#include <abi/version.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/state.h"

#define SYNOPSIS "state ID"

static int print_state(const struct state *s, bool running)
{
	json_t *json;

	json = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:O?}", "ociVersion", "1.0.2", "id", s->id, "status",
			 running ? "running" : "stopped", "pid", running ? (int)s->pid : 0, "bundle",
			 s->bundle, "rootfs", s->rootfs, "annotations",
			 json_is_object(s->annotations) ? s->annotations : NULL);
	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0 || puts("") < 0 || fflush(stdout) < 0)
		return 1;
	json_decref(json);
	return EXIT_SUCCESS;
}

int cmd_state(const struct context *c, int argc, char **argv)
{
	static const struct option none[] = {{NULL, 0, NULL, 0}};
	struct state s;
	struct error e;
	const char *id;
	int fd, status;

	if (getopt_long(argc, argv, "", none, NULL) != -1)
		return usage(SYNOPSIS);
	id = only_id(argc, argv, SYNOPSIS);
	if (!id)
		return EXIT_USAGE;
	if (state_load(c->root, id, &s, &e) < 0)
		return report(&e);
	fd = state_open_worker(&s);
	status = print_state(&s, fd >= 0);
	if (fd >= 0)
		close(fd);
	state_free(&s);
	return status;
}
