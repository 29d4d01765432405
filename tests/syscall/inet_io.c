/* SPDX-License-Identifier: MIT */
/* AF_INET: datagrams, waiting, signals, large transfers, sharing between processes, memory that is not there.
 */
#include "inet.h"

#include <sys/epoll.h>
#include <sys/uio.h>

static long udp_socket(void)
{
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	MUST(bind_to(fd, AF_INET, 0));
	return fd;
}

TEST(datagrams)
{
	long a = udp_socket(), b = udp_socket(), c = MUST(sys(SYS_socket, AF_INET, SOCK_DGRAM, 0));
	struct sockaddr_in to = ipv4(port_of(b)), from;
	unsigned len = sizeof(from);
	static char large[70000];
	char text[32];

	IS(sys(SYS_sendto, a, "hello", 5, 0, &to, sizeof(to)), 5);
	IS(sys(SYS_recvfrom, b, text, 32, 0, &from, &len), 5);
	IS(len, sizeof(from));
	IS(ntohs(from.sin_port), port_of(a));
	IS(sys(SYS_sendto, a, "0123456789", 10, 0, &to, sizeof(to)), 10);
	IS(sys(SYS_sendto, a, NULL, 0, 0, &to, sizeof(to)), 0);
	IS(sys(SYS_recvfrom, b, text, 4, MSG_PEEK | MSG_TRUNC, NULL, NULL), 10);
	IS(sys(SYS_recvfrom, b, text, 4, 0, NULL, NULL), 4); /* the rest is lost */
	IS(sys(SYS_recvfrom, b, text, 4, 0, &from, &len), 0);
	IS(sys(SYS_recvfrom, b, text, 4, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	IS(sys(SYS_sendto, a, large, sizeof(large), 0, &to, sizeof(to)), -EMSGSIZE);
	IS(sys(SYS_sendto, a, large, 60000, 0, &to, sizeof(to)), 60000);
	IS(sys(SYS_recvfrom, b, large, sizeof(large), 0, NULL, NULL), 60000);
	/* connected: one peer, names, and its refusals */
	IS(sys(SYS_connect, c, &to, sizeof(to)), 0);
	TRUE(port_of(c) != 0);
	IS(sys(SYS_write, c, "x", 1), 1);
	IS(sys(SYS_read, b, text, 8), 1);
	IS(sys(SYS_close, b), 0);
	IS(sys(SYS_write, c, "x", 1), 1);
	TRUE(wait_events(c, POLLIN) & POLLERR);
	IS(sys(SYS_read, c, text, 8), -ECONNREFUSED);
	IS(sys(SYS_recvfrom, c, text, 8, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	to.sin_family = AF_UNSPEC;
	IS(sys(SYS_connect, c, &to, sizeof(to)), 0);
	IS(sys(SYS_write, c, "x", 1), -EDESTADDRREQ);
}

TEST(datagram_in_many_pieces)
{
	long a = udp_socket(), b = udp_socket();
	struct sockaddr_in to = ipv4(port_of(b));
	char out[300], in[300] = "";
	struct iovec vec[300];
	struct msghdr m = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = vec, .msg_iovlen = 300};

	for (int i = 0; i < 300; i++) {
		out[i] = (char)i;
		vec[i] = (struct iovec){&out[299 - i], 1};
	}
	IS(sys(SYS_sendmsg, a, &m, 0), 300);
	for (int i = 0; i < 300; i++)
		vec[i] = (struct iovec){&in[299 - i], 1};
	IS(sys(SYS_recvmsg, b, &m, 0), 300);
	SAME(in, out, 300);
	IS(m.msg_flags, 0);
	m.msg_iovlen = 1025;
	IS(sys(SYS_sendmsg, a, &m, 0), -EMSGSIZE);
}

TEST(many_messages)
{
	long a = udp_socket(), b = udp_socket();
	struct sockaddr_in to = ipv4(port_of(b)), from[4];
	char text[4][8];
	struct iovec out = {"datagram", 8}, in[4];
	struct mmsghdr v[4] = {0};
	struct timespec t = {5, 0};

	for (int i = 0; i < 4; i++) {
		out.iov_len = 8;
		in[i] = (struct iovec){text[i], 8};
		v[i].msg_hdr = (struct msghdr){
			.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &out, .msg_iovlen = 1};
	}
	v[3].msg_hdr.msg_namelen = 1;
	IS(sys(SYS_sendmmsg, a, v, 4, 0), 3);
	IS(v[2].msg_len, 8);
	IS(sys(SYS_sendmmsg, a, v + 3, 1, 0), -EINVAL);
	IS(sys(SYS_sendmmsg, a, v, 0, 0), 0);
	for (int i = 0; i < 4; i++)
		v[i] = (struct mmsghdr){
			{.msg_name = &from[i], .msg_namelen = sizeof(to), .msg_iov = &in[i], .msg_iovlen = 1},
			0};
	IS(sys(SYS_recvmmsg, b, v, 4, MSG_WAITFORONE, &t), 3);
	IS(v[2].msg_len, 8);
	IS(ntohs(from[2].sin_port), port_of(a));
	SAME(text[2], "datagram", 8);
	IS(sys(SYS_recvmmsg, b, v, 4, MSG_DONTWAIT, NULL), -EAGAIN);
	t.tv_nsec = -1;
	IS(sys(SYS_recvmmsg, b, v, 4, 0, &t), -EINVAL);
	IS(sys(SYS_recvmmsg, b, v, 4, 0, BAD_UNMAPPED), -EFAULT);
}

static struct cmsghdr *find_control(struct msghdr *m, int level, int type)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return c;
	return NULL;
}

TEST(control_messages)
{
	long a = udp_socket(), b = udp_socket();
	struct sockaddr_in to = ipv4(port_of(b)), addr = to;
	char text[8];
	_Alignas(8) char control[128];
	struct iovec vec = {"ttl", 3};
	struct msghdr m = {.msg_name = &addr,
			   .msg_namelen = sizeof(addr),
			   .msg_iov = &vec,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(sizeof(int))};
	struct cmsghdr *c = (struct cmsghdr *)control;
	int ttl = 33;

	set_option(b, IPPROTO_IP, IP_PKTINFO, 1);
	set_option(b, IPPROTO_IP, IP_RECVTTL, 1);
	memset(control, 0, sizeof(control));
	*c = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_TTL};
	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));
	IS(sys(SYS_sendmsg, a, &m, 0), 3);
	vec = (struct iovec){text, 8};
	m.msg_controllen = sizeof(control);
	IS(sys(SYS_recvmsg, b, &m, 0), 3);
	c = find_control(&m, IPPROTO_IP, IP_TTL);
	TRUE(c && *(int *)CMSG_DATA(c) == 33);
	c = find_control(&m, IPPROTO_IP, IP_PKTINFO);
	TRUE(c && ((struct in_pktinfo *)CMSG_DATA(c))->ipi_addr.s_addr == htonl(INADDR_LOOPBACK));
	IS(sys(SYS_sendto, a, "x", 1, 0, &to, sizeof(to)), 1);
	m.msg_controllen = 10;
	IS(sys(SYS_recvmsg, b, &m, 0), 1);
	IS(m.msg_flags, MSG_CTRUNC);
	IS(m.msg_controllen, 0);
	/* malformed ones */
	m.msg_controllen = CMSG_SPACE(sizeof(int));
	c = (struct cmsghdr *)control;
	c->cmsg_len = 5;
	m.msg_iovlen = 0;
	IS(sys(SYS_sendmsg, a, &m, 0), -EINVAL);
	m.msg_control = BAD_UNMAPPED;
	IS(sys(SYS_sendmsg, a, &m, 0), -EFAULT);
}

