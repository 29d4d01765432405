/* SPDX-License-Identifier: MIT */
/*
 * cmd.h: the verbs of the command line. Each parses its own options and returns the exit status.
 */
#ifndef RUNTIME_CMD_H
#define RUNTIME_CMD_H

#include "lib/error.h"

#define EXIT_USAGE 2
#define EXIT_NOT_STARTED 125 /* `run`: no container ran, or its machine broke down */

struct context {
	const char *root;   /* directory of the containers' states */
	const char *worker; /* path of nacelle-worker */
	const char *kernel; /* path of uvm-kernel */
};

typedef int verb(const struct context *c, int argc, char **argv);

verb cmd_run, cmd_state, cmd_list, cmd_kill, cmd_delete;

/* Prints the error as one line; always 1, the status of a failed verb. */
int report(const struct error *e);

/* Prints how the verb is used; always EXIT_USAGE. */
int usage(const char *synopsis);

/* The only argument left by getopt, a container's name; NULL after printing the usage. */
const char *only_id(int argc, char **argv, const char *synopsis);

#endif
