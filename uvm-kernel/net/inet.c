/* SPDX-License-Identifier: MIT */
/*
 * AF_INET, AF_INET6 and AF_NETLINK sockets: creation, names, connections, options. The sockets are the
 * worker's and never block there; who waits here, and for how long, is decided by their state. Data moves in
 * inet_io.c.
 */
#include "inet.h"
#include "proxy.h"

#include <uvm/ioctl.h>

#define IFREQ_SIZE 40u

static const struct socket_ops inet_ops;

long inet_wait(struct inet_sock *i, u32 bits, u64 deadline, bool *again)
{
	u64 pause = MIN(deadline, time_deadline(NSEC_PER_MSEC));
	bool ready = inet_ready(i, bits);
	int error;

	/* It looks ready and is not: something came meanwhile, or the host is short of memory. */
	if (ready && !*again) {
		*again = true;
		return 0;
	}
	*again = false;
	error = wait_event_interruptible_until(&i->socket.wait, !ready && inet_ready(i, bits),
					       ready ? pause : deadline);
	if (error == -ETIMEDOUT)
		return ready && pause < deadline ? 0 : -EAGAIN;
	return error == -ERESTARTSYS && deadline != NO_DEADLINE ? -EINTR : error;
}

static struct inet_sock *new_sock(int family, int type, int protocol)
{
	struct inet_sock *i = kzalloc(sizeof(*i));

	if (!i)
		return NULL;
	socket_init(&i->socket, &inet_ops, family, type);
	i->socket.protocol = protocol;
	return i;
}

/* The worker's socket that the last answer brought. */
static long adopt(struct inet_sock *i)
{
	u32 handle = proxy_answer()->socket;
	long error = proxy_attach(i, handle);

	if (error) {
		proxy_request(NACELLE_NET_CLOSE, NULL)->socket = handle;
		proxy_call(0);
	}
	return error;
}

int inet_make(int family, int type, int protocol, struct socket **out)
{
	struct nacelle_net_request *r;
	struct inet_sock *i;
	long error = proxy_open();

	if (type == SOCK_RAW && family != AF_NETLINK && protocol && !capable(CAP_NET_RAW))
		return -EPERM;
	if (error)
		return (int)error;
	i = new_sock(family, type, protocol);
	if (!i)
		return -ENOMEM;
	r = proxy_request(NACELLE_NET_SOCKET, NULL);
	r->arg[0] = (u32)family;
	r->arg[1] = (u32)type;
	r->arg[2] = (u32)protocol;
	error = proxy_call(0);
	if (!error)
		error = adopt(i);
	if (error)
		kfree(i);
	else
		*out = &i->socket;
	return (int)error;
}

/* Does not linger: what was sent goes on its way while the next call is made. */
static void inet_release(struct socket *s)
{
	struct inet_sock *i = inet_of(s);

	proxy_detach(i);
	proxy_request(NACELLE_NET_CLOSE, i);
	proxy_call(0);
	kfree(i);
}

static struct nacelle_net_request *with_address(u32 op, const struct inet_sock *i, const void *addr, u32 len)
{
	struct nacelle_net_request *r = proxy_request(op, i);

	r->address_len = MIN(len, NACELLE_NET_ADDRESS_MAX);
	memcpy(r->address, addr, r->address_len);
	return r;
}

