/* SPDX-License-Identifier: MIT */
/*
 * Bytes through AF_INET and AF_INET6 sockets. The worker reads and writes the pages of the process itself:
 * they cannot go away, because nothing sleeps between finding them and the answer.
 */
#include "inet.h"
#include "proxy.h"

#define CHUNK_MAX 0x40000u	/* of a stream: bytes of one request */
#define DATAGRAM_MAX 0xffffu	/* with its header */
#define DATAGRAM_PIECES 64u	/* beyond: copied together */
#define DISCARD_MAX 0x7fffffffu /* of a stream */

/* Where a byte of the current process lies, if that access would not fault. */
static void *user_place(u64 addr, bool write)
{
	u64 need = PTE_P | PTE_U | (write ? PTE_W : 0);
	u64 *pte = addr < USER_END ? table_walk(current->mm->pgd, addr, NULL) : NULL;

	return pte && (*pte & need) == need ? (u8 *)gpa_to_virt(*pte & PTE_ADDR) + addr % PAGE_SIZE : NULL;
}

/* Pieces of at most `max` bytes, until something is missing (*missing). */
static u64 find_pieces(const struct iov_iter *it, u64 max, bool write, u32 *count, u64 *missing)
{
	struct virtq_seg *seg = proxy_segs();
	const struct iovec *v = it->vec;
	u64 skip = it->skip, done = 0;

	*count = 0;
	while (done < max && *count < PROXY_SEGS_MAX) {
		u64 addr = v->base + skip, len = MIN(v->len - skip, max - done);
		u8 *at = (u8 *)addr;

		if (!it->kernel) {
			len = MIN(len, PAGE_SIZE - addr % PAGE_SIZE);
			at = len ? user_place(addr, write) : NULL;
		}
		if (len && !at) {
			*missing = addr;
			break;
		}
		if (len && *count && (const u8 *)seg[*count - 1].addr + seg[*count - 1].len == at)
			seg[*count - 1].len += (u32)len;
		else if (len)
			seg[(*count)++] = (struct virtq_seg){at, (u32)len, write};
		done += len;
		skip += len;
		if (skip == v->len) {
			v++;
			skip = 0;
		}
	}
	return done;
}

/* The same with everything brought in that can be: bytes, or -errno when there are none. */
static long gather(const struct iov_iter *it, u64 max, bool write, u32 *count)
{
	max = MIN(max, it->left);
	for (;;) {
		u64 missing = 0, done = find_pieces(it, max, write, count, &missing);
		struct fault_result r;

		if (!missing)
			return (long)done;
		if (signal_pending_fatal())
			return -EINTR;
		if (missing >= USER_END)
			r.signal = SIGSEGV;
		else
			r = mm_fault(current->mm, missing, write ? FAULT_WRITE : FAULT_READ);
		if (!r.signal)
			continue;
		if (!done)
			return -EFAULT;
		max = done;
	}
}

static bool is_stream(const struct socket *s)
{
	return s->type == SOCK_STREAM;
}

/* Would asking the host be of use? A listener always answers with an error. */
static bool worth_it(const struct socket *s, u32 bits)
{
	return s->listening || inet_ready(container_of(s, struct inet_sock, socket), bits);
}

static long send_some(struct socket *s, struct message *m, const u8 *control)
{
	struct nacelle_net_request *r;
	u32 count;
	long n = gather(&m->it, is_stream(s) ? CHUNK_MAX : DATAGRAM_MAX, false, &count);

	if (n < 0 || (!is_stream(s) && (u64)n < m->it.left))
		return n < 0 ? n : -EFAULT;
	r = proxy_request(NACELLE_NET_SEND, inet_of(s));
	r->arg[0] = m->flags & (MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE);
	r->address_len = MIN(m->name_len, NACELLE_NET_ADDRESS_MAX);
	memcpy(r->address, m->name, r->address_len);
	r->control_len = (u32)m->control_len;
	memcpy(r->control, control, r->control_len);
	n = proxy_call(count);
	if (n > 0)
		iter_advance(&m->it, MIN((u64)n, m->it.left));
	return n;
}

