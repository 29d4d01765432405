/* SPDX-License-Identifier: MIT */
/*
 * cmd_list.c: `nacelle list`: all containers, as a table, as JSON or by name alone.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/state.h"

#define SYNOPSIS "list [--format table|json] [--quiet]"

enum format { TABLE, JSON, QUIET };

static void print_row(const struct state *s, bool running, enum format format, json_t *array)
{
	char created[32];
	time_t t = (time_t)s->created;
	const char *status = running ? "running" : "stopped";
	int pid = running ? (int)s->pid : 0;
	struct tm tm;

	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	if (format == TABLE)
		printf("%-20s %-8d %-8s %-20s %s\n", s->id, pid, status, created, s->bundle);
	else if (format == QUIET)
		printf("%s\n", s->id);
	else
		json_array_append_new(array,
				      json_pack("{s:s, s:i, s:s, s:s, s:s}", "id", s->id, "pid", pid,
						"status", status, "bundle", s->bundle, "created", created));
}

/* A container that is just being created or removed is left out, silently; a damaged one is named. */
static int add_container(const char *root, const char *id, enum format format, json_t *array)
{
	struct state s;
	struct error e;
	int fd;

	if (state_load(root, id, &s, &e) < 0)
		return state_is_abandoned(root, id) ? report(&e) : 0;
	fd = state_open_worker(&s);
	print_row(&s, fd >= 0, format, array);
	if (fd >= 0)
		close(fd);
	state_free(&s);
	return 0;
}

static int list(const char *root, enum format format)
{
	json_t *array = json_array();
	struct error e;
	char **ids = state_list(root, &e);
	int status = 0;

	if (!ids)
		return report(&e);
	if (format == TABLE)
		printf("%-20s %-8s %-8s %-20s %s\n", "ID", "PID", "STATUS", "CREATED", "BUNDLE");
	for (char **id = ids; *id; id++) {
		status |= add_container(root, *id, format, array);
		free(*id);
	}
	free(ids);
	if (format == JSON && (json_dumpf(array, stdout, JSON_INDENT(2)) < 0 || puts("") < 0))
		status = 1;
	json_decref(array);
	return fflush(stdout) < 0 ? 1 : status;
}

int cmd_list(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"quiet", no_argument, NULL, 'q'},
		{NULL, 0, NULL, 0},
	};
	enum format format = TABLE;
	int option;

	while ((option = getopt_long(argc, argv, "f:q", options, NULL)) != -1) {
		if (option == 'q')
			format = QUIET;
		else if (option == 'f' && strcmp(optarg, "json") == 0)
			format = JSON;
		else if (option != 'f' || strcmp(optarg, "table") != 0)
			return usage(SYNOPSIS);
	}
	if (optind != argc)
		return usage(SYNOPSIS);
	return list(c->root, format);
}
