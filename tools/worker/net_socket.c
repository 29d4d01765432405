/* SPDX-License-Identifier: MIT */
/*
 * net_socket.c: the table of the container's sockets. A handle that the guest sends is looked up here and
 * nowhere else; its generation makes one that is out of date harmless.
 */
#include "net_socket.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define LOOK (POLLIN | POLLPRI | POLLOUT | POLLRDHUP)
#define BITS (LOOK | POLLERR | POLLHUP)

static struct net_socket sockets[NACELLE_NET_SOCKETS_MAX]; /* 0 is never used */
static u32 *states;					   /* in guest memory: written, never read */
static u32 used = 1, limit;				   /* places that were ever used; end of the table */
static u16 free_list;

bool net_socket_setup(u32 *state, u64 count)
{
	if (states)
		return false;
	states = state;
	limit = count < NACELLE_NET_SOCKETS_MAX ? (u32)count : NACELLE_NET_SOCKETS_MAX;
	return true;
}

bool net_socket_ready(void)
{
	return states;
}

struct net_socket *net_socket_get(u32 handle)
{
	u32 index = NACELLE_NET_INDEX(handle);
	struct net_socket *s = index < used ? &sockets[index] : NULL;

	return s && s->open && s->generation == handle >> 16 ? s : NULL;
}

bool net_socket_room(void)
{
	return free_list || used < limit;
}

/* Limits of this process are none of the guest's processes': its whole table is full. */
static s32 table_error(int error)
{
	return error == EMFILE ? -ENFILE : -error;
}

s32 net_socket_add(int fd, u32 *handle)
{
	struct net_socket *s;
	s32 error;
	u16 index;

	if (fd < 0)
		return table_error(errno);
	if (!net_socket_room()) {
		close(fd);
		return -ENFILE;
	}
	index = free_list ? free_list : (u16)used;
	s = &sockets[index];
	*handle = (u32)s->generation << 16 | index;
	error = net_event_watch(fd, *handle);
	if (error) {
		close(fd);
		return error;
	}
	if (free_list)
		free_list = s->next_free;
	else
		used++;
	s->fd = fd;
	s->open = true;
	s->netlink = false;
	net_socket_look(s);
	return 0;
}

void net_socket_close(struct net_socket *s)
{
	close(s->fd); /* leaves the epoll set with it */
	s->open = false;
	s->generation++;
	s->next_free = free_list;
	free_list = (u16)(s - sockets);
}

void net_socket_saw(struct net_socket *s, u32 state)
{
	/* Release: the guest sees the state before the answer or event that tells of it. */
	__atomic_store_n(&states[s - sockets], state & BITS, __ATOMIC_RELEASE);
}

void net_socket_look(struct net_socket *s)
{
	struct pollfd p = {.fd = s->fd, .events = LOOK};

	/* Out of memory, which poll() of one descriptor cannot be: what was seen stays. */
	if (poll(&p, 1, 0) >= 0)
		net_socket_saw(s, (u32)p.revents);
}