/* ---- readiness --------------------------------------------------------------------------------------- */

static long epoll_events(long ep, int timeout)
{
	struct epoll_event e = {0};
	long n = OK(sys(SYS_epoll_wait, ep, &e, 1, timeout));

	return n ? (long)e.events : 0;
}

TEST(epoll_levels_and_edges)
{
	struct epoll_event level = {.events = EPOLLIN},
			   edge = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	long ep = MUST(sys(SYS_epoll_create1, 0)), et = MUST(sys(SYS_epoll_create1, 0)), p[2];
	char text[8];

	tcp_pair(AF_INET, p);
	MUST(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[1], &level));
	MUST(sys(SYS_epoll_ctl, et, EPOLL_CTL_ADD, p[1], &edge));
	IS(epoll_events(ep, 0), 0);
	IS(epoll_events(et, 0), EPOLLOUT);
	IS(epoll_events(et, 0), 0);
	IS(sys(SYS_write, p[0], "abcd", 4), 4);
	IS(epoll_events(et, -1), EPOLLIN | EPOLLOUT);
	IS(epoll_events(et, 0), 0);
	IS(epoll_events(ep, -1), EPOLLIN);
	IS(sys(SYS_read, p[1], text, 2), 2);
	IS(epoll_events(ep, 0), EPOLLIN); /* there is more */
	IS(epoll_events(et, 0), 0);	  /* but no news */
	IS(sys(SYS_read, p[1], text, 8), 2);
	IS(epoll_events(ep, 0), 0);
	IS(sys(SYS_write, p[0], "e", 1), 1);
	TRUE(epoll_events(et, -1) & EPOLLIN);
	IS(sys(SYS_read, p[1], text, 8), 1);
	IS(sys(SYS_read, p[1], text, 0), 0);
	IS(sys(SYS_shutdown, p[0], SHUT_WR), 0);
	IS(epoll_events(et, -1) & (EPOLLIN | EPOLLRDHUP | EPOLLHUP), EPOLLIN | EPOLLRDHUP);
	IS(sys(SYS_close, p[1]), 0);
	IS(epoll_events(ep, 0), 0);
}

