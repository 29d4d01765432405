/* SPDX-License-Identifier: MIT */
/*
 * net.h: the socket proxy. AF_INET, AF_INET6 and AF_NETLINK sockets of a container are real, non-blocking
 * sockets of its worker, in the container's network namespace; blocking, signals and timeouts are the guest
 * kernel's business.
 *
 * Request queue: the readable part of a chain is a struct nacelle_net_request (without the unused end of
 * control) and then data; the writable part a struct nacelle_net_answer and then room for data. Requests
 * never block, are answered before the doorbell's OUT retires, and never interrupt.
 *
 * Readiness. The guest gives the worker an array of u32, one per socket (SETUP). state[n] holds the POLL*
 * bits of socket n as the worker last saw them; only the worker writes it, under one lock, each time it
 * looked at the host's socket after doing something with it or after an edge that the host reported. So the
 * guest's view is never older than the worker's, reading it costs no exit, and what was consumed is never
 * shown again.
 *
 * Lost wake-ups. Every edge that the host reports (EPOLLET, always registered) becomes an event: its harvest
 * writes state, then the event, then interrupts. The guest tests state under its kernel lock before it
 * sleeps, and the handler of the interrupt wakes under the same lock. Edges that only repeat a bit count too:
 * epoll in the guest passes edges on to programs, which may take a short read or write for the end of what
 * there was, although more came before the worker's look.
 *
 * Event queue: each writable buffer takes an array of struct nacelle_net_event. A request may make its own
 * and other sockets ready (loopback), so the worker also collects edges before it returns from the doorbell
 * of the request queue, and the guest looks at the event queue after each request; no interrupt is sent for
 * those. When there is no buffer, edges stay with the host; VRING_USED_F_NO_NOTIFY is then clear, and the
 * guest rings once it has put buffers back.
 */
#ifndef ABI_NET_H
#define ABI_NET_H

#include <abi/types.h>

#define NACELLE_NET_QUEUE_REQUEST 0
#define NACELLE_NET_QUEUE_EVENT 1

#define NACELLE_NET_SOCKETS_MAX 16384u
#define NACELLE_NET_ADDRESS_MAX 28u /* struct sockaddr_in6 */
#define NACELLE_NET_CONTROL_MAX 256u
#define NACELLE_NET_VALUE_MAX 256u /* of an option */
#define NACELLE_NET_EVENTS_MAX 32u /* that one buffer is used for */

/* A socket is named by its index in the low half and a generation in the high half; 0 is none. */
#define NACELLE_NET_INDEX(socket) ((socket)&0xffff)

enum nacelle_net_op {
	NACELLE_NET_SETUP =
		1,	    /* room: the array of states, contiguous; the worker's to write until the end */
	NACELLE_NET_SOCKET, /* arg: family, type without flags, protocol; answers socket */
	NACELLE_NET_CLOSE,
	NACELLE_NET_BIND,    /* address */
	NACELLE_NET_LISTEN,  /* arg: backlog */
	NACELLE_NET_CONNECT, /* address; arg: 1 = finish it if that needs no waiting */
	NACELLE_NET_ACCEPT,  /* answers socket, address */
	NACELLE_NET_NAME,    /* arg: 1 = the peer's; answers address */
	NACELLE_NET_SEND,    /* arg: MSG_*; address, control, data; answers bytes */
	NACELLE_NET_RECEIVE, /* arg: MSG_*, room for control, bytes to discard (a stream, MSG_TRUNC, no room);
			      * answers bytes, address, control, flags */
	NACELLE_NET_SHUTDOWN,	/* arg: SHUT_* */
	NACELLE_NET_SET_OPTION, /* arg: level, name; data: the value */
	NACELLE_NET_GET_OPTION, /* arg: level, name; room for the value; answers its length */
	NACELLE_NET_IOCTL,	/* arg: command; data and room: its argument; answers bytes written */
	NACELLE_NET_PROC,	/* arg: enum nacelle_net_file, offset; room for text; answers bytes */
};

/* Files of /proc/net that describe the namespace. */
enum nacelle_net_file {
	NACELLE_NET_FILE_DEV,
	NACELLE_NET_FILE_IF_INET6,
	NACELLE_NET_FILE_ROUTE,
	NACELLE_NET_FILE_TCP,
	NACELLE_NET_FILE_TCP6,
	NACELLE_NET_FILE_UDP,
	NACELLE_NET_FILE_UDP6,
	NACELLE_NET_FILES
};

struct nacelle_net_request {
	u32 op;
	u32 socket;
	u32 arg[3];
	u32 address_len;
	u32 control_len;
	u8 address[NACELLE_NET_ADDRESS_MAX];
	u8 control[NACELLE_NET_CONTROL_MAX]; /* control_len bytes of it are sent */
};
ABI_OFFSET(struct nacelle_net_request, control, 56);

struct nacelle_net_answer {
	s32 result; /* or -errno */
	u32 socket;
	u32 flags; /* MSG_* of a received message */
	u32 address_len;
	u32 control_len;
	u8 address[NACELLE_NET_ADDRESS_MAX];
	u32 reserved[2];
	u8 control[NACELLE_NET_CONTROL_MAX];
};
ABI_OFFSET(struct nacelle_net_answer, control, 56);

struct nacelle_net_event {
	u32 socket;
	u32 state; /* as in the array when the event was made */
};
ABI_SIZE(struct nacelle_net_event, 8);

#endif
