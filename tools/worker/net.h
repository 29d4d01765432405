/* SPDX-License-Identifier: MIT */
/*
 * net.h: the socket proxy (abi/net.h): the container's AF_INET and AF_INET6 sockets, in the network namespace
 * that the worker joined. What the guest asks for is checked against lists: families, protocols, options.
 */
#ifndef WORKER_NET_H
#define WORKER_NET_H

#include <abi/boot_block.h>
#include <stdbool.h>

#include "memory.h"

/* Joins the namespace at `path`, or makes a new one with its loopback interface up; neither: the root's. */
void net_namespace(const char *path, bool fresh);

/* Places the rings and enters them into the boot block. */
void net_create(struct memory *m, struct boot_block *block);

/* Opens what sockets are waited for with, and /proc/self/net; before the worker is confined. */
void net_open(void);

/* A doorbell: answers every request in the ring before it returns. */
void net_doorbell(void);
/* A doorbell: there are buffers for events again. */
void net_event_doorbell(void);

/* For the I/O thread: what to poll for edges (-1: nothing, the guest has no buffer), and their harvest. */
int net_poll_fd(void);
void net_poll_ready(void);

#endif