/* Who took a part for all there was is told of what came meanwhile, although the bit was set all the time. */
TEST(edges_behind_a_part)
{
	struct epoll_event edge = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	long et = MUST(sys(SYS_epoll_create1, 0)), p[2], left = 3, n;
	static char data[1 << 20];

	tcp_pair(AF_INET, p);
	IS(sys(SYS_fcntl, p[0], F_SETFL, O_NONBLOCK), 0);
	MUST(sys(SYS_epoll_ctl, et, EPOLL_CTL_ADD, p[1], &edge));
	IS(epoll_events(et, 0), EPOLLOUT);
	for (int i = 0; i < 3; i++) {
		IS(sys(SYS_write, p[0], "ab", 2), 2);
		IS(epoll_events(et, -1), EPOLLIN | EPOLLOUT);
		IS(epoll_events(et, 0), 0);
		IS(sys(SYS_read, p[1], data, 1), 1);
		IS(epoll_events(et, 0), 0);
	}
	MUST(sys(SYS_epoll_ctl, et, EPOLL_CTL_DEL, p[1], NULL));
	MUST(sys(SYS_epoll_ctl, et, EPOLL_CTL_ADD, p[0], &edge));
	IS(epoll_events(et, 0), EPOLLOUT);
	do {
		n = OK(sys(SYS_write, p[0], data, sizeof(data)));
		left += n;
	} while (n == sizeof(data));
	while (left > 0)
		left -= MUST(sys(SYS_read, p[1], data, sizeof(data)));
	IS(epoll_events(et, -1), EPOLLOUT);
}

static void connect_later(void *port)
{
	long fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));

	sleep_ms(50);
	IS(connect_to(fd, AF_INET, (long)port), 0);
}

