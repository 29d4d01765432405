/* SPDX-License-Identifier: MIT */
/* AF_NETLINK: asking for addresses, links and routes, as getifaddrs and ip do. */
#include "inet.h"

#include <net/if.h>

/* musl has none of the kernel's headers. */
enum { NETLINK_ROUTE, NLMSG_ERROR = 2, NLMSG_DONE, NETLINK_EXT_ACK = 11, NETLINK_GET_STRICT_CHK };
enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22, RTM_NEWROUTE = 24 };
enum { RTM_GETROUTE = 26, NLM_F_REQUEST = 1, NLM_F_DUMP = 0x300, IFLA_IFNAME = 3, IFA_LOCAL = 2 };
#define SOL_NETLINK 270

struct sockaddr_nl {
	unsigned short nl_family, pad;
	unsigned nl_pid, nl_groups;
};

struct message {
	unsigned length;
	unsigned short type, flags;
	unsigned seq, pid;
};

struct attribute {
	unsigned short length, type;
};

static struct {
	struct message h;
	struct { /* of a link; an address's and a route's begin alike: with the family */
		unsigned char family, pad;
		unsigned short kind;
		int index;
		unsigned flags, change;
	} link;
} question;
static char answer[65536];

static long open_netlink(void)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK};
	long fd = MUST(sys(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));

	MUST(sys(SYS_bind, fd, &a, sizeof(a)));
	return fd;
}

static unsigned port_id(long fd)
{
	struct sockaddr_nl a = {0};
	unsigned len = sizeof(a);

	IS(sys(SYS_getsockname, fd, &a, &len), 0);
	IS(len, sizeof(a));
	IS(a.nl_family, AF_NETLINK);
	return a.nl_pid;
}

static long ask(long fd, int type, int flags)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK};

	question.h = (struct message){.length = sizeof(question),
				      .type = (unsigned short)type,
				      .flags = (unsigned short)(NLM_F_REQUEST | flags),
				      .seq = 77};
	return sys(SYS_sendto, fd, &question, sizeof(question), 0, &to, sizeof(to));
}

/* Calls see for each message of this type until the end of a dump. */
static void dump(long fd, int want, void (*see)(const struct message *h))
{
	unsigned own = port_id(fd);

	for (;;) {
		long n = MUST(sys(SYS_recvfrom, fd, answer, sizeof(answer), 0, NULL, NULL));

		for (long at = 0; at + (long)sizeof(struct message) <= n;) {
			const struct message *h = (const void *)(answer + at);

			IS(h->seq, 77);
			IS(h->pid, own);
			if (h->type == NLMSG_DONE)
				return;
			if (IS(h->type, want))
				see(h);
			at += (h->length + 3) & ~3u;
		}
	}
}

/* The value of an attribute behind a head of so many bytes. */
static const char *attribute(const struct message *h, size_t head, int type)
{
	for (size_t at = sizeof(*h) + head; at + sizeof(struct attribute) <= h->length;) {
		const struct attribute *a = (const void *)((const char *)h + at);

		if (a->type == type)
			return (const char *)(a + 1);
		at += (a->length + 3) & ~3u;
	}
	return NULL;
}

static int loopbacks;

static void see_address(const struct message *h)
{
	const char *a = attribute(h, 8, IFA_LOCAL);
	unsigned loopback = htonl(INADDR_LOOPBACK);

	loopbacks +=
		*(const unsigned char *)(h + 1) == AF_INET && a && !memcmp(a, &loopback, sizeof(loopback));
}

static void see_link(const struct message *h)
{
	const char *a = attribute(h, sizeof(question.link), IFLA_IFNAME);

	loopbacks += a && !strcmp(a, "lo");
}

static void see_nothing(const struct message *h)
{
	(void)h;
}

