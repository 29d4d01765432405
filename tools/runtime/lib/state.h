/* SPDX-License-Identifier: MIT */
/*
 * state.h: what is remembered of a container between commands: the directory <root>/<id> with state.json.
 * The directory is the claim to the id; while it is being filled or removed, its lock is held.
 */
#ifndef RUNTIME_STATE_H
#define RUNTIME_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

#define STATE_ID_MAX 128
#define STATE_DEFAULT_ROOT "/run/nacelle"

struct state {
	char id[STATE_ID_MAX + 1];
	char *bundle;
	char *rootfs;
	char *cgroup; /* below the cgroup mount, "" = none */
	pid_t pid;
	/* The worker was started between these, ns of CLOCK_BOOTTIME: tells it from a later process of the
	 * same number. */
	int64_t started_after, started_before;
	int64_t created; /* seconds since 1970 */
	json_t *annotations;
	json_t *json; /* owns annotations and strings after state_load; else NULL */
};

/* Whether this may be a container's name: letters, digits, "_.+-", not starting with '.' or '-'. Pure. */
bool state_id_ok(const char *id);

/* Makes and locks <root>/<id>: a descriptor of the directory. EEXIST is an error that says so. */
int state_claim(const char *root, const char *id, struct error *e);

/* Writes state.json into a claimed directory. */
int state_save(int dir, const struct state *s, struct error *e);

/* Reads <root>/<id>/state.json. */
int state_load(const char *root, const char *id, struct state *s, struct error *e);
void state_free(struct state *s);

/* Removes a claimed or finished container's directory. Missing is fine. */
int state_remove(const char *root, const char *id, struct error *e);

/* Nobody is creating the container any more: its claim can be removed. */
bool state_is_abandoned(const char *root, const char *id);

/* A pidfd of the worker if it still runs, otherwise -1. */
int state_open_worker(const struct state *s);

/* The names of all containers below root, in memory of its own; ended by NULL. */
char **state_list(const char *root, struct error *e);

#endif