TEST(epoll_wakes_for_a_connection)
{
	long listener = tcp_listen(AF_INET), ep = MUST(sys(SYS_epoll_create1, 0)), pid;
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};

	MUST(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, listener, &e));
	for (int i = 0; i < 3; i++) {
		pid = child(connect_later, (void *)port_of(listener));
		IS(epoll_events(ep, -1), EPOLLIN);
		OK(sys(SYS_accept, listener, NULL, NULL));
		IS(reap(pid), 0);
	}
}

/* ---- blocking, time and signals ------------------------------------------------------------------------ */

struct later {
	long fd;
	long pid;
};

static void write_later(void *arg)
{
	struct later *l = arg;

	sleep_ms(50);
	IS(sys(SYS_write, l->fd, "x", 1), 1);
}

static void signal_then_write(void *arg)
{
	struct later *l = arg;

	wait_state(l->pid, 'S');
	sleep_ms(20);
	IS(sys(SYS_kill, l->pid, SIGUSR1), 0);
	write_later(arg);
}

TEST(waits_for_data)
{
	struct later l;
	long p[2], pid;
	char byte;

	tcp_pair(AF_INET, p);
	for (int i = 0; i < 5; i++) {
		l.fd = p[0];
		pid = child(write_later, &l);
		IS(sys(SYS_read, p[1], &byte, 1), 1);
		IS(reap(pid), 0);
	}
}

TEST(signals)
{
	struct timeval forever = {1000, 0};
	struct later l = {.pid = sys(SYS_getpid)};
	long p[2], pid;
	char byte;

	tcp_pair(AF_INET, p);
	l.fd = p[0];
	on_signal(SIGUSR1, catch_signal, 0);
	pid = child(signal_then_write, &l);
	IS(sys(SYS_read, p[1], &byte, 1), -EINTR);
	IS(sys(SYS_read, p[1], &byte, 1), 1);
	IS(reap(pid), 0);
	on_signal(SIGUSR1, catch_signal, SA_RESTART);
	pid = child(signal_then_write, &l);
	IS(sys(SYS_read, p[1], &byte, 1), 1);
	IS(caught, 2);
	IS(reap(pid), 0);
	/* a call with a time limit is not begun again */
	IS(sys(SYS_setsockopt, p[1], SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever)), 0);
	pid = child(signal_then_write, &l);
	IS(sys(SYS_read, p[1], &byte, 1), -EINTR);
	IS(reap(pid), 0);
}

