/* SPDX-License-Identifier: MIT */
/*
 * inet.h: what the tests of Internet sockets share: loopback addresses, pairs, readiness.
 */
#ifndef TESTS_SYSCALL_INET_H
#define TESTS_SYSCALL_INET_H

#include "check.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

static inline struct sockaddr_in ipv4(long port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((unsigned short)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline struct sockaddr_in6 ipv6(long port)
{
	return (struct sockaddr_in6){.sin6_family = AF_INET6,
				     .sin6_port = htons((unsigned short)port),
				     .sin6_addr.s6_addr[15] = 1};
}

static inline void need_ipv6(void)
{
	struct sockaddr_in6 a = ipv6(0);
	long fd = sys(SYS_socket, AF_INET6, SOCK_STREAM, 0);

	if (fd < 0 || sys(SYS_bind, fd, &a, sizeof(a)))
		skip("this machine has no ::1");
	sys(SYS_close, fd);
}

static inline long bind_to(long fd, int family, long port)
{
	struct sockaddr_in a = ipv4(port);
	struct sockaddr_in6 b = ipv6(port);

	return family == AF_INET ? sys(SYS_bind, fd, &a, sizeof(a)) : sys(SYS_bind, fd, &b, sizeof(b));
}

static inline long connect_to(long fd, int family, long port)
{
	struct sockaddr_in a = ipv4(port);
	struct sockaddr_in6 b = ipv6(port);

	return family == AF_INET ? sys(SYS_connect, fd, &a, sizeof(a)) : sys(SYS_connect, fd, &b, sizeof(b));
}

static inline long port_of(long fd)
{
	struct sockaddr_in6 a;
	unsigned len = sizeof(a);

	MUST(sys(SYS_getsockname, fd, &a, &len));
	return ntohs(a.sin6_port);
}

static inline long tcp_listen(int family)
{
	long fd = MUST(sys(SYS_socket, family, SOCK_STREAM, 0));

	MUST(bind_to(fd, family, 0));
	MUST(sys(SYS_listen, fd, 16));
	return fd;
}

/* p[0] connected, p[1] accepted. */
static inline void tcp_pair(int family, long p[2])
{
	long listener = tcp_listen(family);

	p[0] = MUST(sys(SYS_socket, family, SOCK_STREAM, 0));
	MUST(connect_to(p[0], family, port_of(listener)));
	p[1] = MUST(sys(SYS_accept, listener, NULL, NULL));
	sys(SYS_close, listener);
}

#define ALL_EVENTS (POLLIN | POLLPRI | POLLOUT | POLLRDHUP)

static inline long events_of(long fd)
{
	struct pollfd p = {.fd = (int)fd, .events = ALL_EVENTS};

	OK(sys(SYS_poll, &p, 1, 0));
	return p.revents;
}

/* Waits for one of these, and tells all there are, as far as they were asked for. */
static inline long wait_events(long fd, short events)
{
	struct pollfd p = {.fd = (int)fd, .events = events};

	MUST(sys(SYS_poll, &p, 1, -1));
	if (events == POLLIN && p.revents & (POLLERR | POLLHUP))
		return events_of(fd);
	return p.revents;
}

static inline long option(long fd, int level, int name)
{
	unsigned len = sizeof(int);
	int value = -1;

	IS(sys(SYS_getsockopt, fd, level, name, &value, &len), 0);
	return value;
}

static inline void set_option(long fd, int level, int name, int value)
{
	IS(sys(SYS_setsockopt, fd, level, name, &value, sizeof(value)), 0);
}

#endif
