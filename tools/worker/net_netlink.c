/* SPDX-License-Identifier: MIT */
/*
 * net_netlink.c: requests of NETLINK_ROUTE sockets. What asks for one of a few things goes to the host's
 * kernel; what would change something does, too, and is refused there: a worker has no CAP_NET_ADMIN.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "net_socket.h"

#define REQUEST_MAX 4096

static bool may_ask(const struct nlmsghdr *h)
{
	static const u16 questions[] = {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH, RTM_GETRULE};

	if (h->nlmsg_type < RTM_BASE || (h->nlmsg_type & 3) != (RTM_GETLINK & 3))
		return true;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (h->nlmsg_type == questions[i])
			return true;
	return false;
}

ssize_t net_send_netlink(const struct net_call *c, struct msghdr *m, int flags)
{
	_Alignas(struct nlmsghdr) u8 copy[REQUEST_MAX];
	struct iovec all = {copy, c->data_size};
	size_t at = 0;

	errno = c->data_size > sizeof(copy) ? EMSGSIZE : EOPNOTSUPP;
	if (c->data_size > sizeof(copy))
		return -1;
	net_call_data(c, copy, c->data_size);
	while (c->data_size - at >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const void *)(copy + at);
		size_t left = c->data_size - at;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > left)
			break; /* the host's kernel reads no further either */
		if (!may_ask(h))
			return -1;
		at += NLMSG_ALIGN(h->nlmsg_len) < left ? NLMSG_ALIGN(h->nlmsg_len) : left;
	}
	m->msg_iov = &all;
	m->msg_iovlen = 1;
	return sendmsg(c->socket->fd, m, flags);
}
