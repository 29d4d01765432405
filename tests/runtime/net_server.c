/* SPDX-License-Identifier: MIT */
/*
 * net_server: the worker's socket proxy, driven through its rings by this program instead of a guest: every
 * request that is malformed or not allowed, readiness that is never lost, and requests made of random
 * numbers. Runs on any Linux with a loopback interface; TAP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "io.h"
#include "machine.h"
#include "net.h"
#include "net_socket.h"
#include "queue.h"

#define DATA_MAX 0x10000u

struct machine machine;
static struct boot_queue *ring, *event_ring;
static u64 request_gpa, answer_gpa, data_gpa, room_gpa, states_gpa, events_gpa;
static struct nacelle_net_request *request;
static struct nacelle_net_answer *answer;
static u8 *data, *room;
static u32 *states;
static unsigned int interrupts;
static u16 events_seen;

void vm_interrupt(struct vm *vm, u8 vector)
{
	(void)vm;
	interrupts += vector == IO_VECTOR_NET_EVENT;
}

void io_wake(void)
{
}

static struct nacelle_net_request *begin(u32 op, u32 socket)
{
	memset(request, 0, sizeof(*request));
	request->op = op;
	request->socket = socket;
	return request;
}

/* Sends the request with that much data behind it and room for as much: the answer's result. */
static s32 go(u32 data_size, u32 room_size)
{
	u16 n = 0;

	memset(answer, 0xee, sizeof(*answer));
	ring_put(ring, n, request_gpa,
		 (u32)offsetof(struct nacelle_net_request, control) + request->control_len, VRING_DESC_F_NEXT,
		 1);
	n++;
	if (data_size) {
		ring_put(ring, n, data_gpa, data_size, VRING_DESC_F_NEXT, (u16)(n + 1));
		n++;
	}
	ring_put(ring, n, answer_gpa, sizeof(*answer),
		 VRING_DESC_F_WRITE | (room_size ? VRING_DESC_F_NEXT : 0), (u16)(n + 1));
	n++;
	if (room_size)
		ring_put(ring, n, room_gpa, room_size, VRING_DESC_F_WRITE, 0);
	ring_offer(ring, 0);
	net_doorbell();
	return answer->result;
}

static s32 make(u32 family, u32 type, u32 protocol)
{
	begin(NACELLE_NET_SOCKET, 0)->arg[0] = family;
	request->arg[1] = type;
	request->arg[2] = protocol;
	return go(0, 0);
}

static u32 made(u32 family, u32 type)
{
	return make(family, type, 0) ? 0 : answer->socket;
}

static void put_address(u16 port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memcpy(request->address, &a, sizeof(a));
	request->address_len = sizeof(a);
}

static s32 simple(u32 op, u32 socket, u32 argument)
{
	begin(op, socket)->arg[0] = argument;
	return go(0, 0);
}

static u16 port_of(u32 socket)
{
	struct sockaddr_in a;

	simple(NACELLE_NET_NAME, socket, 0);
	memcpy(&a, answer->address, sizeof(a));
	return ntohs(a.sin_port);
}

static u32 state_of(u32 socket)
{
	return states[NACELLE_NET_INDEX(socket)];
}

/* What the guest does in its interrupt: the bits told about a socket since the last look; 0 = none. */
static u32 take_events(u32 socket)
{
	struct vring_used *u = memory_at(&memory, event_ring->used_gpa, 0);
	u32 told = 0;

	while (events_seen != u->idx) {
		struct vring_used_elem *e = &u->ring[events_seen++ % event_ring->size];
		struct nacelle_net_event *list = memory_at(&memory, events_gpa + e->id * 4096, 4096);

		for (u32 i = 0; i < e->len / sizeof(*list); i++)
			if (list[i].socket == socket)
				told |= list[i].state;
		ring_offer(event_ring, (u16)e->id);
	}
	return told;
}

/* The I/O thread, when the host has an edge for us, waiting for it so many milliseconds. */
static void edge_within(int limit)
{
	struct pollfd p = {.fd = net_poll_fd(), .events = POLLIN};

	if (poll(&p, 1, limit) == 1)
		net_poll_ready();
}

static void wait_edge(void)
{
	edge_within(10000);
}

