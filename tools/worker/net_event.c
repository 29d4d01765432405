/* SPDX-License-Identifier: MIT */
/*
 * net_event.c: edges of the host's sockets become events of the guest. Every socket is in one epoll set, edge
 * triggered; epoll_wait() reports the state at the moment of the call, which is what net_socket_saw() needs.
 * The I/O thread waits for a second set that holds the first. While a request is served that makes edges,
 * which are collected behind it, the first is not listened to there: nobody is woken in vain.
 */
#include "net_event.h"

#include <errno.h>
#include <sys/epoll.h>

#include "boot_block.h"
#include "die.h"
#include "io.h"
#include "machine.h"
#include "net.h"
#include "net_socket.h"
#include "queue.h"

#define EVENT_QUEUE_SIZE 16

static struct queue queue;
static struct queue_chain chain; /* [net_lock] */
static int epoll_fd = -1, outer_fd = -1;

void net_event_create(struct memory *m, struct boot_block *block)
{
	queue_create(&queue, "socket event", m, EVENT_QUEUE_SIZE, IO_VECTOR_NET_EVENT);
	boot_block_add_queue(block, NACELLE_DEV_NET, NACELLE_NET_QUEUE_EVENT, &queue);
}

void net_event_open(void)
{
	struct epoll_event e = {.events = EPOLLIN};

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	outer_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0 || outer_fd < 0 || epoll_ctl(outer_fd, EPOLL_CTL_ADD, epoll_fd, &e) < 0)
		die_errno("cannot wait for sockets");
}

void net_event_listen(bool on)
{
	struct epoll_event e = {.events = on ? EPOLLIN : 0};

	if (epoll_ctl(outer_fd, EPOLL_CTL_MOD, epoll_fd, &e) < 0)
		die_errno("cannot wait for sockets");
}

s32 net_event_watch(int fd, u32 handle)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				.data.u32 = handle};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* The next buffer for events: for how many. */
static u32 buffer_room(void)
{
	u64 room;

	if (!queue_peek(&queue, &chain))
		return 0;
	room = chain.write_length / sizeof(struct nacelle_net_event);
	if (!room || chain.read_count)
		die("the guest put a buffer for nothing into the socket event queue");
	return room < NACELLE_NET_EVENTS_MAX ? (u32)room : NACELLE_NET_EVENTS_MAX;
}

bool net_event_collect(void)
{
	struct nacelle_net_event out[NACELLE_NET_EVENTS_MAX];
	struct epoll_event edges[NACELLE_NET_EVENTS_MAX];
	u32 room = buffer_room(), made = 0;
	int n = room ? epoll_wait(epoll_fd, edges, (int)room, 0) : 0;

	for (int i = 0; i < n; i++) {
		struct net_socket *s = net_socket_get(edges[i].data.u32);

		if (!s)
			continue;
		net_socket_saw(s, edges[i].events);
		out[made++] = (struct nacelle_net_event){edges[i].data.u32, edges[i].events};
	}
	if (!made)
		return false;
	queue_copy_out(chain.write, chain.write_count, out, made * sizeof(out[0]));
	queue_done(&queue, &chain, (u32)(made * sizeof(out[0])));
	return true;
}

/* Asks for a doorbell before it looks for buffers a last time; the guest puts buffers back before it looks
 * whether it must ring: one of the two sees the other. */
static bool have_buffers(void)
{
	if (!queue_ready(&queue)) {
		__atomic_store_n(&queue.used->flags, 0, __ATOMIC_SEQ_CST);
		if (!queue_ready(&queue))
			return false;
	}
	__atomic_store_n(&queue.used->flags, VRING_USED_F_NO_NOTIFY, __ATOMIC_RELAXED);
	return true;
}

int net_poll_fd(void)
{
	bool ready;

	pthread_mutex_lock(&net_lock);
	ready = net_socket_ready() && have_buffers(); /* a guest without sockets has its rings untouched */
	pthread_mutex_unlock(&net_lock);
	return ready ? outer_fd : -1;
}

void net_poll_ready(void)
{
	pthread_mutex_lock(&net_lock);
	if (net_event_collect() && queue_wants_interrupt(&queue))
		vm_interrupt(machine.vm, queue.vector);
	pthread_mutex_unlock(&net_lock);
}

void net_event_doorbell(void)
{
	io_wake();
}
