/* SPDX-License-Identifier: MIT */
/*
 * net.c: takes requests of the socket proxy from the ring, checks their frame, calls the handler and sends
 * the answer. A request whose frame is broken ends the container; one that asks for the impossible gets an
 * errno.
 */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot_block.h"
#include "die.h"
#include "io.h"
#include "net_event.h"
#include "net_socket.h"
#include "queue.h"

#define NET_QUEUE_SIZE 256
#define REQUEST_MIN offsetof(struct nacelle_net_request, control)

pthread_mutex_t net_lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue queue;
static struct queue_chain chain; /* [net_lock] too large for a stack */
static struct net_call call;	 /* [net_lock] */

void net_create(struct memory *m, struct boot_block *block)
{
	queue_create(&queue, "socket", m, NET_QUEUE_SIZE, IO_VECTOR_NET);
	boot_block_add_queue(block, NACELLE_DEV_NET, NACELLE_NET_QUEUE_REQUEST, &queue);
	net_event_create(m, block);
}

void net_open(void)
{
	/* A copy of just this directory: ".." does not lead to the rest of /proc. */
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/net", OPEN_TREE_CLONE | O_CLOEXEC);

	if (fd < 0)
		die_errno("cannot use /proc/self/net (is /proc mounted?)");
	net_set_proc(fd);
	net_event_open();
}

size_t net_call_data(const struct net_call *c, void *to, size_t max)
{
	return queue_copy_in(to, max, c->data, c->data_count);
}

void net_call_put(struct net_call *c, const void *from, size_t size)
{
	queue_copy_out(c->room, c->room_count, from, size);
}

static s32 op_setup(struct net_call *c)
{
	u64 count = c->room_size / sizeof(u32);

	if (c->room_count != 1 || (uintptr_t)c->room[0].iov_base % sizeof(u32) || !count)
		return -EINVAL;
	return net_socket_setup(c->room[0].iov_base, count) ? 0 : -EBUSY;
}

struct operation {
	net_handler *handler;
	bool socket; /* is about one */
	bool edges;  /* may make sockets ready, itself or others */
	bool always; /* and nearly always does */
};

static const struct operation operations[] = {
	[NACELLE_NET_SETUP] = {op_setup, false, false, false},
	[NACELLE_NET_SOCKET] = {net_op_socket, false, true, true},
	[NACELLE_NET_CLOSE] = {net_op_close, true, true, true},
	[NACELLE_NET_BIND] = {net_op_bind, true, false, false},
	[NACELLE_NET_LISTEN] = {net_op_listen, true, false, false},
	[NACELLE_NET_CONNECT] = {net_op_connect, true, true, true},
	[NACELLE_NET_ACCEPT] = {net_op_accept, true, true, true},
	[NACELLE_NET_NAME] = {net_op_name, true, false, false},
	[NACELLE_NET_SEND] = {net_op_send, true, true, true},
	[NACELLE_NET_RECEIVE] = {net_op_receive, true, true, false},
	[NACELLE_NET_SHUTDOWN] = {net_op_shutdown, true, true, true},
	[NACELLE_NET_SET_OPTION] = {net_op_set_option, true, true, false},
	[NACELLE_NET_GET_OPTION] = {net_op_get_option, true, false, false},
	[NACELLE_NET_IOCTL] = {net_op_ioctl, true, false, false},
	[NACELLE_NET_PROC] = {net_op_proc, false, false, false},
};

static s32 run(struct net_call *c, const struct operation *o)
{
	if (!o || !o->handler)
		return -ENOSYS;
	if (!net_socket_ready() && c->in.op != NACELLE_NET_SETUP)
		return -EPROTO;
	if (c->in.address_len > sizeof(c->in.address))
		return -EINVAL;
	c->socket = o->socket ? net_socket_get(c->in.socket) : NULL;
	if (o->socket && !c->socket)
		return -EBADF;
	return o->handler(c);
}

/* Copies the request, so that the guest cannot change it after a check. */
static void receive(struct net_call *c, struct queue_chain *q)
{
	size_t take;

	if (q->read_length < REQUEST_MIN)
		die("the guest sent a socket request without a header");
	memset(&c->in, 0, sizeof(c->in));
	queue_copy_in(&c->in, REQUEST_MIN, q->read, q->read_count);
	if (c->in.control_len > sizeof(c->in.control) || c->in.control_len > q->read_length - REQUEST_MIN)
		die("the guest sent a socket request with too long a control message");
	take = REQUEST_MIN + c->in.control_len;
	q->read_count = (u16)queue_skip(q->read, q->read_count, REQUEST_MIN);
	queue_copy_in(c->in.control, c->in.control_len, q->read, q->read_count);
	c->data_count = queue_skip(q->read, q->read_count, c->in.control_len);
	c->data = q->read;
	c->data_size = q->read_length - take;
}

static struct nacelle_net_answer *answer_place(struct net_call *c, struct queue_chain *q)
{
	struct nacelle_net_answer *a;

	if (!q->write_count || q->write[0].iov_len < sizeof(*a))
		die("the guest left no room for the answer to a socket request");
	a = q->write[0].iov_base;
	c->room_count = queue_skip(q->write, q->write_count, sizeof(*a));
	c->room = q->write;
	c->room_size = q->write_length - sizeof(*a);
	return a;
}

static void serve(struct net_call *c, struct queue_chain *q)
{
	struct nacelle_net_answer *a;
	const struct operation *o;
	bool quiet;

	receive(c, q);
	a = answer_place(c, q);
	memset(&c->out, 0, sizeof(c->out));
	c->socket = NULL;
	o = c->in.op < sizeof(operations) / sizeof(operations[0]) ? &operations[c->in.op] : NULL;
	quiet = o && o->always;
	if (quiet)
		net_event_listen(false);
	c->out.result = run(c, o);
	if (c->socket)
		net_socket_look(c->socket);
	if (o && o->edges && net_socket_ready())
		net_event_collect();
	if (quiet)
		net_event_listen(true);
	memcpy(a, &c->out, offsetof(struct nacelle_net_answer, control) + c->out.control_len);
}

void net_doorbell(void)
{
	pthread_mutex_lock(&net_lock);
	while (queue_peek(&queue, &chain)) {
		serve(&call, &chain);
		queue_done(&queue, &chain, (u32)chain.write_length);
	}
	pthread_mutex_unlock(&net_lock);
}