static int inet_bind(struct socket *s, const void *addr, u32 len)
{
	const u8 *a = addr;
	u32 port = len >= 4 && s->family != AF_NETLINK ? (u32)a[2] << 8 | a[3] : 0;

	if (port && port < PORT_PRIVILEGED && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	with_address(NACELLE_NET_BIND, inet_of(s), addr, len);
	return (int)proxy_call(0);
}

static int inet_listen(struct socket *s, int backlog)
{
	long error;

	proxy_request(NACELLE_NET_LISTEN, inet_of(s))->arg[0] = (u32)backlog;
	error = proxy_call(0);
	if (!error)
		s->listening = true;
	return (int)error;
}

/* The host is asked again when the attempt has come to an end: it then says which, once. */
static int inet_connect(struct socket *s, const void *addr, u32 len, bool nonblock)
{
	struct inet_sock *i = inet_of(s);
	u64 deadline = socket_deadline(s->send_timeout);
	bool again = false;
	long error;

	for (;;) {
		with_address(NACELLE_NET_CONNECT, i, addr, len)->arg[0] = !nonblock;
		error = proxy_call(0);
		if (!error)
			s->listening = false; /* AF_UNSPEC dissolves */
		if ((error != -EINPROGRESS && error != -EALREADY) || nonblock)
			return (int)error;
		error = inet_wait(i, POLLOUT, deadline, &again);
		if (error)
			return error == -EAGAIN ? -EINPROGRESS : (int)error;
	}
}

static long accept_now(struct socket *s, struct inet_sock *new, u8 *name, u32 *len)
{
	const struct nacelle_net_answer *a = proxy_answer();
	long error;

	proxy_request(NACELLE_NET_ACCEPT, inet_of(s));
	error = proxy_call(0);
	if (error)
		return error;
	*len = MIN(a->address_len, NACELLE_NET_ADDRESS_MAX);
	memcpy(name, a->address, *len);
	return adopt(new);
}

static int inet_accept(struct socket *s, bool nonblock, struct socket **out, u8 *name, u32 *len)
{
	struct inet_sock *i = inet_of(s), *new = new_sock(s->family, s->type, s->protocol);
	u64 deadline = socket_deadline(s->receive_timeout);
	bool again = false;
	long error;

	if (!new)
		return -ENOMEM;
	do {
		error = s->listening && !inet_ready(i, POLLIN) ? -EAGAIN : accept_now(s, new, name, len);
		if (error != -EAGAIN || nonblock)
			break;
		error = inet_wait(i, POLLIN, deadline, &again);
	} while (!error);
	if (error) {
		kfree(new);
		return (int)error;
	}
	new->socket.receive_timeout = s->receive_timeout;
	new->socket.send_timeout = s->send_timeout;
	memcpy(new->socket.linger, s->linger, sizeof(s->linger));
	*out = &new->socket;
	return 0;
}

static int inet_name(struct socket *s, bool peer, u8 *out, u32 *len)
{
	const struct nacelle_net_answer *a = proxy_answer();
	long error;

	proxy_request(NACELLE_NET_NAME, inet_of(s))->arg[0] = peer;
	error = proxy_call(0);
	*len = error ? 0 : MIN(a->address_len, NACELLE_NET_ADDRESS_MAX);
	memcpy(out, a->address, *len);
	return (int)error;
}

static int inet_shutdown(struct socket *s, u32 how)
{
	proxy_request(NACELLE_NET_SHUTDOWN, inet_of(s))->arg[0] = how == SHUTDOWN_RCV	? SHUT_RD
								  : how == SHUTDOWN_SND ? SHUT_WR
											: SHUT_RDWR;
	return (int)proxy_call(0);
}

static u32 inet_poll(struct socket *s)
{
	u32 bits = READ_ONCE(*inet_of(s)->state);

	return bits | (bits & POLLIN ? POLLRDNORM : 0) | (bits & POLLOUT ? POLLWRNORM | POLLWRBAND : 0);
}

static long interface_list(struct inet_sock *i, u64 arg)
{
	struct {
		s32 len;
		u32 pad;
		u64 buffer;
	} conf;
	void *page;
	long n;

	if (copy_from_user(&conf, (void *)arg, sizeof(conf)))
		return -EFAULT;
	if (conf.len < 0)
		return -EINVAL;
	page = page_alloc_virt(0);
	if (!page)
		return -ENOMEM;
	proxy_request(NACELLE_NET_IOCTL, i)->arg[0] = SIOCGIFCONF;
	*proxy_segs() = (struct virtq_seg){page, (u32)MIN((u64)conf.len, PAGE_SIZE), true};
	n = proxy_call(conf.buffer && conf.len ? 1 : 0);
	if (n >= 0) {
		if (conf.buffer && copy_to_user((void *)conf.buffer, page, MIN((u64)n, PAGE_SIZE)))
			n = -EFAULT;
		else
			n = put_user((s32)n, arg);
	}
	page_free_virt(page);
	return n;
}

static long inet_ioctl(struct socket *s, u32 cmd, u64 arg)
{
	u8 value[IFREQ_SIZE];
	u32 size = cmd == FIONREAD || cmd == TIOCOUTQ || cmd == SIOCATMARK ? sizeof(s32) : IFREQ_SIZE;
	long n;

	if (cmd == SIOCGIFCONF)
		return interface_list(inet_of(s), arg);
	if (cmd >> 8 != SIOCGIFCONF >> 8 && size == IFREQ_SIZE)
		return -ENOTTY;
	if (size == IFREQ_SIZE && copy_from_user(value, (void *)arg, size))
		return -EFAULT;
	proxy_request(NACELLE_NET_IOCTL, inet_of(s))->arg[0] = cmd;
	n = proxy_call_value(value, size == IFREQ_SIZE ? size : 0, size);
	return n < 0 ? n : copy_to_user((void *)arg, value, size);
}

long inet_interfaces(u32 cmd, u64 arg)
{
	struct socket *s;
	long ret = inet_make(AF_INET, SOCK_DGRAM, 0, &s);

	if (ret)
		return ret;
	ret = inet_ioctl(s, cmd, arg);
	inet_release(s);
	return ret;
}

static struct nacelle_net_request *option_request(u32 op, struct socket *s, int level, int name)
{
	struct nacelle_net_request *r = proxy_request(op, inet_of(s));

	r->arg[0] = (u32)level;
	r->arg[1] = (u32)name;
	return r;
}

static long inet_set_option(struct socket *s, int level, int name, void *value, u32 len)
{
	/* Only the kind of lingering that ends a connection at once is the host's business. */
	if (level == SOL_SOCKET && name == SO_LINGER && s->linger[1])
		memset(value, 0, len);
	option_request(NACELLE_NET_SET_OPTION, s, level, name);
	return proxy_call_value(value, len, 0);
}

static long inet_get_option(struct socket *s, int level, int name, void *value, u32 len)
{
	option_request(NACELLE_NET_GET_OPTION, s, level, name);
	return MIN(proxy_call_value(value, 0, len), (long)len);
}

static const struct socket_ops inet_ops = {
	.release = inet_release,
	.bind = inet_bind,
	.listen = inet_listen,
	.connect = inet_connect,
	.accept = inet_accept,
	.name = inet_name,
	.send = inet_send,
	.receive = inet_receive,
	.shutdown = inet_shutdown,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.set_option = inet_set_option,
	.get_option = inet_get_option,
};
