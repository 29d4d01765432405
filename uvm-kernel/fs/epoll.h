/* SPDX-License-Identifier: MIT */
/*
 * fs/epoll.h: epoll sets, for sys/poll_epoll.c.
 */
#pragma once

#include "fs.h"

#define EPOLLONESHOT (1u << 30)
#define EPOLLET (1u << 31)
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP (1u << 29)

struct epoll_event {
	u32 events;
	u64 data;
} __packed;
_Static_assert(sizeof(struct epoll_event) == 12, "struct epoll_event is packed");

long epoll_new(u32 o_cloexec); /* a descriptor */
bool is_epoll(const struct file *f);
/* add, modify, remove what watches (fd, file): 0 or Linux's -errno. */
int epoll_add(struct file *ep, int fd, struct file *f, const struct epoll_event *e);
int epoll_modify(struct file *ep, int fd, struct file *f, const struct epoll_event *e);
int epoll_remove(struct file *ep, int fd, struct file *f);
/* Events that are there now, at most max. */
u32 epoll_collect(struct file *ep, struct epoll_event *out, u32 max);
struct waitq *epoll_waitq(struct file *ep);
