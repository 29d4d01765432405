/* SPDX-License-Identifier: MIT */
/*
 * net_protocols.h: the sockets a guest may have and the ioctls it may try on them: one list for the proxy's
 * checks (net_ops.c) and for the system call filter (seccomp_rules.c).
 */
#ifndef WORKER_NET_PROTOCOLS_H
#define WORKER_NET_PROTOCOLS_H

#include <abi/types.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NET_TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

struct net_protocol {
	u32 family, type, protocol;
};

static const struct net_protocol net_protocols[] = {
	{AF_INET, SOCK_STREAM, 0},
	{AF_INET, SOCK_STREAM, IPPROTO_TCP},
	{AF_INET, SOCK_DGRAM, 0},
	{AF_INET, SOCK_DGRAM, IPPROTO_UDP},
	{AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
	{AF_INET6, SOCK_STREAM, 0},
	{AF_INET6, SOCK_STREAM, IPPROTO_TCP},
	{AF_INET6, SOCK_DGRAM, 0},
	{AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
	{AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6},
	{AF_INET, SOCK_RAW, IPPROTO_ICMP},
	{AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
	{AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
	{AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE},
};

struct net_ioctl {
	u32 command;
	u32 size; /* of the argument, in and out */
};

/* Beside SIOCGIFCONF, whose argument has a pointer. Nothing here changes an interface. */
static const struct net_ioctl net_ioctls[] = {
	{FIONREAD, sizeof(int)},
	{SIOCOUTQ, sizeof(int)},
	{SIOCATMARK, sizeof(int)},
	{SIOCGIFNAME, sizeof(struct ifreq)},
	{SIOCGIFINDEX, sizeof(struct ifreq)},
	{SIOCGIFFLAGS, sizeof(struct ifreq)},
	{SIOCGIFADDR, sizeof(struct ifreq)},
	{SIOCGIFDSTADDR, sizeof(struct ifreq)},
	{SIOCGIFBRDADDR, sizeof(struct ifreq)},
	{SIOCGIFNETMASK, sizeof(struct ifreq)},
	{SIOCGIFMETRIC, sizeof(struct ifreq)},
	{SIOCGIFMTU, sizeof(struct ifreq)},
	{SIOCGIFHWADDR, sizeof(struct ifreq)},
	{SIOCGIFTXQLEN, sizeof(struct ifreq)},
	{SIOCGIFMAP, sizeof(struct ifreq)},
};

#define NET_PROTOCOL_COUNT (sizeof(net_protocols) / sizeof(net_protocols[0]))
#define NET_IOCTL_COUNT (sizeof(net_ioctls) / sizeof(net_ioctls[0]))

#endif
