/* SPDX-License-Identifier: MIT */
/*
 * cmd_delete.c: `nacelle delete`: removes state and cgroup of a container that has ended; with --force it is
 * ended first, and a container that is not there is fine.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/cgroup.h"
#include "lib/state.h"

#define SYNOPSIS "delete [--force] ID"

/* Kills the worker and waits until it is gone. */
static int end_worker(int fd, const char *id, struct error *e)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return error_errno(e, "cannot kill container \"%s\"", id);
	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return error_errno(e, "cannot wait for container \"%s\"", id);
	return 0;
}

static int stop(const struct state *s, bool force, struct error *e)
{
	int result, fd = state_open_worker(s);

	if (fd < 0)
		return 0;
	if (force)
		result = end_worker(fd, s->id, e);
	else
		result = error_set(e, "container \"%s\" is running: kill it first, or use --force", s->id);
	close(fd);
	return result;
}

/* No state could be read: missing, being created, or left behind half made. */
static int delete_unreadable(const char *root, const char *id, bool force, struct error *e)
{
	if (!state_id_ok(id) || !state_is_abandoned(root, id))
		return force && state_id_ok(id) && access(root, F_OK) == 0 && strstr(e->text, "there is no")
			       ? 0
			       : -1;
	return state_remove(root, id, e);
}

static int delete (const char *root, const char *id, bool force, struct error *e)
{
	struct state s;
	int result;

	if (state_load(root, id, &s, e) < 0)
		return delete_unreadable(root, id, force, e);
	result = stop(&s, force, e);
	if (result == 0)
		result = cgroup_remove(s.cgroup, e);
	if (result == 0)
		result = state_remove(root, id, e);
	state_free(&s);
	return result;
}

int cmd_delete(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	bool force = false;
	struct error e;
	const char *id;
	int option;

	while ((option = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (option != 'f')
			return usage(SYNOPSIS);
		force = true;
	}
	id = only_id(argc, argv, SYNOPSIS);
	if (!id)
		return EXIT_USAGE;
	return delete (c->root, id, force, &e) < 0 ? report(&e) : EXIT_SUCCESS;
}
