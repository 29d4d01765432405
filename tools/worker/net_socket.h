/* SPDX-License-Identifier: MIT */
/*
 * net_socket.h: inside the socket proxy: the table of sockets, one request, and who handles it. Everything
 * here needs the proxy's lock, which net.c and net_event.c take.
 */
#ifndef WORKER_NET_SOCKET_H
#define WORKER_NET_SOCKET_H

#include <abi/net.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct net_socket {
	int fd; /* valid while open */
	bool open;
	bool netlink;
	u16 generation; /* of the next socket in this place */
	u16 next_free;
};

/* One request; buffers are those of the chain behind the headers. */
struct net_call {
	struct nacelle_net_request in;
	struct nacelle_net_answer out;
	struct net_socket *socket; /* NULL: none, or it was closed */
	const struct iovec *data;
	unsigned int data_count;
	u64 data_size;
	struct iovec *room;
	unsigned int room_count;
	u64 room_size;
};

/* The answer's result. Whatever else it answers is in call->out. */
typedef s32 net_handler(struct net_call *call);

extern pthread_mutex_t net_lock;

/* net_socket.c: the table. `state` has room for `count` sockets. */
bool net_socket_setup(u32 *state, u64 count);
bool net_socket_ready(void); /* set up? */
struct net_socket *net_socket_get(u32 handle);
/* Keeps a descriptor: its handle, or -errno after closing it. */
s32 net_socket_add(int fd, u32 *handle);
bool net_socket_room(void);
void net_socket_close(struct net_socket *s);
/* Looks at the host's socket and writes its state for the guest. */
void net_socket_look(struct net_socket *s);
/* The same with bits that somebody has just seen. */
void net_socket_saw(struct net_socket *s, u32 state);
/* Has the host report the edges of a socket under its handle: 0 or -errno (net_event.c). */
s32 net_event_watch(int fd, u32 handle);
/* Does the I/O thread hear of edges? When it does again, it hears of those that nobody collected, too. */
void net_event_listen(bool on);
/* Harvests edges into the event ring: true when an event was made. */
bool net_event_collect(void);

/* net_ops.c, net_message.c, net_option.c */
net_handler net_op_socket, net_op_close, net_op_bind, net_op_listen, net_op_connect, net_op_accept,
	net_op_name, net_op_shutdown, net_op_send, net_op_receive, net_op_set_option, net_op_get_option,
	net_op_ioctl, net_op_proc;

/* net_netlink.c: sendmsg of the request's data, of which no byte changes any more. */
ssize_t net_send_netlink(const struct net_call *call, struct msghdr *m, int flags);

/* Reads `max` bytes at most of the request's data: how many. */
size_t net_call_data(const struct net_call *call, void *to, size_t max);
/* Writes into the room for data. */
void net_call_put(struct net_call *call, const void *from, size_t size);

/* `fd`: /proc/self/net. */
void net_set_proc(int fd);

#endif
