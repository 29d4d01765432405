/* SPDX-License-Identifier: MIT */
/*
 * cmd_kill.c: `nacelle kill`: a signal for the container's first process. The worker passes it on; SIGKILL
 * ends the worker itself, and with it the machine.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/signals.h"
#include "lib/state.h"

#define SYNOPSIS "kill ID [SIGNAL]"

static int send(const struct state *s, int sig, struct error *e)
{
	int fd = state_open_worker(s);
	long r;

	if (fd < 0)
		return error_set(e, "container \"%s\" is not running", s->id);
	r = syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
	if (r < 0)
		error_errno(e, "cannot signal container \"%s\"", s->id);
	close(fd);
	return (int)r;
}

int cmd_kill(const struct context *c, int argc, char **argv)
{
	static const struct option none[] = {{NULL, 0, NULL, 0}};
	struct state s;
	struct error e;
	int sig, result;

	if (getopt_long(argc, argv, "+", none, NULL) != -1 || argc - optind < 1 || argc - optind > 2)
		return usage(SYNOPSIS);
	sig = argc - optind == 2 ? signal_number(argv[optind + 1]) : SIGTERM;
	if (sig <= 0) {
		error_set(&e, "\"%.40s\" is no signal", argv[optind + 1]);
		return report(&e);
	}
	if (state_load(c->root, argv[optind], &s, &e) < 0)
		return report(&e);
	result = send(&s, sig, &e);
	state_free(&s);
	return result < 0 ? report(&e) : EXIT_SUCCESS;
}
