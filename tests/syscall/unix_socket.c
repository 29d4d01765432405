/* SPDX-License-Identifier: MIT */
/* AF_UNIX sockets: stream, datagram, names, descriptors in messages, options. */
#include "check.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	strcpy(a.sun_path, name);
	return a;
}

static long make_socket(int type)
{
	NEEDS(SYS_socket, -1, 0, 0);
	return MUST(sys(SYS_socket, AF_UNIX, type, 0));
}

static void make_pair(int s[2])
{
	NEEDS(SYS_socketpair, -1, 0, 0, NULL);
	MUST(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, s));
}

static long listen_on(const char *name)
{
	struct sockaddr_un a = address(name);
	long fd = make_socket(SOCK_STREAM);

	MUST(sys(SYS_bind, fd, &a, sizeof(a)));
	MUST(sys(SYS_listen, fd, 5));
	return fd;
}

TEST_FLAGS(stream, FILES | OPTIONAL)
{
	struct sockaddr_un a = address("s"), peer;
	long server, client, conn;
	unsigned length;
	struct stat st;
	char text[16];

	client = make_socket(SOCK_STREAM);
	IS(sys(SYS_connect, client, &a, sizeof(a)), -ENOENT);
	server = listen_on("s");
	IS(sys(SYS_stat, "s", &st), 0);
	IS(st.st_mode & S_IFMT, S_IFSOCK);
	IS(sys(SYS_connect, client, &a, sizeof(a)), 0);
	length = sizeof(peer);
	conn = MUST(sys(SYS_accept, server, &peer, &length));
	IS(peer.sun_family, AF_UNIX);
	IS(length, 2); /* a client without a name */
	IS(sys(SYS_write, client, "hello", 5), 5);
	IS(sys(SYS_read, conn, text, 16), 5);
	SAME(text, "hello", 5);
	IS(sys(SYS_sendto, conn, "back", 4, 0, NULL, 0), 4);
	IS(sys(SYS_recvfrom, client, text, 16, 0, NULL, NULL), 4);
	IS(sys(SYS_connect, client, &a, sizeof(a)), -EISCONN);
	length = sizeof(peer);
	IS(sys(SYS_getpeername, client, &peer, &length), 0);
	STREQ(peer.sun_path, "s");
	length = sizeof(peer);
	IS(sys(SYS_getsockname, conn, &peer, &length), 0);
	STREQ(peer.sun_path, "s");
	IS(sys(SYS_close, conn), 0);
	IS(sys(SYS_read, client, text, 16), 0);
	IS(sys(SYS_close, server), 0);
	client = make_socket(SOCK_STREAM);
	IS(sys(SYS_connect, client, &a, sizeof(a)), -ECONNREFUSED); /* the file is left */
	IS(sys(SYS_bind, client, &a, sizeof(a)), -EADDRINUSE);
}

TEST_FLAGS(pairs, OPTIONAL)
{
	char text[16];
	int s[2];

	NEEDS(SYS_socketpair, -1, 0, 0, NULL);
	IS(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s), 0);
	IS(sys(SYS_fcntl, s[0], F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_fcntl, s[1], F_GETFL), O_RDWR | O_NONBLOCK);
	IS(sys(SYS_read, s[0], text, 1), -EAGAIN);
	IS(sys(SYS_write, s[0], "ab", 2), 2);
	IS(sys(SYS_write, s[0], "cd", 2), 2);
	IS(sys(SYS_read, s[1], text, 16), 4); /* a stream has no borders */
	IS(sys(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, s), 0);
	IS(sys(SYS_write, s[0], "ab", 2), 2);
	IS(sys(SYS_write, s[0], "cde", 3), 3);
	IS(sys(SYS_read, s[1], text, 1), 1); /* the rest of a datagram is lost */
	IS(sys(SYS_read, s[1], text, 16), 3);
	IS(sys(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	IS(sys(SYS_write, s[0], "ab", 2), 2);
	IS(sys(SYS_write, s[0], "cd", 2), 2);
	IS(sys(SYS_read, s[1], text, 16), 2);
	IS(sys(SYS_socketpair, AF_UNIX, 99, 0, s), -EINVAL);
	IS(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_socket, AF_UNIX, SOCK_STREAM, 99), -EPROTONOSUPPORT);
	IS(sys(SYS_socket, 99, SOCK_STREAM, 0), -EAFNOSUPPORT);
}

