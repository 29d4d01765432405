/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX sockets: creation, connections, state. Data moves in unix_io.c, names are in unix_name.c.
 */
#include "unix.h"

#include <uvm/ioctl.h>

static const struct socket_ops unix_ops;

static struct unix_sock *new_sock(int type)
{
	struct unix_sock *u = kzalloc(sizeof(*u));

	if (!u)
		return NULL;
	socket_init(&u->socket, &unix_ops, AF_UNIX, type);
	u->refs = 1;
	list_init(&u->bound);
	list_init(&u->senders);
	list_init(&u->sender_link);
	list_init(&u->pending);
	list_init(&u->pending_link);
	list_init(&u->queue);
	mutex_init(&u->read_lock);
	u->own_cred = ucred_current();
	return u;
}

struct unix_sock *unix_get(struct unix_sock *u)
{
	u->refs++;
	return u;
}

void unix_put(struct unix_sock *u)
{
	if (--u->refs)
		return;
	unix_drop_queue(u);
	kfree(u);
}

int unix_make(int type, int protocol, struct socket **out)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)
		type = SOCK_DGRAM; /* as on Linux */
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	u = new_sock(type);
	if (!u)
		return -ENOMEM;
	*out = &u->socket;
	return 0;
}

static void set_peer(struct unix_sock *u, struct unix_sock *peer)
{
	u->peer = unix_get(peer);
	if (!unix_connects(u))
		list_add_tail(&u->sender_link, &peer->senders);
}

void unix_drop_peer(struct unix_sock *u)
{
	struct unix_sock *peer = u->peer;

	if (!peer)
		return;
	u->peer = NULL;
	list_del(&u->sender_link);
	unix_put(peer);
}

int unix_pair(struct socket *a, struct socket *b)
{
	struct unix_sock *x = unix_of(a), *y = unix_of(b);

	set_peer(x, y);
	set_peer(y, x);
	x->peer_cred = y->own_cred;
	y->peer_cred = x->own_cred;
	return 0;
}

/* Connections that nobody will accept any more. */
static void refuse_pending(struct unix_sock *u)
{
	while (!list_empty(&u->pending)) {
		struct unix_sock *c = list_first(&u->pending, struct unix_sock, pending_link);

		list_del(&c->pending_link);
		u->pending_count--;
		c->socket.ops->release(&c->socket);
	}
}

/* Tells the other end of a connection. */
static void hang_up(struct unix_sock *u)
{
	struct unix_sock *peer = u->peer;

	if (!peer || !unix_connects(u))
		return;
	peer->shutdown = SHUTDOWN_RCV | SHUTDOWN_SND;
	if (!list_empty(&u->queue))
		peer->socket.error = ECONNRESET;
	wake_all(&peer->socket.wait);
}

static void unix_release(struct socket *s)
{
	struct unix_sock *u = unix_of(s), *sender;

	u->dead = true;
	unix_unbind(u);
	refuse_pending(u);
	hang_up(u);
	unix_drop_queue(u);
	unix_drop_peer(u);
	/* Datagram senders still hold this one; they find out when they send. */
	list_for_each(sender, &u->senders, sender_link) wake_all(&sender->socket.wait);
	wake_all(&s->wait);
	unix_put(u);
}

static int unix_listen(struct socket *s, int backlog)
{
	struct unix_sock *u = unix_of(s);

	if (!unix_connects(u))
		return -EOPNOTSUPP;
	if (!u->name_len || u->peer)
		return -EINVAL;
	u->backlog = backlog < 0 ? BACKLOG_MAX : (u32)MIN(backlog, BACKLOG_MAX);
	s->listening = true;
	u->own_cred = ucred_current();
	wake_all(&s->wait);
	return 0;
}

static bool backlog_full(const struct unix_sock *u)
{
	return u->pending_count > u->backlog;
}

/* Waits for a place in the listener's queue. */
static int wait_backlog(struct socket *s, struct unix_sock *listener, bool nonblock)
{
	int error = socket_wait(&listener->socket, !backlog_full(listener) || listener->dead, nonblock,
				s->send_timeout);

	if (error)
		return error;
	return listener->dead || !listener->socket.listening ? -ECONNREFUSED : 0;
}

/* The listener's end of a new connection joins its queue. */
static int join(struct unix_sock *u, struct unix_sock *listener)
{
	struct unix_sock *end = new_sock(u->socket.type);

	if (!end)
		return -ENOMEM;
	memcpy(end->name, listener->name, sizeof(end->name));
	end->name_len = listener->name_len;
	end->own_cred = listener->own_cred;
	u->own_cred = ucred_current();
	unix_pair(&u->socket, &end->socket);
	list_add_tail(&end->pending_link, &listener->pending);
	listener->pending_count++;
	wake_all(&listener->socket.wait);
	return 0;
}

