/* SPDX-License-Identifier: MIT */
/*
 * Bytes and descriptors through AF_UNIX sockets. A sender puts packets into the receiver's queue; a stream's
 * reader joins and splits them as it likes, except where descriptors came along.
 */
#include "unix.h"

#define PIECE_MAX 16384u /* of a stream: one packet's bytes */

bool unix_has_room(const struct unix_sock *to)
{
	return to->queued < to->socket.receive_buffer;
}

static bool gone(const struct unix_sock *u, const struct unix_sock *to)
{
	return (u->shutdown & SHUTDOWN_SND) || to->dead || (to->shutdown & SHUTDOWN_RCV);
}

bool unix_peer_gone(const struct unix_sock *u)
{
	return !u->peer || gone(u, u->peer);
}

static void free_packet(struct packet *p)
{
	list_del(&p->link);
	scm_free(p->files);
	kfree(p);
}

void unix_drop_queue(struct unix_sock *u)
{
	while (!list_empty(&u->queue))
		free_packet(list_first(&u->queue, struct packet, link));
	u->queued = 0;
}

static struct packet *make_packet(struct unix_sock *u, struct message *m, u64 len, long *error)
{
	struct packet *p = kzalloc(sizeof(*p) + len);

	*error = -ENOBUFS;
	if (!p)
		return NULL;
	list_init(&p->link);
	p->len = (u32)len;
	p->cred = m->cred;
	memcpy(p->from, u->name, u->name_len);
	p->from_len = u->name_len;
	if (iter_copy_from(&m->it, p->data, len) < len) {
		kfree(p);
		*error = -EFAULT;
		return NULL;
	}
	return p;
}

static void deliver(struct unix_sock *to, struct packet *p)
{
	list_add_tail(&p->link, &to->queue);
	to->queued += p->len;
	wake_all(&to->socket.wait);
}

static long broken(const struct message *m)
{
	if (!(m->flags & MSG_NOSIGNAL))
		signal_task(current, SIGPIPE);
	return -EPIPE;
}

static long refused(struct unix_sock *u, const struct unix_sock *to, const struct message *m)
{
	if (!gone(u, to))
		return 0;
	return to->dead && !unix_connects(u) ? -ECONNREFUSED : broken(m);
}

/* One packet of len bytes. `to` may go while this waits for room, or for the bytes. */
static long send_to(struct unix_sock *u, struct unix_sock *to, struct message *m, u64 len)
{
	struct packet *p;
	long error = socket_wait(&to->socket, unix_has_room(to) || gone(u, to), m->flags & MSG_DONTWAIT,
				 u->socket.send_timeout);

	if (!error)
		error = refused(u, to, m);
	if (error)
		return error;
	p = make_packet(u, m, len, &error);
	if (!p)
		return error;
	error = refused(u, to, m);
	if (error) {
		kfree(p);
		return error;
	}
	p->files = m->files;
	m->files = NULL;
	deliver(to, p);
	return (long)len;
}

static long send_stream(struct unix_sock *u, struct unix_sock *to, struct message *m)
{
	long done = 0, n = 0;

	if (m->name_len)
		return -EISCONN;
	while (m->it.left && (n = send_to(u, to, m, MIN(m->it.left, (u64)PIECE_MAX))) > 0)
		done += n;
	return done ? done : n;
}

static long send_packet(struct unix_sock *u, struct unix_sock *to, struct message *m)
{
	return m->it.left > u->socket.send_buffer ? -EMSGSIZE : send_to(u, to, m, m->it.left);
}

static long send_datagram_to(struct unix_sock *u, struct unix_sock *to, struct message *m)
{
	if (to->socket.type != SOCK_DGRAM)
		return -EPROTOTYPE;
	/* A connected socket hears only its peer. */
	if (to->peer && to->peer != u)
		return -EPERM;
	return send_packet(u, to, m);
}

static long send_datagram(struct unix_sock *u, struct message *m)
{
	struct unix_sock *to;
	long ret;

	if (m->name_len) {
		ret = unix_find(m->name, m->name_len, &to);
		if (ret)
			return ret;
	} else {
		if (!u->peer)
			return -ENOTCONN;
		to = unix_get(u->peer);
	}
	ret = to->dead ? -ECONNREFUSED : send_datagram_to(u, to, m);
	if (to->dead && u->peer == to)
		unix_drop_peer(u);
	unix_put(to);
	return ret;
}

long unix_send(struct socket *s, struct message *m)
{
	struct unix_sock *u = unix_of(s), *to;
	long ret;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!m->has_cred)
		m->cred = ucred_current();
	if (!unix_connects(u))
		return send_datagram(u, m);
	if (u->shutdown & SHUTDOWN_SND)
		return broken(m);
	if (!u->peer)
		return -ENOTCONN;
	to = unix_get(u->peer);
	ret = unix_is_stream(u) ? send_stream(u, to, m) : send_packet(u, to, m);
	unix_put(to);
	return ret;
}