TEST_FLAGS(broken, OPTIONAL)
{
	int s[2];
	char c;

	MUST(on_signal(SIGPIPE, catch_signal, SA_SIGINFO));
	make_pair(s);
	MUST(sys(SYS_close, s[1]));
	IS(sys(SYS_write, s[0], "x", 1), -EPIPE);
	IS(caught, 1);
	IS(sys(SYS_sendto, s[0], "x", 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
	IS(caught, 1);
	IS(sys(SYS_read, s[0], &c, 1), 0);
}

TEST_FLAGS(shut_down, OPTIONAL)
{
	struct pollfd f;
	int s[2];
	char c;

	MUST(on_signal_ignore(SIGPIPE));
	make_pair(s);
	IS(sys(SYS_write, s[0], "x", 1), 1);
	IS(sys(SYS_shutdown, s[0], SHUT_WR), 0);
	IS(sys(SYS_write, s[0], "x", 1), -EPIPE);
	IS(sys(SYS_read, s[1], &c, 1), 1);
	IS(sys(SYS_read, s[1], &c, 1), 0);
	f = (struct pollfd){s[1], POLLIN | POLLRDHUP, 0};
	IS(sys(SYS_poll, &f, 1, 0), 1);
	IS(f.revents, POLLIN | POLLRDHUP);
	IS(sys(SYS_write, s[1], "y", 1), 1); /* the other direction lives */
	IS(sys(SYS_read, s[0], &c, 1), 1);
	IS(sys(SYS_shutdown, s[0], 9), -EINVAL);
	IS(sys(SYS_shutdown, 1, SHUT_WR), -ENOTSOCK);
}

TEST_FLAGS(datagrams_with_names, FILES | OPTIONAL)
{
	struct sockaddr_un a = address("a"), b = address("b"), from;
	long x = make_socket(SOCK_DGRAM), y = make_socket(SOCK_DGRAM);
	unsigned length = sizeof(from);
	char text[8];

	IS(sys(SYS_bind, x, &a, sizeof(a)), 0);
	IS(sys(SYS_bind, y, &b, sizeof(b)), 0);
	IS(sys(SYS_sendto, x, "hi", 2, 0, &b, sizeof(b)), 2);
	IS(sys(SYS_recvfrom, y, text, 8, 0, &from, &length), 2);
	STREQ(from.sun_path, "a");
	IS(sys(SYS_sendto, x, "hi", 2, 0, NULL, 0), -ENOTCONN);
	IS(sys(SYS_connect, x, &b, sizeof(b)), 0);
	IS(sys(SYS_write, x, "yo", 2), 2);
	IS(sys(SYS_recvfrom, y, text, 8, MSG_PEEK, NULL, NULL), 2);
	IS(sys(SYS_recvfrom, y, text, 1, MSG_TRUNC, NULL, NULL), 2);
	IS(sys(SYS_recvfrom, y, text, 1, MSG_DONTWAIT, NULL, NULL), -EAGAIN);
	TRUE(sys(SYS_bind, x, &a, sizeof(a)) < 0); /* it has a name */
}

TEST_FLAGS(abstract_names, OPTIONAL)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	long server = make_socket(SOCK_STREAM), other = make_socket(SOCK_STREAM),
	     client = make_socket(SOCK_STREAM);

	memcpy(a.sun_path, "\0check-abstract", 15);
	IS(sys(SYS_bind, server, &a, 17), 0);
	IS(sys(SYS_bind, other, &a, 17), -EADDRINUSE);
	IS(sys(SYS_connect, client, &a, 17), -ECONNREFUSED); /* nobody listens */
	IS(sys(SYS_listen, server, 1), 0);
	IS(sys(SYS_connect, client, &a, 16), -ECONNREFUSED); /* another name */
	IS(sys(SYS_connect, client, &a, 17), 0);
	IS(sys(SYS_close, server), 0);
	IS(sys(SYS_bind, other, &a, 17), 0); /* free again */
}

TEST_FLAGS(accept_flags, FILES | OPTIONAL)
{
	struct sockaddr_un a = address("s");
	long server = listen_on("s"), client, conn;

	IS(sys(SYS_fcntl, server, F_SETFL, O_NONBLOCK), 0);
	IS(sys(SYS_accept, server, NULL, NULL), -EAGAIN);
	client = make_socket(SOCK_STREAM);
	IS(sys(SYS_connect, client, &a, sizeof(a)), 0);
	conn = MUST(sys(SYS_accept, server, NULL, NULL));
	IS(sys(SYS_fcntl, conn, F_GETFL) & O_NONBLOCK, 0); /* not handed down */
	client = make_socket(SOCK_STREAM);
	IS(sys(SYS_connect, client, &a, sizeof(a)), 0);
	conn = MUST(sys(SYS_accept4, server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	IS(sys(SYS_fcntl, conn, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	IS(sys(SYS_fcntl, conn, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_accept4, server, NULL, NULL, 0x100), -EINVAL);
	IS(sys(SYS_accept, client, NULL, NULL), -EINVAL);
	IS(sys(SYS_accept, 1, NULL, NULL), -ENOTSOCK);
	IS(sys(SYS_accept, 99, NULL, NULL), -EBADF);
}

static long send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec iov = {"!", 1};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memset(control, 0, sizeof(control));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sys(SYS_sendmsg, socket, &msg, 0);
}

static int receive_fd(int socket, int flags)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))), data[4];
	struct iovec iov = {data, 4};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	int fd = -1;

	IS(sys(SYS_recvmsg, socket, &msg, flags), 1);
	c = CMSG_FIRSTHDR(&msg);
	if (TRUE(c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

TEST_FLAGS(descriptors_travel, OPTIONAL)
{
	int s[2], p[2], fd;
	char c;

	make_pair(s);
	make_pipe(p);
	IS(send_fd(s[0], p[1]), 1);
	MUST(sys(SYS_close, p[1]));	   /* on its way it lives */
	fd = receive_fd(s[1], 0x40000000); /* MSG_CMSG_CLOEXEC */
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_write, fd, "z", 1), 1);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(c, 'z');
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_read, p[0], &c, 1), 0);
	IS(send_fd(s[0], 99), -EBADF);
}

