/* SPDX-License-Identifier: MIT */
/* AF_INET and AF_INET6: creation, names, addresses that are refused, TCP connections and how they end. */
#include "inet.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

TEST(kinds)
{
	long fd;

	IS(sys(SYS_socket, 100, SOCK_STREAM, 0), -EAFNOSUPPORT);
	IS(sys(SYS_socket, AF_INET, 9, 0), -ESOCKTNOSUPPORT);
	IS(sys(SYS_socket, AF_INET, 11, 0), -EINVAL);
	IS(sys(SYS_socket, AF_INET, SOCK_STREAM | 0x10, 0), -EINVAL);
	IS(sys(SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
	IS(sys(SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
	IS(sys(SYS_socket, AF_INET, SOCK_STREAM, 9999), -EINVAL);
	IS(sys(SYS_socket, AF_INET, SOCK_STREAM, -1), -EINVAL);
	IS(sys(SYS_socket, AF_INET, SOCK_RAW, 0), -EPROTONOSUPPORT);
	IS(sys(SYS_socketpair, AF_INET, SOCK_STREAM, 0, (int[2]){0}), -EOPNOTSUPP);
	fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, fd, F_GETFL), O_RDWR | O_NONBLOCK);
	IS(option(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	IS(option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
	IS(option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	fd = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0));
	IS(option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
	IS(sys(SYS_fcntl, fd, F_GETFL), O_RDWR);
	IS(sys(SYS_lseek, fd, 0, SEEK_SET), -ESPIPE);
}

static void no_raw(void *unused)
{
	(void)unused;
	IS(sys(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP), -EPERM);
}

TEST_FLAGS(raw_needs_a_privilege, ROOT)
{
	IS(as_user(no_raw, NULL), 0);
}

TEST(names)
{
	struct sockaddr_in a = ipv4(0), got;
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0)), other;
	unsigned len = sizeof(got);

	IS(sys(SYS_getsockname, fd, &got, &len), 0);
	IS(len, sizeof(got));
	IS(got.sin_family, AF_INET);
	IS(got.sin_port, 0);
	IS(sys(SYS_getpeername, fd, &got, &len), -ENOTCONN);
	IS(sys(SYS_bind, fd, &a, sizeof(a)), 0);
	IS(sys(SYS_bind, fd, &a, sizeof(a)), -EINVAL);
	memset(&got, 0xee, sizeof(got));
	len = 4;
	IS(sys(SYS_getsockname, fd, &got, &len), 0);
	IS(len, sizeof(got)); /* its whole length, though only that much was copied */
	TRUE(got.sin_port != 0);
	IS(got.sin_addr.s_addr, 0xeeeeeeee);
	len = -1;
	IS(sys(SYS_getsockname, fd, &got, &len), -EINVAL);
	IS(sys(SYS_getsockname, fd, &got, BAD_UNMAPPED), -EFAULT);
	len = sizeof(got);
	IS(sys(SYS_getsockname, fd, BAD_UNMAPPED, &len), -EFAULT);
	len = sizeof(got);
	IS(sys(SYS_getsockname, fd, &got, &len), 0);
	IS(got.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	other = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	IS(sys(SYS_bind, other, &got, sizeof(got)), -EADDRINUSE);
}

TEST(bad_addresses)
{
	struct sockaddr_in a = ipv4(0);
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	char large[200] = {AF_INET};

	IS(sys(SYS_bind, fd, &a, sizeof(a) - 1), -EINVAL);
	IS(sys(SYS_bind, fd, &a, 0), -EINVAL);
	IS(sys(SYS_bind, fd, &a, -1), -EINVAL);
	IS(sys(SYS_bind, fd, large, 129), -EINVAL);
	IS(sys(SYS_bind, fd, BAD_UNMAPPED, sizeof(a)), -EFAULT);
	IS(sys(SYS_connect, fd, BAD_UNMAPPED, sizeof(a)), -EFAULT);
	IS(sys(SYS_connect, fd, &a, 1), -EINVAL);
	a.sin_family = AF_UNIX;
	IS(sys(SYS_bind, fd, &a, sizeof(a)), -EAFNOSUPPORT);
	IS(sys(SYS_connect, fd, &a, sizeof(a)), -EAFNOSUPPORT);
	a = ipv4(0);
	a.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1: documentation */
	IS(sys(SYS_bind, fd, &a, sizeof(a)), -EADDRNOTAVAIL);
	a = ipv4(0);
	IS(sys(SYS_bind, fd, &a, 128), 0); /* longer than needed */
}

TEST(wrong_state)
{
	struct sockaddr_in a = ipv4(0);
	long tcp = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	long udp = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0)), p[2];
	char byte;

	IS(sys(SYS_listen, udp, 1), -EOPNOTSUPP);
	IS(sys(SYS_accept, udp, NULL, NULL), -EOPNOTSUPP);
	IS(sys(SYS_accept, tcp, NULL, NULL), -EINVAL);
	IS(sys(SYS_accept4, tcp, NULL, NULL, 1), -EINVAL);
	IS(sys(SYS_recvfrom, tcp, &byte, 1, 0, NULL, NULL), -ENOTCONN);
	IS(sys(SYS_sendto, tcp, "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	IS(sys(SYS_sendto, udp, "x", 1, 0, NULL, 0), -EDESTADDRREQ);
	IS(events_of(tcp), POLLOUT | POLLHUP);
	IS(events_of(udp), POLLOUT);
	IS(sys(SYS_bind, tcp, &a, sizeof(a)), 0);
	IS(sys(SYS_listen, tcp, 5), 0);
	IS(events_of(tcp), 0);
	IS(sys(SYS_recvfrom, tcp, &byte, 1, 0, NULL, NULL), -ENOTCONN);
	IS(sys(SYS_sendto, tcp, "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	IS(sys(SYS_shutdown, udp, SHUT_RD), -ENOTCONN);
	IS(sys(SYS_shutdown, udp, 3), -EINVAL);
	tcp_pair(AF_INET, p);
	a = ipv4(9);
	IS(sys(SYS_connect, p[0], &a, sizeof(a)), -EISCONN);
	IS(sys(SYS_listen, p[0], 1), -EINVAL);
}

/* Everything two ends can say to each other, by every call there is. */
static void talk(int family)
{
	char text[64], more[64];
	struct iovec out[2] = {{"one ", 4}, {"two", 3}}, in[2] = {{text, 2}, {text + 2, 60}};
	struct msghdr m = {.msg_iov = out, .msg_iovlen = 2};
	long listener = tcp_listen(family), client, conn, port = port_of(listener);
	struct sockaddr_in6 local, remote;
	unsigned len = sizeof(local), len2 = sizeof(remote);

	client = MUST(sys(SYS_socket, family, SOCK_STREAM, 0));
	IS(connect_to(client, family, port), 0);
	conn = MUST(sys(SYS_accept4, listener, &remote, &len2, SOCK_CLOEXEC));
	IS(sys(SYS_fcntl, conn, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_getsockname, client, &local, &len), 0);
	IS(len, len2);
	SAME(&local, &remote, len);
	len = sizeof(local);
	IS(sys(SYS_getpeername, client, &local, &len), 0);
	IS(ntohs(local.sin6_port), port);
	IS(sys(SYS_writev, client, out, 2), 7);
	IS(sys(SYS_readv, conn, in, 2), 7);
	SAME(text, "one two", 7);
	IS(sys(SYS_sendmsg, conn, &m, 0), 7);
	m = (struct msghdr){.msg_iov = in, .msg_iovlen = 2, .msg_name = more, .msg_namelen = 64};
	IS(sys(SYS_recvmsg, client, &m, 0), 7);
	IS(m.msg_namelen, 0); /* a stream's bytes have no sender */
	IS(m.msg_flags, 0);
	IS(sys(SYS_sendto, client, "abc", 3, MSG_MORE, NULL, 0), 3);
	IS(sys(SYS_write, client, "def", 3), 3);
	IS(sys(SYS_recvfrom, conn, text, 6, MSG_WAITALL, NULL, NULL), 6);
	SAME(text, "abcdef", 6);
	IS(sys(SYS_shutdown, client, SHUT_WR), 0);
	IS(sys(SYS_read, conn, text, 9), 0);
	IS(sys(SYS_read, conn, text, 9), 0);
	IS(events_of(conn), POLLIN | POLLOUT | POLLRDHUP);
	IS(sys(SYS_write, conn, "still", 5), 5);
	IS(sys(SYS_read, client, text, 9), 5);
	IS(sys(SYS_sendto, client, "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	IS(sys(SYS_close, conn), 0);
	IS(sys(SYS_read, client, text, 9), 0);
	IS(sys(SYS_close, client), 0);
	IS(sys(SYS_close, listener), 0);
}

TEST(tcp)
{
	talk(AF_INET);
}

TEST(tcp6)
{
	need_ipv6();
	talk(AF_INET6);
}

/* An AF_INET6 listener takes IPv4 connections too, unless it was told not to. */
TEST(both_families)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6}, peer;
	unsigned len = sizeof(a);
	long fd, client, conn;

	need_ipv6();
	fd = MUST(sys(SYS_socket, AF_INET6, SOCK_STREAM, 0));
	set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	MUST(sys(SYS_bind, fd, &a, sizeof(a)));
	MUST(sys(SYS_listen, fd, 5));
	client = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	IS(connect_to(client, AF_INET, port_of(fd)), 0);
	conn = MUST(sys(SYS_accept, fd, &peer, &len));
	IS(peer.sin6_family, AF_INET6);
	TRUE(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
	IS(sys(SYS_close, conn), 0);
	IS(sys(SYS_close, fd), 0);
	fd = MUST(sys(SYS_socket, AF_INET6, SOCK_STREAM, 0));
	set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	IS(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	MUST(sys(SYS_bind, fd, &a, sizeof(a)));
	MUST(sys(SYS_listen, fd, 5));
	client = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	IS(connect_to(client, AF_INET, port_of(fd)), -ECONNREFUSED);
}

static long closed_port(void)
{
	long fd = tcp_listen(AF_INET), port = port_of(fd);

	sys(SYS_close, fd);
	return port;
}

TEST(connect_refused)
{
	long port = closed_port(), fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));

	IS(connect_to(fd, AF_INET, port), -ECONNREFUSED);
	IS(connect_to(fd, AF_INET, port), -ECONNREFUSED); /* it may be tried again */
	fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	IS(connect_to(fd, AF_INET, port), -EINPROGRESS);
	IS(wait_events(fd, POLLOUT), POLLOUT | POLLERR | POLLHUP);
	IS(option(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	IS(option(fd, SOL_SOCKET, SO_ERROR), 0); /* told once */
}

TEST(connect_without_waiting)
{
	long listener = tcp_listen(AF_INET), port = port_of(listener);
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), conn;
	char byte;

	IS(connect_to(fd, AF_INET, port), -EINPROGRESS);
	IS(wait_events(fd, POLLOUT), POLLOUT);
	IS(option(fd, SOL_SOCKET, SO_ERROR), 0);
	IS(connect_to(fd, AF_INET, port), 0); /* the end of the first call */
	IS(connect_to(fd, AF_INET, port), -EISCONN);
	IS(sys(SYS_read, fd, &byte, 1), -EAGAIN);
	conn = MUST(sys(SYS_accept, listener, NULL, NULL));
	IS(sys(SYS_write, conn, "x", 1), 1);
	IS(wait_events(fd, POLLIN), POLLIN);
	IS(sys(SYS_read, fd, &byte, 1), 1);
	IS(sys(SYS_read, fd, &byte, 1), -EAGAIN);
	IS(events_of(fd), POLLOUT);
}

TEST(would_block)
{
	long listener = tcp_listen(AF_INET), p[2], udp = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0));
	char byte;
	int one = 1;

	IS(sys(SYS_ioctl, listener, FIONBIO, &one), 0);
	IS(sys(SYS_accept, listener, NULL, NULL), -EAGAIN);
	IS(events_of(listener), 0);
	tcp_pair(AF_INET, p);
	IS(sys(SYS_recvfrom, p[0], &byte, 1, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	IS(sys(SYS_recvfrom, udp, &byte, 1, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	IS(sys(SYS_fcntl, p[0], F_SETFL, O_NONBLOCK), 0);
	IS(sys(SYS_read, p[0], &byte, 1), -EAGAIN);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(wait_events(p[0], POLLIN), POLLIN);
	IS(sys(SYS_read, p[0], &byte, 1), 1);
}

/* What poll() promises is there; what was taken is not promised again. */
TEST(ready_means_ready)
{
	char text[8];
	long p[2];

	tcp_pair(AF_INET, p);
	for (int i = 0; i < 100; i++)
		if (!IS(sys(SYS_write, p[0], "1234", 4), 4) || !IS(wait_events(p[1], POLLIN), POLLIN) ||
		    !IS(sys(SYS_recvfrom, p[1], text, 8, MSG_DONTWAIT, NULL, NULL), 4) ||
		    !IS(events_of(p[1]), POLLOUT))
			break;
}

TEST(reset)
{
	struct linger now = {1, 0};
	long p[2];
	char byte;

	on_signal(SIGPIPE, catch_signal, 0);
	tcp_pair(AF_INET, p);
	IS(sys(SYS_setsockopt, p[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	IS(sys(SYS_close, p[0]), 0);
	IS(wait_events(p[1], POLLIN), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
	IS(sys(SYS_read, p[1], &byte, 1), -ECONNRESET);
	IS(sys(SYS_read, p[1], &byte, 1), 0); /* told once */
	IS(sys(SYS_write, p[1], "x", 1), -EPIPE);
	IS(caught, 1);
	IS(sys(SYS_sendto, p[1], "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	IS(caught, 1);
	IS(sys(SYS_getpeername, p[1], &byte, (unsigned[1]){0}), -ENOTCONN);
}

/* Unread data turns a close into a reset. */
TEST(reset_by_unread_data)
{
	long p[2];
	char byte;

	tcp_pair(AF_INET, p);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(wait_events(p[0], POLLIN), POLLIN);
	IS(sys(SYS_close, p[0]), 0);
	TRUE(wait_events(p[1], POLLIN) & POLLERR);
	IS(sys(SYS_read, p[1], &byte, 1), -ECONNRESET);
}

TEST(peek_trunc_waitall)
{
	char text[16] = "";
	long p[2];

	tcp_pair(AF_INET, p);
	IS(sys(SYS_write, p[0], "abcdef", 6), 6);
	wait_events(p[1], POLLIN);
	IS(sys(SYS_recvfrom, p[1], text, 4, MSG_PEEK, NULL, NULL), 4);
	SAME(text, "abcd", 4);
	IS(sys(SYS_recvfrom, p[1], NULL, 2, MSG_TRUNC, NULL, NULL), 2); /* thrown away */
	IS(sys(SYS_recvfrom, p[1], text, 16, 0, NULL, NULL), 4);
	SAME(text, "cdef", 4);
	IS(sys(SYS_recvfrom, p[1], NULL, 0x7fffffff, MSG_TRUNC | MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	IS(sys(SYS_read, p[1], text, 0), 0);
	IS(sys(SYS_recvfrom, p[1], text, 0, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	IS(sys(SYS_write, p[0], "12", 2), 2);
	wait_events(p[1], POLLIN);
	IS(sys(SYS_recvfrom, p[1], text, 4, MSG_WAITALL | MSG_DONTWAIT, NULL, NULL), 2);
	IS(sys(SYS_write, p[0], "34", 2), 2);
	IS(sys(SYS_shutdown, p[0], SHUT_WR), 0);
	IS(sys(SYS_recvfrom, p[1], text, 4, MSG_WAITALL, NULL, NULL), 2); /* the end comes first */
}

TEST(urgent_byte)
{
	char text[8];
	int at = -1;
	long p[2];

	tcp_pair(AF_INET, p);
	IS(sys(SYS_recvfrom, p[1], text, 1, MSG_OOB, NULL, NULL), -EINVAL);
	IS(sys(SYS_sendto, p[0], "abc", 3, MSG_OOB, NULL, 0), 3);
	IS(wait_events(p[1], POLLPRI), POLLPRI);
	IS(sys(SYS_recvfrom, p[1], text, 8, 0, NULL, NULL), 2);
	IS(sys(SYS_ioctl, p[1], SIOCATMARK, &at), 0);
	IS(at, 1);
	IS(sys(SYS_recvfrom, p[1], text, 8, MSG_OOB, NULL, NULL), 1);
	IS(text[0], 'c');
}

TEST(bytes_waiting)
{
	int n = -1;
	long p[2], listener = tcp_listen(AF_INET);

	tcp_pair(AF_INET, p);
	IS(sys(SYS_ioctl, p[1], FIONREAD, &n), 0);
	IS(n, 0);
	IS(sys(SYS_write, p[0], "abc", 3), 3);
	wait_events(p[1], POLLIN);
	IS(sys(SYS_ioctl, p[1], FIONREAD, &n), 0);
	IS(n, 3);
	IS(sys(SYS_ioctl, listener, FIONREAD, &n), -EINVAL);
	IS(sys(SYS_ioctl, p[1], FIONREAD, BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_ioctl, p[1], 0x5401 /* TCGETS */, &n), -ENOTTY);
}

TEST(interfaces)
{
	struct ifreq r = {.ifr_name = "lo"}, list[8];
	struct ifconf conf = {.ifc_len = sizeof(list), .ifc_req = list};
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0));
	bool seen = false;

	IS(sys(SYS_ioctl, fd, SIOCGIFFLAGS, &r), 0);
	IS(r.ifr_flags & (IFF_UP | IFF_LOOPBACK), IFF_UP | IFF_LOOPBACK);
	IS(sys(SYS_ioctl, fd, SIOCGIFADDR, &r), 0);
	IS(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	IS(sys(SYS_ioctl, fd, SIOCGIFINDEX, &r), 0);
	TRUE(r.ifr_ifindex > 0);
	IS(sys(SYS_ioctl, fd, SIOCGIFNAME, &r), 0);
	STREQ(r.ifr_name, "lo");
	IS(sys(SYS_ioctl, fd, SIOCGIFCONF, &conf), 0);
	for (unsigned i = 0; i < conf.ifc_len / sizeof(list[0]); i++)
		seen |= !strcmp(list[i].ifr_name, "lo");
	TRUE(seen);
	conf = (struct ifconf){.ifc_len = 0};
	IS(sys(SYS_ioctl, fd, SIOCGIFCONF, &conf), 0);
	TRUE(conf.ifc_len >= (int)sizeof(list[0]));
	strcpy(r.ifr_name, "nothere");
	IS(sys(SYS_ioctl, fd, SIOCGIFFLAGS, &r), -ENODEV);
	IS(sys(SYS_ioctl, fd, SIOCGIFFLAGS, BAD_UNMAPPED), -EFAULT);
}

/* if_nametoindex asks on any socket it can get. */
TEST(interfaces_by_another_family)
{
	struct ifreq r = {.ifr_name = "lo"};
	long fd = MUST(sys(SYS_socket, AF_UNIX, SOCK_DGRAM, 0));

	IS(sys(SYS_ioctl, fd, SIOCGIFINDEX, &r), 0);
	TRUE(r.ifr_ifindex > 0);
	IS(sys(SYS_ioctl, fd, SIOCGIFNAME, &r), 0);
	STREQ(r.ifr_name, "lo");
	strcpy(r.ifr_name, "nothere");
	IS(sys(SYS_ioctl, fd, SIOCGIFINDEX, &r), -ENODEV);
	IS(sys(SYS_ioctl, fd, SIOCGIFINDEX, BAD_UNMAPPED), -EFAULT);
}

TEST(listed_in_proc)
{
	static char text[65536];
	long fd = tcp_listen(AF_INET), length;
	char want[] = "0100007F:0000 00000000:0000 0A";
	static const char hex[] = "0123456789ABCDEF";

	for (int i = 0; i < 4; i++)
		want[9 + i] = hex[port_of(fd) >> (12 - 4 * i) & 15];
	length = MUST(slurp("/proc/net/tcp", text, sizeof(text)));
	TRUE(length > 0);
	TRUE(strstr(text, want));
	OK(slurp("/proc/net/udp", text, sizeof(text)));
	OK(slurp("/proc/net/route", text, sizeof(text)));
	MUST(slurp("/proc/net/dev", text, sizeof(text)));
	TRUE(strstr(text, "lo:"));
}

static void bind_low(void *port)
{
	struct sockaddr_in a = ipv4((long)port);
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));

	IS(sys(SYS_bind, fd, &a, sizeof(a)), -EACCES);
	a = ipv4(0);
	IS(sys(SYS_bind, fd, &a, sizeof(a)), 0);
}

TEST_FLAGS(low_ports, ROOT)
{
	char text[16] = "";
	struct sockaddr_in a = ipv4(0);
	long fd, port = 1023;

	MUST(slurp("/proc/sys/net/ipv4/ip_unprivileged_port_start", text, sizeof(text)));
	if (strcmp(text, "1024\n"))
		skip("low ports are anybody's here");
	fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	do
		a.sin_port = htons(port);
	while (sys(SYS_bind, fd, &a, sizeof(a)) == -EADDRINUSE && --port > 900);
	IS(port_of(fd), port);
	IS(as_user(bind_low, (void *)port), 0);
}

TEST(same_port_twice)
{
	long a = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	long b = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	struct sockaddr_in at = ipv4(0);

	set_option(a, SOL_SOCKET, SO_REUSEPORT, 1);
	MUST(sys(SYS_bind, a, &at, sizeof(at)));
	MUST(sys(SYS_listen, a, 5));
	at.sin_port = htons(port_of(a));
	IS(sys(SYS_bind, b, &at, sizeof(at)), -EADDRINUSE);
	set_option(b, SOL_SOCKET, SO_REUSEPORT, 1);
	IS(sys(SYS_bind, b, &at, sizeof(at)), 0);
	IS(sys(SYS_listen, b, 5), 0);
}

TEST(options)
{
	static const int settable[][2] = {
		{SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_KEEPALIVE},	  {SOL_SOCKET, SO_OOBINLINE},
		{IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_CORK},	  {IPPROTO_TCP, TCP_KEEPIDLE},
		{IPPROTO_TCP, TCP_KEEPCNT}, {IPPROTO_TCP, TCP_KEEPINTVL}, {IPPROTO_IP, IP_RECVERR},
		{IPPROTO_IP, IP_FREEBIND},  {IPPROTO_TCP, TCP_QUICKACK},
	};
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	struct linger l = {1, 7};
	struct timeval t = {3, 500000};
	unsigned char tos = 0x10;
	unsigned len = sizeof(l);
	char info[256];

	for (unsigned i = 0; i < sizeof(settable) / sizeof(settable[0]); i++) {
		set_option(fd, settable[i][0], settable[i][1], 1);
		IS(option(fd, settable[i][0], settable[i][1]), 1);
	}
	set_option(fd, SOL_SOCKET, SO_RCVBUF, 10000);
	IS(option(fd, SOL_SOCKET, SO_RCVBUF), 20000);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	IS(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 5000);
	set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	IS(sys(SYS_setsockopt, fd, IPPROTO_IP, IP_TOS, &tos, 1), 0);
	IS(option(fd, IPPROTO_IP, IP_TOS), 0x10);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)), 0);
	memset(&l, 0, sizeof(l));
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_LINGER, &l, &len), 0);
	IS(l.l_onoff, 1);
	IS(l.l_linger, 7);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	len = sizeof(t);
	t = (struct timeval){0};
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &t, &len), 0);
	IS(t.tv_sec, 3);
	IS(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	IS(option(tcp_listen(AF_INET), SOL_SOCKET, SO_ACCEPTCONN), 1);
	len = sizeof(info);
	IS(sys(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, info, &len), 0);
	TRUE(len > 100 && len <= 256);
	IS(info[0], 7); /* TCP_CLOSE */
}

TEST(bad_options)
{
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
	int value = 1;
	unsigned len = sizeof(value);

	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, 9999, &value, len), -ENOPROTOOPT);
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, 9999, &value, &len), -ENOPROTOOPT);
	IS(sys(SYS_setsockopt, fd, IPPROTO_TCP, 9999, &value, len), -ENOPROTOOPT);
	IS(sys(SYS_getsockopt, fd, IPPROTO_TCP, 9999, &value, &len), -ENOPROTOOPT);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &value, 3), -EINVAL);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &value, -1), -EINVAL);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, BAD_UNMAPPED, 4), -EFAULT);
	IS(sys(SYS_setsockopt, fd, SOL_SOCKET, SO_ERROR, &value, len), -ENOPROTOOPT);
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, BAD_UNMAPPED, &len), -EFAULT);
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, BAD_UNMAPPED), -EFAULT);
	len = -1;
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &len), -EINVAL);
	len = 2;
	value = -1;
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &len), 0);
	IS(len, 2);
	IS(value & 0xffff, SOCK_STREAM);
}

