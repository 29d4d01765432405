/* SPDX-License-Identifier: MIT */
/*
 * net_ops.c: birth, names, connections and end of sockets; interfaces and the files of /proc/net.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_protocols.h"
#include "net_socket.h"

static int proc_fd = -1;

static s32 result(long r)
{
	return r < 0 ? -errno : (s32)r;
}

static s32 check_protocol(u32 family, u32 type, u32 protocol)
{
	if (family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
		return -EAFNOSUPPORT;
	if (protocol >= IPPROTO_MAX && family != AF_NETLINK)
		return -EINVAL;
	for (size_t i = 0; i < NET_PROTOCOL_COUNT; i++)
		if (family == net_protocols[i].family && type == net_protocols[i].type &&
		    protocol == net_protocols[i].protocol)
			return 0;
	if (type == SOCK_RAW && family != AF_NETLINK)
		return protocol ? -EPERM : -EPROTONOSUPPORT;
	if (type != SOCK_DGRAM && type != (family == AF_NETLINK ? SOCK_RAW : SOCK_STREAM))
		return -ESOCKTNOSUPPORT;
	return -EPROTONOSUPPORT;
}

s32 net_op_socket(struct net_call *c)
{
	u32 family = c->in.arg[0], type = c->in.arg[1], protocol = c->in.arg[2];
	s32 error = check_protocol(family, type, protocol);

	if (!error)
		error = net_socket_add(socket((int)family, (int)type | NET_TYPE_FLAGS, (int)protocol),
				       &c->out.socket);
	if (!error)
		net_socket_get(c->out.socket)->netlink = family == AF_NETLINK;
	return error;
}

/* The end of a connection that lingers would wait: the guest keeps such lingering to itself. */
s32 net_op_close(struct net_call *c)
{
	net_socket_close(c->socket);
	c->socket = NULL;
	return 0;
}

static struct sockaddr *address(struct net_call *c, struct sockaddr_storage *copy)
{
	memcpy(copy, c->in.address, sizeof(c->in.address));
	return (struct sockaddr *)copy;
}

static void put_address(struct net_call *c, const struct sockaddr_storage *from, socklen_t length)
{
	c->out.address_len = length < sizeof(c->out.address) ? length : sizeof(c->out.address);
	memcpy(c->out.address, from, c->out.address_len);
}

s32 net_op_bind(struct net_call *c)
{
	struct sockaddr_storage to;

	return result(bind(c->socket->fd, address(c, &to), c->in.address_len));
}

s32 net_op_listen(struct net_call *c)
{
	return result(listen(c->socket->fd, (int)c->in.arg[0]));
}

s32 net_op_connect(struct net_call *c)
{
	struct sockaddr_storage to;
	struct pollfd p = {.fd = c->socket->fd, .events = POLLOUT};
	s32 r = result(connect(p.fd, address(c, &to), c->in.address_len));

	/* Loopback connects at once, but says so only when asked a second time. */
	if (r == -EINPROGRESS && c->in.arg[0] == 1 && poll(&p, 1, 0) > 0)
		r = result(connect(p.fd, address(c, &to), c->in.address_len));
	return r;
}

s32 net_op_accept(struct net_call *c)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	s32 r;

	if (!net_socket_room())
		return -ENFILE;
	r = net_socket_add(
		accept4(c->socket->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC),
		&c->out.socket);
	if (!r)
		put_address(c, &from, length);
	return r;
}

s32 net_op_name(struct net_call *c)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	int r = c->in.arg[0] ? getpeername(c->socket->fd, (struct sockaddr *)&name, &length)
			     : getsockname(c->socket->fd, (struct sockaddr *)&name, &length);

	if (!r)
		put_address(c, &name, length);
	return result(r);
}

s32 net_op_shutdown(struct net_call *c)
{
	return result(shutdown(c->socket->fd, (int)c->in.arg[0]));
}

static s32 interface_list(struct net_call *c)
{
	struct ifconf conf = {.ifc_len = INT_MAX, .ifc_buf = NULL};

	if (c->room_count > 1)
		return -EINVAL;
	if (c->room_count) {
		conf.ifc_len = c->room_size < INT_MAX ? (int)c->room_size : INT_MAX;
		conf.ifc_buf = c->room[0].iov_base;
	}
	return ioctl(c->socket->fd, SIOCGIFCONF, &conf) < 0 ? -errno : conf.ifc_len;
}

s32 net_op_ioctl(struct net_call *c)
{
	union {
		struct ifreq interface;
		int value;
	} argument = {0};

	if (c->in.arg[0] == SIOCGIFCONF)
		return interface_list(c);
	for (size_t i = 0; i < NET_IOCTL_COUNT; i++) {
		const struct net_ioctl *known = &net_ioctls[i];

		if (c->in.arg[0] != known->command)
			continue;
		if (c->room_size < known->size)
			return -EINVAL;
		net_call_data(c, &argument, known->size);
		if (ioctl(c->socket->fd, known->command, &argument) < 0)
			return -errno;
		net_call_put(c, &argument, known->size);
		return (s32)known->size;
	}
	return -ENOTTY;
}

void net_set_proc(int fd)
{
	proc_fd = fd;
}

s32 net_op_proc(struct net_call *c)
{
	static const char *const names[NACELLE_NET_FILES] = {
		[NACELLE_NET_FILE_DEV] = "dev",	    [NACELLE_NET_FILE_IF_INET6] = "if_inet6",
		[NACELLE_NET_FILE_ROUTE] = "route", [NACELLE_NET_FILE_TCP] = "tcp",
		[NACELLE_NET_FILE_TCP6] = "tcp6",   [NACELLE_NET_FILE_UDP] = "udp",
		[NACELLE_NET_FILE_UDP6] = "udp6",
	};
	s32 r;
	int fd;

	if (c->in.arg[0] >= NACELLE_NET_FILES)
		return -EINVAL;
	fd = openat(proc_fd, names[c->in.arg[0]], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno; /* no IPv6: no such file */
	r = result(preadv(fd, c->room, (int)c->room_count, c->in.arg[1]));
	close(fd);
	return r;
}