static int connect_stream(struct unix_sock *u, struct unix_sock *to, bool nonblock)
{
	int error;

	if (u->socket.listening)
		return -EINVAL;
	if (u->peer || u->shutdown)
		return -EISCONN;
	if (to->socket.type != u->socket.type)
		return -EPROTOTYPE;
	if (!to->socket.listening)
		return -ECONNREFUSED;
	error = wait_backlog(&u->socket, to, nonblock);
	if (error)
		return error;
	return u->peer ? -EISCONN : join(u, to);
}

static int connect_datagram(struct unix_sock *u, struct unix_sock *to)
{
	if (to->socket.type != u->socket.type)
		return -EPROTOTYPE;
	unix_drop_peer(u);
	set_peer(u, to);
	return 0;
}

static int unix_connect(struct socket *s, const void *addr, u32 len, bool nonblock)
{
	struct unix_sock *u = unix_of(s), *to;
	u16 family;
	int error;

	if (len < sizeof(family))
		return -EINVAL;
	memcpy(&family, addr, sizeof(family));
	if (family == AF_UNSPEC && !unix_connects(u)) {
		unix_drop_peer(u);
		return 0;
	}
	error = unix_find(addr, len, &to);
	if (error)
		return error;
	error = unix_connects(u) ? connect_stream(u, to, nonblock) : connect_datagram(u, to);
	unix_put(to);
	return error;
}

static int unix_name(struct socket *s, bool peer, u8 *out, u32 *len)
{
	struct unix_sock *u = unix_of(s);
	static const u16 family = AF_UNIX;

	if (peer)
		u = u->peer;
	if (!u)
		return -ENOTCONN;
	*len = MAX(u->name_len, 2u);
	memcpy(out, u->name, *len);
	memcpy(out, &family, sizeof(family));
	return 0;
}

static int unix_accept(struct socket *s, bool nonblock, struct socket **out, u8 *name, u32 *len)
{
	struct unix_sock *u = unix_of(s), *end;
	int error;

	if (!unix_connects(u))
		return -EOPNOTSUPP;
	if (!s->listening)
		return -EINVAL;
	if (list_empty(&u->pending) && nonblock)
		return -EAGAIN;
	error = socket_wait(s, !list_empty(&u->pending) || u->shutdown, false, s->receive_timeout);
	if (error)
		return error;
	if (list_empty(&u->pending))
		return -EINVAL;
	end = list_first(&u->pending, struct unix_sock, pending_link);
	list_del(&end->pending_link);
	u->pending_count--;
	wake_all(&s->wait);
	*out = &end->socket;
	return unix_name(*out, true, name, len);
}

static int unix_shutdown(struct socket *s, u32 how)
{
	struct unix_sock *u = unix_of(s), *peer = u->peer;

	if (!peer && !s->listening)
		return -ENOTCONN;
	u->shutdown |= how;
	if (peer && unix_connects(u)) {
		peer->shutdown |=
			(how & SHUTDOWN_RCV ? SHUTDOWN_SND : 0) | (how & SHUTDOWN_SND ? SHUTDOWN_RCV : 0);
		wake_all(&peer->socket.wait);
	}
	wake_all(&s->wait);
	return 0;
}

static u32 unix_poll(struct socket *s)
{
	struct unix_sock *u = unix_of(s);
	u32 events = s->error ? POLLERR : 0;

	if (s->listening)
		return events | (list_empty(&u->pending) ? 0 : POLLIN | POLLRDNORM);
	if (!list_empty(&u->queue) || (u->shutdown & SHUTDOWN_RCV))
		events |= POLLIN | POLLRDNORM;
	if (u->shutdown & SHUTDOWN_RCV)
		events |= POLLRDHUP;
	if (u->shutdown == (SHUTDOWN_RCV | SHUTDOWN_SND) || (unix_connects(u) && !u->peer))
		events |= POLLHUP;
	if (!u->peer || unix_peer_gone(u) || unix_has_room(u->peer))
		events |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return events;
}

static long unix_ioctl(struct socket *s, u32 cmd, u64 arg)
{
	struct unix_sock *u = unix_of(s);
	struct packet *p = list_empty(&u->queue) ? NULL : list_first(&u->queue, struct packet, link);

	if (cmd != FIONREAD)
		return cmd >= SIOCGIFNAME && cmd <= SIOCGIFMAP ? inet_interfaces(cmd, arg) : -ENOTTY;
	if (s->listening)
		return -EINVAL;
	return put_user((s32)(unix_is_stream(u) ? u->queued : p ? p->len : 0), arg);
}

static int unix_peer_cred(struct socket *s, struct ucred *out)
{
	struct unix_sock *u = unix_of(s);

	if (u->peer)
		*out = u->peer_cred;
	return 0;
}

static const struct socket_ops unix_ops = {
	.release = unix_release,
	.bind = unix_bind,
	.listen = unix_listen,
	.connect = unix_connect,
	.accept = unix_accept,
	.name = unix_name,
	.send = unix_send,
	.receive = unix_receive,
	.shutdown = unix_shutdown,
	.poll = unix_poll,
	.ioctl = unix_ioctl,
	.peer_cred = unix_peer_cred,
};