TEST(closed_tables)
{
	long listener = tcp_listen(AF_INET), client = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0)), fd;
	long last = -1;
	struct {
		unsigned long cur, max;
	} limit = {64, 64};

	IS(sys(SYS_prlimit64, 0, 7 /* NOFILE */, &limit, NULL), 0);
	IS(connect_to(client, AF_INET, port_of(listener)), 0);
	do
		fd = sys(SYS_socket, AF_INET, SOCK_DGRAM, 0);
	while (fd >= 0 && (last = fd, true));
	IS(fd, -EMFILE);
	IS(sys(SYS_accept, listener, NULL, NULL), -EMFILE);
	IS(sys(SYS_close, last), 0);
	IS(sys(SYS_accept, listener, NULL, NULL), last); /* the connection was not lost */
}

TEST_FLAGS(thousands, SLOW)
{
	struct sockaddr_in a = ipv4(0);
	long fds[200], p[2];

	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 200; i++)
			fds[i] = MUST(sys(SYS_socket, AF_INET, i & 1 ? SOCK_STREAM : SOCK_DGRAM, 0));
		for (int i = 0; i < 200; i++)
			if (sys(SYS_bind, fds[i], &a, sizeof(a)) || sys(SYS_close, fds[i]))
				note("socket %d: bind or close failed", i);
	}
	for (int round = 0; round < 200; round++) {
		tcp_pair(AF_INET, p);
		IS(sys(SYS_close, p[0]), 0);
		IS(sys(SYS_close, p[1]), 0);
	}
}

