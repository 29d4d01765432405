/* SPDX-License-Identifier: MIT */
/*
 * net_option.c: the options a guest may set and ask for: those whose value is plain data and concerns this
 * socket alone. The host checks value and length; all others do not exist.
 */
#include <errno.h>
#include <linux/icmp.h>
#include <linux/netlink.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "net_socket.h"

#define GET 1u
#define SET 2u
#define BOTH (GET | SET)

struct option {
	int level, name;
	unsigned int access;
};

static const struct option options[] = {
	{SOL_SOCKET, SO_REUSEADDR, BOTH},
	{SOL_SOCKET, SO_TYPE, GET},
	{SOL_SOCKET, SO_ERROR, GET},
	{SOL_SOCKET, SO_DONTROUTE, BOTH},
	{SOL_SOCKET, SO_BROADCAST, BOTH},
	{SOL_SOCKET, SO_SNDBUF, BOTH},
	{SOL_SOCKET, SO_RCVBUF, BOTH},
	{SOL_SOCKET, SO_KEEPALIVE, BOTH},
	{SOL_SOCKET, SO_OOBINLINE, BOTH},
	{SOL_SOCKET, SO_PRIORITY, BOTH},
	{SOL_SOCKET, SO_LINGER, BOTH},
	{SOL_SOCKET, SO_REUSEPORT, BOTH},
	{SOL_SOCKET, SO_RCVLOWAT, BOTH},
	{SOL_SOCKET, SO_SNDLOWAT, GET},
	{SOL_SOCKET, SO_BINDTODEVICE, BOTH},
	{SOL_SOCKET, SO_TIMESTAMP, BOTH},
	{SOL_SOCKET, SO_ACCEPTCONN, GET},
	{SOL_SOCKET, SO_SNDBUFFORCE, SET},
	{SOL_SOCKET, SO_RCVBUFFORCE, SET},
	{SOL_SOCKET, SO_TIMESTAMPNS, BOTH},
	{SOL_SOCKET, SO_PROTOCOL, GET},
	{SOL_SOCKET, SO_DOMAIN, GET},
	{SOL_SOCKET, SO_MAX_PACING_RATE, BOTH},
	{SOL_SOCKET, SO_INCOMING_CPU, GET},
	{SOL_SOCKET, SO_MEMINFO, GET},
	{SOL_SOCKET, SO_INCOMING_NAPI_ID, GET},
	{SOL_SOCKET, SO_COOKIE, GET},
	{SOL_RAW, ICMP_FILTER, BOTH},
	{SOL_ICMPV6, ICMP6_FILTER, BOTH},
	{SOL_NETLINK, NETLINK_CAP_ACK, BOTH},
	{SOL_NETLINK, NETLINK_EXT_ACK, BOTH},
	{SOL_NETLINK, NETLINK_GET_STRICT_CHK, BOTH},
	{IPPROTO_IP, IP_TOS, BOTH},
	{IPPROTO_IP, IP_TTL, BOTH},
	{IPPROTO_IP, IP_RECVOPTS, BOTH},
	{IPPROTO_IP, IP_PKTINFO, BOTH},
	{IPPROTO_IP, IP_MTU_DISCOVER, BOTH},
	{IPPROTO_IP, IP_RECVERR, BOTH},
	{IPPROTO_IP, IP_RECVTTL, BOTH},
	{IPPROTO_IP, IP_RECVTOS, BOTH},
	{IPPROTO_IP, IP_MTU, GET},
	{IPPROTO_IP, IP_FREEBIND, BOTH},
	{IPPROTO_IP, IP_TRANSPARENT, BOTH},
	{IPPROTO_IP, IP_RECVORIGDSTADDR, BOTH},
	{IPPROTO_IP, IP_MINTTL, BOTH},
	{IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, BOTH},
	{IPPROTO_IP, IP_MULTICAST_IF, BOTH},
	{IPPROTO_IP, IP_MULTICAST_TTL, BOTH},
	{IPPROTO_IP, IP_MULTICAST_LOOP, BOTH},
	{IPPROTO_IP, IP_ADD_MEMBERSHIP, SET},
	{IPPROTO_IP, IP_DROP_MEMBERSHIP, SET},
	{IPPROTO_IP, IP_MULTICAST_ALL, BOTH},
	{IPPROTO_TCP, TCP_NODELAY, BOTH},
	{IPPROTO_TCP, TCP_MAXSEG, BOTH},
	{IPPROTO_TCP, TCP_CORK, BOTH},
	{IPPROTO_TCP, TCP_KEEPIDLE, BOTH},
	{IPPROTO_TCP, TCP_KEEPINTVL, BOTH},
	{IPPROTO_TCP, TCP_KEEPCNT, BOTH},
	{IPPROTO_TCP, TCP_SYNCNT, BOTH},
	{IPPROTO_TCP, TCP_LINGER2, BOTH},
	{IPPROTO_TCP, TCP_DEFER_ACCEPT, BOTH},
	{IPPROTO_TCP, TCP_WINDOW_CLAMP, BOTH},
	{IPPROTO_TCP, TCP_INFO, GET},
	{IPPROTO_TCP, TCP_QUICKACK, BOTH},
	{IPPROTO_TCP, TCP_CONGESTION, BOTH},
	{IPPROTO_TCP, TCP_USER_TIMEOUT, BOTH},
	{IPPROTO_TCP, TCP_FASTOPEN, BOTH},
	{IPPROTO_TCP, TCP_NOTSENT_LOWAT, BOTH},
	{IPPROTO_UDP, UDP_CORK, BOTH},
	{IPPROTO_UDP, UDP_SEGMENT, BOTH},
	{IPPROTO_UDP, UDP_GRO, BOTH},
	{IPPROTO_IPV6, IPV6_UNICAST_HOPS, BOTH},
	{IPPROTO_IPV6, IPV6_MULTICAST_IF, BOTH},
	{IPPROTO_IPV6, IPV6_MULTICAST_HOPS, BOTH},
	{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, BOTH},
	{IPPROTO_IPV6, IPV6_JOIN_GROUP, SET},
	{IPPROTO_IPV6, IPV6_LEAVE_GROUP, SET},
	{IPPROTO_IPV6, IPV6_MTU_DISCOVER, BOTH},
	{IPPROTO_IPV6, IPV6_MTU, BOTH},
	{IPPROTO_IPV6, IPV6_RECVERR, BOTH},
	{IPPROTO_IPV6, IPV6_V6ONLY, BOTH},
	{IPPROTO_IPV6, IPV6_RECVPKTINFO, BOTH},
	{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, BOTH},
	{IPPROTO_IPV6, IPV6_2292HOPLIMIT, BOTH},
	{IPPROTO_IPV6, IPV6_RECVTCLASS, BOTH},
	{IPPROTO_IPV6, IPV6_TCLASS, BOTH},
	{IPPROTO_IPV6, IPV6_FREEBIND, BOTH},
};

