/* SPDX-License-Identifier: MIT */
/*
 * inet.h: AF_INET and AF_INET6 sockets: a handle of the worker's socket and its state, read without an exit.
 */
#pragma once

#include "socket.h"

struct inet_sock {
	struct socket socket; /* first */
	u32 handle;
	const u32 *state; /* POLL* bits, written by the worker */
};

static inline struct inet_sock *inet_of(struct socket *s)
{
	return container_of(s, struct inet_sock, socket);
}

/* Any of these, or something final. */
static inline bool inet_ready(const struct inet_sock *i, u32 bits)
{
	return READ_ONCE(*i->state) & (bits | POLLERR | POLLHUP);
}

/* Sleeps until it may be worth trying again: 0, -EAGAIN after the deadline, -EINTR or -ERESTARTSYS. *again is
 * false at first, and kept between the tries of one call. */
long inet_wait(struct inet_sock *i, u32 bits, u64 deadline, bool *again);

/* inet_io.c */
long inet_send(struct socket *s, struct message *m);
long inet_receive(struct socket *s, struct message *m);
