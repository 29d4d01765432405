/* SPDX-License-Identifier: MIT */
/*
 * net_message.c: bytes and control messages through sockets. Data goes straight between the host's socket and
 * the guest's pages.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "net_socket.h"

#define SEND_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE)
#define RECEIVE_FLAGS (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

/* Control messages that may be sent: level and type. */
static const int sendable[][2] = {
	{IPPROTO_IP, IP_TOS},	      {IPPROTO_IP, IP_TTL},	     {IPPROTO_IP, IP_PKTINFO},
	{IPPROTO_IPV6, IPV6_PKTINFO}, {IPPROTO_IPV6, IPV6_HOPLIMIT}, {IPPROTO_IPV6, IPV6_TCLASS},
	{IPPROTO_UDP, UDP_SEGMENT},
};

static bool may_send(const struct cmsghdr *c)
{
	for (size_t i = 0; i < sizeof(sendable) / sizeof(sendable[0]); i++)
		if (c->cmsg_level == sendable[i][0] && c->cmsg_type == sendable[i][1])
			return true;
	return false;
}

static bool control_ok(struct msghdr *m)
{
	size_t at = 0;

	while (m->msg_controllen - at >= sizeof(struct cmsghdr)) {
		const struct cmsghdr *c = (const void *)((const u8 *)m->msg_control + at);
		size_t left = m->msg_controllen - at;

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > left || !may_send(c))
			return false;
		at += CMSG_ALIGN(c->cmsg_len) < left ? CMSG_ALIGN(c->cmsg_len) : left;
	}
	return true;
}

s32 net_op_send(struct net_call *c)
{
	_Alignas(struct cmsghdr) u8 control[NACELLE_NET_CONTROL_MAX];
	struct msghdr m = {
		.msg_name = c->in.address_len ? c->in.address : NULL,
		.msg_namelen = c->in.address_len,
		.msg_iov = (struct iovec *)c->data,
		.msg_iovlen = c->data_count,
		.msg_control = c->in.control_len ? control : NULL,
		.msg_controllen = c->in.control_len,
	};
	int flags = (int)c->in.arg[0] | MSG_NOSIGNAL | MSG_DONTWAIT;
	ssize_t n;

	if (c->in.arg[0] & ~(u32)SEND_FLAGS)
		return -EINVAL;
	memcpy(control, c->in.control, c->in.control_len);
	if (!control_ok(&m))
		return -EINVAL;
	n = c->socket->netlink ? net_send_netlink(c, &m, flags) : sendmsg(c->socket->fd, &m, flags);
	return n < 0 ? -errno : (s32)n;
}

s32 net_op_receive(struct net_call *c)
{
	struct sockaddr_storage from = {0};
	/* The host leaves gaps between messages: they shall not tell what was on this stack. */
	_Alignas(struct cmsghdr) u8 control[NACELLE_NET_CONTROL_MAX] = {0};
	struct iovec nowhere = {NULL, c->in.arg[2] < INT_MAX ? c->in.arg[2] : INT_MAX};
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = c->in.arg[2] ? &nowhere : c->room,
		.msg_iovlen = c->in.arg[2] ? 1 : c->room_count,
		.msg_control = c->in.arg[1] ? control : NULL,
		.msg_controllen = c->in.arg[1],
	};
	ssize_t n;

	if ((c->in.arg[0] & ~(u32)RECEIVE_FLAGS) || c->in.arg[1] > sizeof(control))
		return -EINVAL;
	n = recvmsg(c->socket->fd, &m, (int)c->in.arg[0] | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	c->out.flags = (u32)m.msg_flags & (MSG_OOB | MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_ERRQUEUE);
	c->out.address_len = m.msg_namelen < sizeof(c->out.address) ? m.msg_namelen : sizeof(c->out.address);
	memcpy(c->out.address, &from, c->out.address_len);
	c->out.control_len = (u32)m.msg_controllen;
	memcpy(c->out.control, control, m.msg_controllen);
	return (s32)n;
}