static struct packet *first_packet(struct unix_sock *u)
{
	return list_empty(&u->queue) ? NULL : list_first(&u->queue, struct packet, link);
}

/* 1: something is there; 0: end of the stream; -errno. The read lock is dropped while sleeping. */
static long wait_packet(struct unix_sock *u, const struct message *m)
{
	u64 deadline = socket_deadline(u->socket.receive_timeout);

	for (;;) {
		int error;

		if (first_packet(u))
			return 1;
		error = socket_take_error(&u->socket);
		if (error)
			return -error;
		if (u->shutdown & SHUTDOWN_RCV)
			return 0;
		if (unix_connects(u) && !u->peer)
			return unix_is_stream(u) ? -EINVAL : -ENOTCONN;
		if (m->flags & MSG_DONTWAIT)
			return -EAGAIN;
		mutex_unlock(&u->read_lock);
		error = wait_event_interruptible_until(
			&u->socket.wait, first_packet(u) || u->socket.error || (u->shutdown & SHUTDOWN_RCV),
			deadline);
		mutex_lock(&u->read_lock);
		if (error)
			return error == -ETIMEDOUT ? -EAGAIN : error;
	}
}

/* Room has come: for those who wait in send, and for those who poll. */
static void took(struct unix_sock *u)
{
	struct unix_sock *sender;

	wake_all(&u->socket.wait);
	if (unix_connects(u)) {
		if (u->peer)
			wake_all(&u->peer->socket.wait);
		return;
	}
	list_for_each(sender, &u->senders, sender_link) wake_all(&sender->socket.wait);
}

static void take_extras(struct unix_sock *u, struct packet *p, struct message *m)
{
	if (p->files) {
		m->files = m->flags & MSG_PEEK ? scm_copy(p->files) : p->files;
		if (!(m->flags & MSG_PEEK))
			p->files = NULL;
	}
	m->cred = p->cred;
	m->has_cred = u->socket.pass_cred;
}

static bool same_sender(const struct unix_sock *u, const struct message *m, const struct packet *p)
{
	return !u->socket.pass_cred || !memcmp(&m->cred, &p->cred, sizeof(p->cred));
}

/* Reads from the packets that are there. Bytes behind descriptors wait for the next call. */
static long read_pieces(struct unix_sock *u, struct message *m, long done)
{
	u32 peeked = 0;
	struct packet *p;

	while (m->it.left && (p = first_packet(u))) {
		u32 at = p->at + peeked, want;
		size_t n;

		/* Peeking stops at the end of the first piece: a longer look needs a real read. */
		if (at >= p->len)
			break;
		if (done && (p->files || m->files || !same_sender(u, m, p)))
			break;
		want = (u32)MIN((u64)(p->len - at), m->it.left);
		n = iter_copy_to(&m->it, p->data + at, want);
		if (!n)
			return done ? done : -EFAULT;
		if (!done)
			take_extras(u, p, m);
		done += (long)n;
		if (m->flags & MSG_PEEK) {
			peeked += (u32)n;
			continue;
		}
		p->at += (u32)n;
		u->queued -= n;
		if (p->at == p->len)
			free_packet(p);
		took(u);
	}
	return done;
}

static long receive_stream(struct unix_sock *u, struct message *m)
{
	long done = 0, ret;

	if (!m->it.left)
		return 0;
	do {
		ret = wait_packet(u, m);
		if (ret <= 0)
			return done ? done : ret;
		ret = read_pieces(u, m, done);
		if (ret <= done)
			return done ? done : ret;
		done = ret;
	} while ((m->flags & MSG_WAITALL) && !(m->flags & MSG_PEEK) && m->it.left && !m->files);
	return done;
}

static long receive_packet(struct unix_sock *u, struct message *m)
{
	long ret = wait_packet(u, m);
	struct packet *p;
	u32 want;

	if (ret <= 0)
		return ret;
	p = first_packet(u);
	want = (u32)MIN((u64)p->len, m->it.left);
	if (iter_copy_to(&m->it, p->data, want) < want)
		return -EFAULT;
	ret = m->flags & MSG_TRUNC ? (long)p->len : (long)want;
	if (want < p->len)
		m->out_flags |= MSG_TRUNC;
	take_extras(u, p, m);
	memcpy(m->name, p->from, p->from_len);
	m->name_len = p->from_len;
	if (!(m->flags & MSG_PEEK)) {
		u->queued -= p->len;
		free_packet(p);
		took(u);
	}
	return ret;
}

long unix_receive(struct socket *s, struct message *m)
{
	struct unix_sock *u = unix_of(s);
	long ret;

	m->name_len = 0;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (s->listening)
		return -EINVAL;
	mutex_lock(&u->read_lock);
	ret = unix_is_stream(u) ? receive_stream(u, m) : receive_packet(u, m);
	mutex_unlock(&u->read_lock);
	return ret;
}
