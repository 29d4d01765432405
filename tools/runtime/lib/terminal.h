/* SPDX-License-Identifier: MIT */
/*
 * terminal.h: a container's terminal: a pty whose raw slave the worker gets. Its master goes to whoever
 * listens on a console socket, or is joined with the terminal that nacelle was started on.
 */
#ifndef RUNTIME_TERMINAL_H
#define RUNTIME_TERMINAL_H

#include <sys/types.h>

#include "config.h"

struct terminal {
	int master, slave; /* -1: none */
	int own;	   /* the terminal of ours that is joined with it, or -1 */
};

/* Checks what the configuration and the command line ask for, and makes it: with a terminal, `socket` (or
 * NULL) is where the master goes; without, there must be none. */
int terminal_create(struct terminal *t, const struct config *c, const char *socket, bool detach,
		    struct error *e);

/* Sends the master over the socket. */
int terminal_send(const struct terminal *t, const char *socket, struct error *e);

void terminal_close(struct terminal *t);

/* All signals are blocked. Copies between our terminal (if t->own is one) and the master, passes signals on
 * to the worker, until that has ended: its wait status. Our terminal is then as it was. */
int terminal_relay(struct terminal *t, pid_t worker);

#endif