TEST(time_limits)
{
	struct timeval t = {0, 30000};
	long listener = tcp_listen(AF_INET), p[2], n;
	static char data[1 << 20];
	char byte;

	tcp_pair(AF_INET, p);
	IS(sys(SYS_setsockopt, p[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	IS(sys(SYS_setsockopt, p[0], SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)), 0);
	IS(sys(SYS_setsockopt, listener, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	IS(sys(SYS_read, p[0], &byte, 1), -EAGAIN);
	IS(sys(SYS_accept, listener, NULL, NULL), -EAGAIN);
	do
		n = sys(SYS_write, p[0], data, sizeof(data));
	while (n > 0); /* the last one in part */
	IS(n, -EAGAIN);
}

static void shut_later(void *arg)
{
	sleep_ms(50);
	IS(sys(SYS_shutdown, *(long *)arg, SHUT_RDWR), 0);
}

TEST(shutdown_wakes_those_who_wait)
{
	long p[2], pid, listener = tcp_listen(AF_INET);
	char byte;

	tcp_pair(AF_INET, p);
	pid = child(shut_later, &p[1]);
	IS(sys(SYS_read, p[1], &byte, 1), 0);
	IS(reap(pid), 0);
	pid = child(shut_later, &listener);
	IS(sys(SYS_accept, listener, NULL, NULL), -EINVAL);
	IS(reap(pid), 0);
}

/* ---- large transfers ----------------------------------------------------------------------------------- */

#define LARGE (6 << 20)

static unsigned char pattern(unsigned long i)
{
	return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

static void check_stream(void *arg)
{
	unsigned long at = 0, bad = 0;
	static unsigned char in[37777];
	long *p = arg, fd = p[1], n;

	sys(SYS_close, p[0]);
	while ((n = OK(sys(SYS_read, fd, in, sizeof(in)))) > 0)
		for (long i = 0; i < n; i++)
			bad += in[i] != pattern(at++);
	IS(at, LARGE);
	IS(bad, 0);
}

static unsigned char *large_pattern(void)
{
	unsigned char *data = (void *)MUST(
		sys(SYS_mmap, NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	for (unsigned long i = 0; i < LARGE; i++)
		data[i] = pattern(i);
	return data;
}

TEST_FLAGS(large_blocking, SLOW)
{
	long p[2], pid;

	tcp_pair(AF_INET, p);
	pid = child(check_stream, p);
	sys(SYS_close, p[1]);
	IS(sys(SYS_write, p[0], large_pattern(), LARGE), LARGE);
	sys(SYS_close, p[0]);
	IS(reap(pid), 0);
}

TEST_FLAGS(large_in_parts, SLOW)
{
	unsigned char *data = large_pattern();
	unsigned long at = 0, partial = 0, full = 0;
	long p[2], pid, n;

	tcp_pair(AF_INET, p);
	set_option(p[0], SOL_SOCKET, SO_SNDBUF, 65536);
	pid = child(check_stream, p);
	sys(SYS_close, p[1]);
	IS(sys(SYS_fcntl, p[0], F_SETFL, O_NONBLOCK), 0);
	while (at < LARGE) {
		n = sys(SYS_write, p[0], data + at, LARGE - at);
		if (n == -EAGAIN) {
			full++;
			TRUE(wait_events(p[0], POLLOUT) & POLLOUT);
			continue;
		}
		if (!TRUE(n > 0))
			break;
		partial += (unsigned long)n < LARGE - at;
		at += (unsigned long)n;
	}
	TRUE(partial > 0 && full > 0);
	sys(SYS_close, p[0]);
	IS(reap(pid), 0);
}

/* ---- processes -------------------------------------------------------------------------------------------
 */

static void accept_one(void *arg)
{
	long conn = MUST(sys(SYS_accept, *(long *)arg, NULL, NULL));

	IS(sys(SYS_write, conn, "hello", 5), 5);
}

TEST(shared_listener)
{
	long listener = tcp_listen(AF_INET), port = port_of(listener), a, b, fd;
	char text[8];

	a = child(accept_one, &listener);
	b = child(accept_one, &listener);
	IS(sys(SYS_close, listener), 0); /* theirs stays open */
	for (int i = 0; i < 2; i++) {
		fd = MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0));
		IS(connect_to(fd, AF_INET, port), 0);
		IS(sys(SYS_recvfrom, fd, text, 5, MSG_WAITALL, NULL, NULL), 5);
		IS(sys(SYS_read, fd, text, 8), 0);
	}
	IS(reap(a), 0);
	IS(reap(b), 0);
	IS(connect_to(MUST(sys(SYS_socket, AF_INET, SOCK_STREAM, 0)), AF_INET, port), -ECONNREFUSED);
}

TEST(duplicates)
{
	long p[2], copy;
	char byte;

	tcp_pair(AF_INET, p);
	copy = MUST(sys(SYS_dup, p[0]));
	IS(sys(SYS_close, p[0]), 0);
	IS(sys(SYS_write, copy, "x", 1), 1);
	IS(sys(SYS_read, p[1], &byte, 1), 1);
	IS(sys(SYS_close, copy), 0);
	IS(sys(SYS_read, p[1], &byte, 1), 0);
}

TEST(passed_in_a_message)
{
	_Alignas(8) char control[CMSG_SPACE(sizeof(int))] = "";
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct iovec vec = {"x", 1};
	struct msghdr m = {
		.msg_iov = &vec, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	long p[2];
	int pair[2], fd;
	char text[8];

	tcp_pair(AF_INET, p);
	MUST(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair));
	*c = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	fd = (int)p[0];
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	IS(sys(SYS_sendmsg, pair[0], &m, 0), 1);
	IS(sys(SYS_close, p[0]), 0);
	vec.iov_base = text;
	IS(sys(SYS_recvmsg, pair[1], &m, 0), 1);
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	IS(sys(SYS_write, fd, "y", 1), 1);
	IS(sys(SYS_read, p[1], text, 8), 1);
}

/* ---- memory
 * ------------------------------------------------------------------------------------------------ */

TEST(buffers_that_are_not_there)
{
	long udp = udp_socket(), p[2];
	struct sockaddr_in self = ipv4(port_of(udp));
	char *map = (char *)MUST(
		sys(SYS_mmap, NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	tcp_pair(AF_INET, p);
	MUST(sys(SYS_mprotect, map + 8192, 4096, PROT_READ));
	IS(sys(SYS_write, p[0], BAD_UNMAPPED, 8), -EFAULT);
	IS(sys(SYS_write, p[0], BAD_KERNEL, 8), -EFAULT);
	IS(sys(SYS_write, p[0], BAD_DIRECT_MAP, 8), -EFAULT);
	IS(sys(SYS_write, p[0], BAD_TOP, 8), -EFAULT);
	IS(sys(SYS_sendto, udp, BAD_UNMAPPED, 8, 0, &self, sizeof(self)), -EFAULT);
	IS(sys(SYS_sendto, udp, map, 8, 0, BAD_UNMAPPED, sizeof(self)), -EFAULT);
	IS(sys(SYS_write, p[0], "0123456789", 10), 10);
	wait_events(p[1], POLLIN);
	IS(sys(SYS_read, p[1], BAD_UNMAPPED, 8), -EFAULT);
	IS(sys(SYS_read, p[1], map + 8192, 8), -EFAULT); /* not writable; and nothing was lost */
	IS(sys(SYS_read, p[1], map + 4090, 10), 10);	 /* across pages never touched */
	SAME(map + 4090, "0123456789", 10);
	IS(sys(SYS_sendto, udp, "0123456789", 10, 0, &self, sizeof(self)), 10);
	IS(sys(SYS_recvfrom, udp, map + 8187, 10, 0, NULL, NULL), -EFAULT);
}

static void change(void *arg)
{
	struct later *l = arg;

	IS(sys(SYS_write, l->fd, "child", 5), 5);
}

/* What is received goes into a process's own copy, also of pages shared since fork, and into mapped files. */
TEST(receives_into_every_kind_of_page)
{
	char *mem = (char *)MUST(
		sys(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char *map, text[8];
	struct later l;
	long p[2], pid, file;

	tcp_pair(AF_INET, p);
	strcpy(mem, "before");
	l.fd = p[0];
	pid = child(change, &l);
	IS(sys(SYS_read, p[1], mem, 5), 5);
	IS(reap(pid), 0);
	SAME(mem, "childe", 6);
	make_file("mapped", "0123456789", 10, 0600);
	file = MUST(sys(SYS_open, "mapped", O_RDWR));
	map = (char *)MUST(sys(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
	IS(sys(SYS_write, p[0], "ABC", 3), 3);
	IS(sys(SYS_read, p[1], map + 2, 3), 3);
	IS(sys(SYS_read, file, text, 6), 6);
	SAME(text, "01ABC5", 6);
	IS(sys(SYS_write, p[0], map, 10), 10);
	IS(sys(SYS_recvfrom, p[1], mem, 10, MSG_WAITALL, NULL, NULL), 10);
	SAME(mem, "01ABC56789", 10);
}