static long send_all(struct socket *s, struct message *m)
{
	u64 deadline = socket_deadline(s->send_timeout);
	u8 control[NACELLE_NET_CONTROL_MAX];
	bool again = false;
	long done = 0, n;

	if (m->control_len > sizeof(control))
		return -ENOBUFS;
	if (copy_from_user(control, (void *)m->control, m->control_len))
		return -EFAULT;
	for (;;) {
		n = worth_it(s, POLLOUT) ? send_some(s, m, control) : -EAGAIN;
		if (n >= 0) {
			done += n;
			if (!is_stream(s) || !m->it.left)
				return done;
			n = 0;
		}
		if (n == -EAGAIN && !(m->flags & MSG_DONTWAIT))
			n = inet_wait(inet_of(s), POLLOUT, deadline, &again);
		if (n)
			break;
	}
	if (n == -EPIPE && !done && is_stream(s) && !(m->flags & MSG_NOSIGNAL))
		signal_task(current, SIGPIPE);
	return done ? done : n;
}

static long receive_some(struct socket *s, struct message *m, u8 *control)
{
	const struct nacelle_net_answer *a = proxy_answer();
	bool discard = is_stream(s) && (m->flags & MSG_TRUNC);
	struct nacelle_net_request *r;
	u32 count = 0;
	long size = discard ? 0 : gather(&m->it, is_stream(s) ? CHUNK_MAX : ~0ULL, true, &count), n;

	if (size < 0)
		return size;
	r = proxy_request(NACELLE_NET_RECEIVE, inet_of(s));
	r->arg[0] = m->flags & (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE);
	r->arg[1] = (u32)MIN(m->control_len, NACELLE_NET_CONTROL_MAX);
	r->arg[2] = discard ? (u32)MIN(m->it.left, DISCARD_MAX) : 0;
	n = proxy_call(count);
	if (n < 0)
		return n;
	/* Less than the process offered, because part of that does not exist. */
	if (!is_stream(s) && (u64)size < MIN(m->it.left, DATAGRAM_MAX) && (a->flags & MSG_TRUNC))
		return -EFAULT;
	iter_advance(&m->it, MIN((u64)n, m->it.left));
	m->out_flags = a->flags;
	m->name_len = MIN(a->address_len, NACELLE_NET_ADDRESS_MAX);
	memcpy(m->name, a->address, m->name_len);
	m->control_len = MIN(a->control_len, r->arg[1]);
	memcpy(control, a->control, m->control_len);
	return n;
}

static long receive_all(struct socket *s, struct message *m)
{
	u64 deadline = socket_deadline(s->receive_timeout);
	bool wait = !(m->flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE)), again = false;
	bool whole = is_stream(s) && (m->flags & MSG_WAITALL) && !(m->flags & (MSG_PEEK | MSG_TRUNC));
	bool now = m->flags & (MSG_OOB | MSG_ERRQUEUE);
	u64 room = m->control_len;
	u8 control[NACELLE_NET_CONTROL_MAX];
	long done = 0, n;

	do {
		m->control_len = room;
		n = now || worth_it(s, POLLIN) ? receive_some(s, m, control) : -EAGAIN;
		if (n > 0)
			done += n;
		if (n == 0 || (n > 0 && (!whole || !m->it.left)))
			break;
		if (n == -EAGAIN && wait)
			n = inet_wait(inet_of(s), POLLIN, deadline, &again);
	} while (n >= 0);
	if (n < 0) {
		m->control_len = 0;
		return done ? done : n;
	}
	return copy_to_user((void *)m->control, control, m->control_len) ? -EFAULT : done;
}

/* A datagram in more pieces than a request takes goes through one buffer. */
static long in_one_piece(struct socket *s, struct message *m, bool receive)
{
	u64 size = MIN(m->it.left, (u64)DATAGRAM_MAX + 1);
	struct iov_iter user = m->it;
	u8 *buf = kmalloc(size);
	long n = -EFAULT;

	if (!buf)
		return -ENOBUFS;
	iter_kernel(&m->it, buf, size);
	if (receive) {
		n = receive_all(s, m);
		if (n > 0 && iter_copy_to(&user, buf, MIN((u64)n, size)) < MIN((u64)n, size))
			n = -EFAULT;
	} else if (iter_copy_from(&user, buf, size) == size) {
		n = send_all(s, m);
	}
	kfree(buf);
	return n;
}

long inet_send(struct socket *s, struct message *m)
{
	if (m->flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	if (!is_stream(s) && m->it.left > DATAGRAM_MAX)
		return -EMSGSIZE;
	return !is_stream(s) && m->it.count > DATAGRAM_PIECES ? in_one_piece(s, m, false) : send_all(s, m);
}

long inet_receive(struct socket *s, struct message *m)
{
	m->name_len = 0;
	return !is_stream(s) && m->it.count > DATAGRAM_PIECES ? in_one_piece(s, m, true) : receive_all(s, m);
}