static void start(void)
{
	memory_reserve(&memory, MEMORY_RAM_MIN);
	net_create(&memory, &boot.block);
	ring = &boot.block.queues[0];
	event_ring = &boot.block.queues[1];
	request_gpa = memory_place(&memory, 4096, 4096);
	answer_gpa = memory_place(&memory, 4096, 4096);
	data_gpa = memory_place(&memory, DATA_MAX, 4096);
	room_gpa = memory_place(&memory, DATA_MAX, 4096);
	states_gpa = memory_place(&memory, NACELLE_NET_SOCKETS_MAX * sizeof(u32), 4096);
	events_gpa = memory_place(&memory, 4 * 4096, 4096);
	request = memory_at(&memory, request_gpa, 4096);
	answer = memory_at(&memory, answer_gpa, 4096);
	data = memory_at(&memory, data_gpa, DATA_MAX);
	room = memory_at(&memory, room_gpa, DATA_MAX);
	states = memory_at(&memory, states_gpa, NACELLE_NET_SOCKETS_MAX * sizeof(u32));
	net_open();
}

/* SETUP with the array somewhere. */
static s32 set_up(u64 gpa, u32 size)
{
	begin(NACELLE_NET_SETUP, 0);
	ring_put(ring, 0, request_gpa, offsetof(struct nacelle_net_request, control), VRING_DESC_F_NEXT, 1);
	ring_put(ring, 1, answer_gpa, sizeof(*answer), VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
	ring_put(ring, 2, gpa, size, VRING_DESC_F_WRITE, 0);
	ring_offer(ring, 0);
	net_doorbell();
	return answer->result;
}

static void test_setup(void)
{
	is(-EPROTO, make(AF_INET, SOCK_STREAM, 0), "no socket before SETUP");
	is(-EPROTO, simple(NACELLE_NET_CLOSE, 1, 0), "nothing to close before SETUP");
	is(-EINVAL, set_up(states_gpa, 3), "SETUP without room for a state");
	is(-EINVAL, set_up(states_gpa + 2, 64), "SETUP with states that are not aligned");
	is(0, set_up(states_gpa, NACELLE_NET_SOCKETS_MAX * sizeof(u32)), "SETUP");
	is(-EBUSY, set_up(states_gpa, 64), "SETUP twice");
	for (u16 i = 0; i < 4; i++) {
		ring_put(event_ring, i, events_gpa + i * 4096, 4096, VRING_DESC_F_WRITE, 0);
		ring_offer(event_ring, i);
	}
	check(net_poll_fd() >= 0, "buffers for events: edges are waited for");
}

static void test_kinds(void)
{
	static const u32 families[] = {AF_UNIX, AF_PACKET, AF_VSOCK, AF_ALG, 0, 99, ~0u};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (make(families[i], SOCK_STREAM, 0) != -EAFNOSUPPORT)
			check(0, "a family that is none of them");
	check(1, "families other than the Internet's and AF_NETLINK are refused");
	is(-EPERM, make(AF_INET, SOCK_RAW, IPPROTO_UDP), "a raw socket");
	is(-ESOCKTNOSUPPORT, make(AF_NETLINK, SOCK_STREAM, 0), "a stream of netlink");
	is(-EPROTONOSUPPORT, make(AF_NETLINK, SOCK_RAW, 9), "netlink about audit");
	is(-ESOCKTNOSUPPORT, make(AF_INET, SOCK_SEQPACKET, 0), "an unknown type");
	is(-ESOCKTNOSUPPORT, make(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "flags in the type");
	is(-EPROTONOSUPPORT, make(AF_INET, SOCK_STREAM, IPPROTO_SCTP), "SCTP");
	is(-EPROTONOSUPPORT, make(AF_INET, SOCK_STREAM, 262), "MPTCP");
	is(-EPROTONOSUPPORT, make(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE), "UDP-Lite");
	is(-EINVAL, make(AF_INET, SOCK_DGRAM, ~0u), "a protocol out of range");
	is(0, make(AF_INET, SOCK_DGRAM, IPPROTO_UDP), "UDP");
	is(0, simple(NACELLE_NET_CLOSE, answer->socket, 0), "is closed again");
}

static void test_handles(void)
{
	u32 a = made(AF_INET, SOCK_DGRAM), b;

	is(POLLOUT, state_of(a), "a new socket's state is in the array");
	is(-EBADF, simple(NACELLE_NET_NAME, a + (1u << 16), 0), "another generation");
	is(-EBADF, simple(NACELLE_NET_NAME, a + 1, 0), "a place never used");
	is(-EBADF, simple(NACELLE_NET_NAME, 0, 0), "place 0");
	is(-EBADF, simple(NACELLE_NET_NAME, 0xffff, 0), "a place beyond the table");
	is(0, simple(NACELLE_NET_CLOSE, a, 0), "closed");
	is(-EBADF, simple(NACELLE_NET_CLOSE, a, 0), "closed twice");
	b = made(AF_INET, SOCK_DGRAM);
	check(NACELLE_NET_INDEX(a) == NACELLE_NET_INDEX(b) && a != b,
	      "the place again, under another handle");
	is(-EBADF, simple(NACELLE_NET_NAME, a, 0), "the old handle stays dead");
	simple(NACELLE_NET_CLOSE, b, 0);
	is(-ENOSYS, simple(0, 0, 0), "request 0");
	is(-ENOSYS, simple(NACELLE_NET_PROC + 1, 0, 0), "a request that does not exist");
	is(-ENOSYS, simple(~0u, 0, 0), "a request far away");
}

static s32 option(u32 op, u32 socket, u32 level, u32 name, u32 size)
{
	begin(op, socket)->arg[0] = level;
	request->arg[1] = name;
	return op == NACELLE_NET_SET_OPTION ? go(size, 0) : go(0, size);
}

static void test_options(void)
{
	static const u32 names[][2] = {
		{SOL_SOCKET, SO_ATTACH_FILTER},	     {SOL_SOCKET, SO_ATTACH_BPF}, {SOL_SOCKET, SO_MARK},
		{SOL_SOCKET, SO_ZEROCOPY},	     {SOL_SOCKET, SO_PEERCRED},	  {IPPROTO_IP, 64},
		{IPPROTO_TCP, TCP_REPAIR},	     {IPPROTO_TCP, TCP_ULP},	  {IPPROTO_TCP, TCP_MD5SIG},
		{IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE}, {IPPROTO_ICMP, 1},		  {~0u, ~0u}};
	u32 s = made(AF_INET, SOCK_STREAM);
	int value;

	memset(data, 0, 512);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (option(NACELLE_NET_SET_OPTION, s, names[i][0], names[i][1], 16) != -ENOPROTOOPT ||
		    option(NACELLE_NET_GET_OPTION, s, names[i][0], names[i][1], 16) != -ENOPROTOOPT)
			check(0, "an option with pointers or privileges");
	check(1, "options that are not on the list are refused");
	data[0] = 1;
	is(0, option(NACELLE_NET_SET_OPTION, s, IPPROTO_TCP, TCP_NODELAY, 4), "an option is set");
	is(4, option(NACELLE_NET_GET_OPTION, s, IPPROTO_TCP, TCP_NODELAY, 4), "and asked for");
	memcpy(&value, room, 4);
	is(1, value, "its value");
	is(-EINVAL, option(NACELLE_NET_SET_OPTION, s, IPPROTO_TCP, TCP_NODELAY, 3), "too short a value");
	is(-EINVAL, option(NACELLE_NET_SET_OPTION, s, IPPROTO_TCP, TCP_NODELAY, 257), "too long a value");
	is(0, option(NACELLE_NET_GET_OPTION, s, IPPROTO_TCP, TCP_NODELAY, 0), "no room for a value");
	is(-ENOPROTOOPT, option(NACELLE_NET_SET_OPTION, s, SOL_SOCKET, SO_ERROR, 4),
	   "SO_ERROR cannot be set");
	is(-ENOTTY, simple(NACELLE_NET_IOCTL, s, SIOCSIFFLAGS), "an ioctl that changes an interface");
	is(-EINVAL, simple(NACELLE_NET_IOCTL, s, FIONREAD), "an ioctl without room for its answer");
	is(-EINVAL, simple(NACELLE_NET_PROC, 0, NACELLE_NET_FILES),
	   "a file of /proc/net that does not exist");
	simple(NACELLE_NET_CLOSE, s, 0);
}

static void send_control(u32 s, int level, int type, size_t claimed)
{
	struct cmsghdr c = {.cmsg_len = claimed, .cmsg_level = level, .cmsg_type = type};

	begin(NACELLE_NET_SEND, s);
	memcpy(request->control, &c, sizeof(c));
	request->control_len = CMSG_SPACE(sizeof(int));
	go(1, 0);
}

/* The bytes between control messages that the host leaves alone; a refused request has used the stack before.
 */
static void test_gaps(u32 from, u32 to)
{
	static const u32 names[] = {IP_RECVTTL, IP_RECVTOS, IP_PKTINFO};
	static const u8 none[4];
	size_t at = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memcpy(data, &(int){1}, sizeof(int));
		option(NACELLE_NET_SET_OPTION, to, IPPROTO_IP, names[i], sizeof(int));
	}
	begin(NACELLE_NET_SEND, from);
	go(1, 0);
	wait_edge();
	begin(NACELLE_NET_SEND, from);
	memset(request->control, 0xaa, request->control_len = NACELLE_NET_CONTROL_MAX);
	is(-EINVAL, go(1, 0), "control messages of nonsense");
	begin(NACELLE_NET_RECEIVE, to)->arg[1] = NACELLE_NET_CONTROL_MAX;
	is(1, go(0, 16), "a datagram with control messages");
	for (unsigned int i = 0; i < 3; i++) {
		struct cmsghdr c;

		memcpy(&c, answer->control + at, sizeof(c));
		if (i < 2 &&
		    memcmp(answer->control + at + c.cmsg_len, none, CMSG_ALIGN(c.cmsg_len) - c.cmsg_len))
			check(0, "a gap shows what was on the worker's stack");
		at += CMSG_ALIGN(c.cmsg_len);
	}
	is(answer->control_len, (long)at, "three control messages, and nothing of the worker's between them");
}

static void test_messages(void)
{
	u32 a = made(AF_INET, SOCK_DGRAM), b = made(AF_INET, SOCK_DGRAM);
	u16 port;

	begin(NACELLE_NET_BIND, b);
	put_address(0);
	is(0, go(0, 0), "bind");
	port = port_of(b);
	begin(NACELLE_NET_CONNECT, a);
	put_address(port);
	is(0, go(0, 0), "connect");
	begin(NACELLE_NET_CONNECT, a)->address_len = NACELLE_NET_ADDRESS_MAX + 1;
	is(-EINVAL, go(0, 0), "an address longer than its place");
	send_control(a, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(sizeof(int)));
	is(-EINVAL, answer->result, "descriptors of the worker cannot be sent");
	send_control(a, IPPROTO_IP, IP_TTL, sizeof(struct cmsghdr) - 1);
	is(-EINVAL, answer->result, "a control message shorter than its header");
	send_control(a, IPPROTO_IP, IP_TTL, 4000);
	is(-EINVAL, answer->result, "a control message longer than all of them");
	begin(NACELLE_NET_SEND, a)->arg[0] = MSG_ZEROCOPY;
	is(-EINVAL, go(1, 0), "a flag that is not on the list");
	begin(NACELLE_NET_RECEIVE, a)->arg[0] = MSG_WAITALL;
	is(-EINVAL, go(0, 16), "and one for receiving");
	begin(NACELLE_NET_RECEIVE, b)->arg[1] = NACELLE_NET_CONTROL_MAX + 1;
	is(-EINVAL, go(0, 16), "too much room for control messages");
	take_events(0);
	memcpy(data, "datagram", 8);
	begin(NACELLE_NET_SEND, a);
	is(8, go(8, 0), "data is sent");
	if (!(state_of(b) & POLLIN))
		wait_edge();
	is(POLLIN | POLLOUT, state_of(b), "and shows in the other's state");
	is(POLLIN | POLLOUT, take_events(b), "and was told by an event");
	begin(NACELLE_NET_RECEIVE, b);
	is(8, go(0, 64), "data is received");
	check(!memcmp(room, "datagram", 8), "what was sent");
	is(POLLOUT, state_of(b), "the state shows that nothing is left");
	begin(NACELLE_NET_RECEIVE, b);
	is(-EAGAIN, go(0, 64), "nothing more");
	test_gaps(a, b);
	simple(NACELLE_NET_CLOSE, a, 0);
	simple(NACELLE_NET_CLOSE, b, 0);
}

/* Each datagram is told by an event, whether the guest looks first or the I/O thread, also behind one that
 * waits. */
static void test_edges(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	u32 s = made(AF_INET, SOCK_DGRAM);
	int outside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), good = 1;

	begin(NACELLE_NET_BIND, s);
	put_address(0);
	go(0, 0);
	to.sin_port = htons(port_of(s));
	take_events(s);
	for (int i = 0; i < 1000 && good; i++) {
		sendto(outside, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
		if (i % 3 == 0)
			good = !simple(NACELLE_NET_NAME, s, 0) && (state_of(s) & POLLIN);
		wait_edge();
		good &= (take_events(s) & POLLIN) != 0;
		begin(NACELLE_NET_RECEIVE, s);
		good &= go(0, 8) == 1 && state_of(s) == POLLOUT;
	}
	check(good, "1000 datagrams, each told once");
	for (int i = 0; i < 3; i++) {
		interrupts = 0;
		sendto(outside, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
		wait_edge();
		good &= (take_events(s) & POLLIN) && interrupts == 1;
	}
	check(good, "each told, although the one before it waits");
	begin(NACELLE_NET_RECEIVE, s);
	is(1, go(0, 8), "one is taken");
	edge_within(0);
	is(0, take_events(s), "which is no news");
	close(outside);
	simple(NACELLE_NET_CLOSE, s, 0);
}

/* What a request makes ready is collected behind it: the I/O thread sleeps on. It does hear of all else. */
static void test_wakes(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};
	u32 from = made(AF_INET, SOCK_DGRAM), s = made(AF_INET, SOCK_DGRAM);
	int outside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), thread = epoll_create1(EPOLL_CLOEXEC);

	begin(NACELLE_NET_BIND, s);
	put_address(0);
	go(0, 0);
	to.sin_port = htons(port_of(s));
	edge_within(0);
	take_events(0);
	is(0, epoll_ctl(thread, EPOLL_CTL_ADD, net_poll_fd(), &e), "a thread waits for edges");
	is(0, epoll_wait(thread, &e, 1, 0), "of which there are none");
	begin(NACELLE_NET_SEND, from);
	put_address(ntohs(to.sin_port));
	is(1, go(1, 0), "the guest sends to itself");
	check(take_events(s) & POLLIN, "and is told");
	is(0, epoll_wait(thread, &e, 1, 0), "without the thread");
	sendto(outside, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	is(1, epoll_wait(thread, &e, 1, 10000), "which an edge from outside wakes");
	net_poll_ready();
	check(take_events(s) & POLLIN, "for an event");
	close(outside);
	close(thread);
	simple(NACELLE_NET_CLOSE, from, 0);
	simple(NACELLE_NET_CLOSE, s, 0);
}

static void test_event_buffers(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct vring_used *used = memory_at(&memory, event_ring->used_gpa, 0);
	int outside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	u32 s[6];

	for (int i = 0; i < 6; i++) {
		s[i] = made(AF_INET, SOCK_DGRAM);
		begin(NACELLE_NET_BIND, s[i]);
		put_address(0);
		go(0, 0);
	}
	while (net_event_collect())
		; /* the edges of their birth, known */
	take_events(0);
	for (int i = 0; i < 4; i++) { /* each takes a buffer */
		to.sin_port = htons(port_of(s[i]));
		sendto(outside, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
		wait_edge();
	}
	is(-1, net_poll_fd(), "without buffers nothing is waited for");
	is(0, used->flags, "and a doorbell is asked for");
	to.sin_port = htons(port_of(s[4]));
	sendto(outside, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	net_poll_ready();
	is(POLLOUT, state_of(s[4]), "an edge without a buffer stays with the host");
	take_events(0);
	net_event_doorbell();
	wait_edge();
	check(take_events(s[4]) & POLLIN, "and comes when there is one again");
	is(VRING_USED_F_NO_NOTIFY, used->flags, "the doorbell is not asked for any more");
	close(outside);
	for (int i = 0; i < 6; i++)
		simple(NACELLE_NET_CLOSE, s[i], 0);
}

static void test_table(void)
{
	u32 count = 0, *all = calloc(NACELLE_NET_SOCKETS_MAX, sizeof(u32));

	while (count < NACELLE_NET_SOCKETS_MAX && (all[count] = made(AF_INET, SOCK_DGRAM)))
		count++;
	is(-ENFILE, make(AF_INET, SOCK_DGRAM, 0), "a full table");
	check(count > 200, "holds as many as descriptors allow");
	while (count--)
		simple(NACELLE_NET_CLOSE, all[count], 0);
	is(0, make(AF_INET, SOCK_DGRAM, 0), "has room again");
	simple(NACELLE_NET_CLOSE, answer->socket, 0);
	free(all);
}

/* In a child: requests whose frame is broken end the worker, with its exit code and one line. */
static void dies(void (*fn)(void), const char *name)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is(125, WIFEXITED(status) ? WEXITSTATUS(status) : -1, name);
}

static void submit(u32 read_size, u32 write_size)
{
	ring_put(ring, 0, request_gpa, read_size, write_size ? VRING_DESC_F_NEXT : 0, 1);
	ring_put(ring, 1, answer_gpa, write_size, VRING_DESC_F_WRITE, 0);
	ring_offer(ring, 0);
	net_doorbell();
}

static void short_header(void)
{
	begin(NACELLE_NET_NAME, 1);
	submit(offsetof(struct nacelle_net_request, control) - 1, sizeof(*answer));
}

static void long_control(void)
{
	begin(NACELLE_NET_NAME, 1)->control_len = NACELLE_NET_CONTROL_MAX + 1;
	submit(4096, sizeof(*answer));
}

static void missing_control(void)
{
	begin(NACELLE_NET_NAME, 1)->control_len = 10;
	submit(offsetof(struct nacelle_net_request, control) + 9, sizeof(*answer));
}

static void no_answer(void)
{
	begin(NACELLE_NET_NAME, 1);
	submit(offsetof(struct nacelle_net_request, control), 0);
}

static void short_answer(void)
{
	begin(NACELLE_NET_NAME, 1);
	submit(offsetof(struct nacelle_net_request, control), sizeof(*answer) - 1);
}

static void useless_event_buffer(void)
{
	take_events(0);
	ring_put(event_ring, 4, events_gpa, 7, VRING_DESC_F_WRITE, 0);
	for (int i = 0; i < 5; i++)
		ring_put(event_ring, (u16)i, events_gpa, 7, VRING_DESC_F_WRITE, 0);
	net_event_collect();
}

/* Whatever the numbers are: an errno, or the end of the worker by die(). */
static void random_requests(void)
{
	unsigned int seed = 4711;
	u32 some;

	if (unshare(CLONE_NEWNET) < 0) /* nothing of this shall reach a network */
		_exit(77);
	some = made(AF_INET, SOCK_STREAM);

	for (int n = 0; n < 200000; n++) {
		u32 *words = (u32 *)begin(0, 0);

		for (size_t i = 0; i < sizeof(*request) / 4; i++)
			words[i] = (u32)rand_r(&seed) % (rand_r(&seed) % 4 ? 40 : 0x7fffffff);
		request->op %= NACELLE_NET_PROC + 3;
		request->control_len %= NACELLE_NET_CONTROL_MAX + 1;
		request->address_len %= 40;
		if (rand_r(&seed) % 2)
			request->socket = some;
		if (request->op == NACELLE_NET_SOCKET)
			request->arg[0] = rand_r(&seed) % 2 ? AF_INET : AF_INET6;
		for (u32 i = 0; i < 64; i++)
			data[i] = (u8)rand_r(&seed);
		if (go((u32)rand_r(&seed) % 300, (u32)rand_r(&seed) % 300) < -4095)
			abort();
		if (!answer->result && request->op == NACELLE_NET_SOCKET)
			some = answer->socket;
		if (n % 16 == 0)
			simple(NACELLE_NET_CLOSE, some, 0);
		take_events(0);
	}
	_exit(42);
}

static void test_random(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		random_requests();
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		check(1, "random requests # SKIP a network namespace needs root");
	else
		is(42, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
		   "200000 requests of random numbers");
}

int main(void)
{
	start();
	test_setup();
	test_kinds();
	test_handles();
	test_options();
	test_messages();
	test_edges();
	test_wakes();
	test_event_buffers();
	test_table();
	dies(short_header, "a request without a whole header");
	dies(long_control, "a control message longer than its place");
	dies(missing_control, "a control message that is not there");
	dies(no_answer, "no room for the answer");
	dies(short_answer, "too little room for the answer");
	dies(useless_event_buffer, "an event buffer without room for an event");
	test_random();
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