static bool allowed(u32 level, u32 name, unsigned int access)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (level == (u32)options[i].level && name == (u32)options[i].name)
			return options[i].access & access;
	return false;
}

s32 net_op_set_option(struct net_call *c)
{
	u8 value[NACELLE_NET_VALUE_MAX];

	if (!allowed(c->in.arg[0], c->in.arg[1], SET))
		return -ENOPROTOOPT;
	if (c->data_size > sizeof(value))
		return -EINVAL;
	net_call_data(c, value, sizeof(value));
	return setsockopt(c->socket->fd, (int)c->in.arg[0], (int)c->in.arg[1], value,
			  (socklen_t)c->data_size) < 0
		       ? -errno
		       : 0;
}

s32 net_op_get_option(struct net_call *c)
{
	u8 value[NACELLE_NET_VALUE_MAX];
	socklen_t length = c->room_size < sizeof(value) ? (socklen_t)c->room_size : sizeof(value);

	if (!allowed(c->in.arg[0], c->in.arg[1], GET))
		return -ENOPROTOOPT;
	if (getsockopt(c->socket->fd, (int)c->in.arg[0], (int)c->in.arg[1], value, &length) < 0)
		return -errno;
	if (length > sizeof(value)) /* cannot be: the host was told how much room there is */
		return -EINVAL;
	net_call_put(c, value, length < c->room_size ? length : c->room_size);
	return (s32)length;
}