TEST(addresses)
{
	long fd = open_netlink();

	TRUE(port_id(fd) != 0);
	IS(ask(fd, RTM_GETADDR, NLM_F_DUMP), sizeof(question));
	dump(fd, RTM_NEWADDR, see_address);
	IS(loopbacks, 1);
}

TEST(links)
{
	long fd = open_netlink();

	IS(ask(fd, RTM_GETLINK, NLM_F_DUMP), sizeof(question));
	dump(fd, RTM_NEWLINK, see_link);
	IS(loopbacks, 1);
}

TEST(routes)
{
	long fd = open_netlink();

	IS(ask(fd, RTM_GETROUTE, NLM_F_DUMP), sizeof(question));
	dump(fd, RTM_NEWROUTE, see_nothing);
}

TEST(size_before_message)
{
	struct sockaddr_nl from = {0};
	struct iovec nothing = {0};
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &nothing, .msg_iovlen = 1};
	long fd = open_netlink(), size;

	IS(sys(SYS_recvmsg, fd, &m, MSG_DONTWAIT), -EAGAIN);
	IS(ask(fd, RTM_GETLINK, NLM_F_DUMP), sizeof(question));
	wait_events(fd, POLLIN);
	size = OK(sys(SYS_recvmsg, fd, &m, MSG_PEEK | MSG_TRUNC));
	TRUE(size > (long)sizeof(struct message));
	IS(m.msg_namelen, sizeof(from));
	IS(from.nl_family, AF_NETLINK);
	IS(from.nl_pid, 0); /* the kernel */
	nothing = (struct iovec){answer, sizeof(answer)};
	IS(sys(SYS_recvmsg, fd, &m, 0), size);
}

static void try_to_change(void *arg)
{
	const struct message *h = (const void *)answer;
	const int *error = (const int *)(h + 1);
	long fd = open_netlink();

	(void)arg;
	question.link.index = 1;
	question.link.change = IFF_UP;
	IS(ask(fd, RTM_NEWLINK, 0), sizeof(question));
	OK(sys(SYS_recvfrom, fd, answer, sizeof(answer), 0, NULL, NULL));
	IS(h->type, NLMSG_ERROR);
	IS(*error, -EPERM);
}

TEST(changes_nothing)
{
	if (sys(SYS_geteuid))
		try_to_change(NULL);
	else
		IS(as_user(try_to_change, NULL), 0);
}

TEST(options)
{
	long fd = open_netlink();
	int one = 1, value = 0;
	unsigned len = sizeof(value);

	IS(sys(SYS_setsockopt, fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)), 0);
	IS(sys(SYS_setsockopt, fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one)), 0);
	IS(sys(SYS_getsockopt, fd, SOL_NETLINK, NETLINK_EXT_ACK, &value, &len), 0);
	IS(value, 1);
	IS(sys(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &value, &len), 0);
	IS(value, AF_NETLINK);
	IS(sys(SYS_setsockopt, fd, SOL_NETLINK, 9999, &one, sizeof(one)), -ENOPROTOOPT);
}

TEST(refusals)
{
	struct sockaddr_nl a = {.nl_family = AF_INET};
	long fd = open_netlink();
	int pair[2];

	IS(sys(SYS_socket, AF_NETLINK, SOCK_STREAM, 0), -ESOCKTNOSUPPORT);
	IS(sys(SYS_socket, AF_NETLINK, SOCK_RAW, 300), -EPROTONOSUPPORT);
	IS(sys(SYS_socketpair, AF_NETLINK, SOCK_RAW, 0, pair), -EOPNOTSUPP);
	IS(sys(SYS_bind, fd, &a, sizeof(a)), -EINVAL);
	IS(sys(SYS_listen, fd, 1), -EOPNOTSUPP);
	IS(sys(SYS_sendto, fd, BAD_KERNEL, 16, 0, NULL, 0), -EFAULT);
	IS(sys(SYS_recvfrom, fd, answer, sizeof(answer), MSG_DONTWAIT, NULL, NULL), -EAGAIN);
}