TEST(sendfile_to_a_socket)
{
	static char data[100000], got[100000];
	long p[2], file;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = i * 7 >> 3;
	make_file("data", data, sizeof(data), 0600);
	file = MUST(sys(SYS_open, "data", O_RDONLY));
	tcp_pair(AF_INET, p);
	set_option(p[0], SOL_SOCKET, SO_SNDBUF, 400000);
	set_option(p[1], SOL_SOCKET, SO_RCVBUF, 400000);
	IS(sys(SYS_sendfile, p[0], file, NULL, sizeof(data)), sizeof(data));
	IS(sys(SYS_recvfrom, p[1], got, sizeof(got), MSG_WAITALL, NULL, NULL), sizeof(got));
	SAME(data, got, sizeof(data));
}

static void refused(void *arg)
{
	(void)arg;
	IS(sys(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP), -EPERM);
	IS(sys(SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), -EPERM);
	IS(sys(SYS_socket, AF_INET, SOCK_RAW, 0), -EPROTONOSUPPORT);
}

/* What ping does where it may: an echo by hand, heard with its IP header in front. */
TEST_FLAGS(raw_icmp, ROOT)
{
	unsigned char echo[8] = {8, 0, 0xf7, 0xff - 0x2a, 0, 0x2a, 0, 0}, packet[64];
	struct sockaddr_in to = ipv4(0);
	int others = ~(1 << 0); /* all but echo replies */
	long fd = sys(SYS_socket, AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), n;

	IS(as_user(refused, NULL), 0);
	if (fd == -EPERM)
		skip("no CAP_NET_RAW");
	MUST(fd);
	IS(sys(SYS_setsockopt, fd, 255 /* SOL_RAW */, 1 /* ICMP_FILTER */, &others, sizeof(others)), 0);
	IS(sys(SYS_sendto, fd, echo, sizeof(echo), 0, &to, sizeof(to)), sizeof(echo));
	wait_events(fd, POLLIN);
	n = OK(sys(SYS_recvfrom, fd, packet, sizeof(packet), 0, NULL, NULL));
	IS(n, 20 + sizeof(echo));
	IS(packet[20], 0); /* the reply */
	IS(packet[25], 0x2a);
	IS(sys(SYS_socket, AF_INET, SOCK_RAW, 0), -EPROTONOSUPPORT);
}