/* A descriptor that nobody takes is closed with the socket. */
TEST_FLAGS(descriptors_in_flight_are_freed, OPTIONAL)
{
	int s[2], p[2];
	char c;

	make_pair(s);
	make_pipe(p);
	IS(send_fd(s[0], p[1]), 1);
	MUST(sys(SYS_close, p[1]));
	MUST(sys(SYS_close, s[0]));
	MUST(sys(SYS_close, s[1]));
	IS(sys(SYS_read, p[0], &c, 1), 0);
}

TEST_FLAGS(options, OPTIONAL)
{
	struct {
		int pid;
		unsigned uid, gid;
	} cred;
	int s[2], value = 0;
	unsigned length = sizeof(value);

	make_pair(s);
	IS(sys(SYS_getsockopt, s[0], SOL_SOCKET, SO_TYPE, &value, &length), 0);
	IS(value, SOCK_STREAM);
	IS(sys(SYS_getsockopt, s[0], SOL_SOCKET, SO_ERROR, &value, &length), 0);
	IS(value, 0);
	length = sizeof(cred);
	IS(sys(SYS_getsockopt, s[0], SOL_SOCKET, SO_PEERCRED, &cred, &length), 0);
	IS(cred.pid, sys(SYS_getpid));
	IS(cred.uid, sys(SYS_geteuid));
	value = 1;
	IS(sys(SYS_setsockopt, s[0], SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)), 0);
	IS(sys(SYS_setsockopt, s[0], SOL_SOCKET, 9999, &value, sizeof(value)), -ENOPROTOOPT);
	IS(sys(SYS_setsockopt, s[0], 6, 1, &value, sizeof(value)), -EOPNOTSUPP); /* TCP_NODELAY */
	IS(sys(SYS_getsockopt, s[0], 6, 1, &value, &length), -EOPNOTSUPP);
	IS(sys(SYS_setsockopt, 1, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)), -ENOTSOCK);
	IS(sys(SYS_setsockopt, s[0], SOL_SOCKET, SO_REUSEADDR, BAD_KERNEL, 4), -EFAULT);
	IS(sys(SYS_getsockopt, s[0], SOL_SOCKET, SO_TYPE, BAD_KERNEL, &length), -EFAULT);
}

static void connect_to(void *arg)
{
	struct sockaddr_un a = address("s");
	long fd = make_socket(SOCK_STREAM);
	char c;

	(void)arg;
	IS(sys(SYS_connect, fd, &a, sizeof(a)), 0);
	IS(sys(SYS_read, fd, &c, 1), 1);
	IS(c, 'k');
}

TEST_FLAGS(blocking_accept_and_read, FILES | OPTIONAL)
{
	long server = listen_on("s"), pid = child(connect_to, NULL), conn;

	conn = MUST(sys(SYS_accept, server, NULL, NULL));
	wait_state(pid, 'S');
	IS(sys(SYS_write, conn, "k", 1), 1);
	IS(reap(pid), 0);
}
