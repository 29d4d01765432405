/* SPDX-License-Identifier: MIT */
/*
 * unix.h: AF_UNIX sockets: names, queues, connections.
 */
#pragma once

#include "socket.h"

#define UNIX_PATH_MAX 108u
#define UNIX_ADDR_MAX (2u + UNIX_PATH_MAX)

/* A piece of a stream, or one datagram. */
struct packet {
	struct list link;
	u32 len, at; /* bytes, and how many of them were read */
	struct scm_files *files;
	struct ucred cred;
	u8 from[UNIX_ADDR_MAX];
	u32 from_len;
	u8 data[];
};

struct unix_sock {
	struct socket socket; /* first */
	u32 refs;
	bool dead; /* its file is gone */
	/* name: family and path as given, 2 + path bytes; 0 = none */
	u8 name[UNIX_ADDR_MAX];
	u32 name_len;
	struct path place; /* of a name in the file system */
	struct list bound; /* in the list of all bound sockets */
	/* connection */
	struct unix_sock *peer; /* reference */
	struct list senders;	/* datagram sockets connected to this one, by sender_link */
	struct list sender_link;
	struct ucred own_cred, peer_cred;
	u32 shutdown; /* SHUTDOWN_ bits of this end */
	/* listening */
	struct list pending; /* by pending_link: connections nobody has accepted, a reference each */
	struct list pending_link;
	u32 pending_count, backlog;
	/* receive queue */
	struct list queue;
	u64 queued;		/* bytes */
	struct mutex read_lock; /* readers take turns: a stream's bytes stay in order */
};

static inline struct unix_sock *unix_of(struct socket *s)
{
	return container_of(s, struct unix_sock, socket);
}

static inline bool unix_is_stream(const struct unix_sock *u)
{
	return u->socket.type == SOCK_STREAM;
}

static inline bool unix_connects(const struct unix_sock *u)
{
	return u->socket.type != SOCK_DGRAM;
}

struct unix_sock *unix_get(struct unix_sock *u);
void unix_put(struct unix_sock *u);
void unix_drop_peer(struct unix_sock *u);

/* unix_name.c */
int unix_bind(struct socket *s, const void *addr, u32 len);
void unix_unbind(struct unix_sock *u);
/* The socket of that name, referenced: 0 or -errno (ECONNREFUSED: nobody is there). */
int unix_find(const void *addr, u32 len, struct unix_sock **out);

/* unix_io.c */
long unix_send(struct socket *s, struct message *m);
long unix_receive(struct socket *s, struct message *m);
void unix_drop_queue(struct unix_sock *u);
bool unix_has_room(const struct unix_sock *to);
/* The other end cannot be written to any more. */
bool unix_peer_gone(const struct unix_sock *u);
