/* SPDX-License-Identifier: MIT */
/*
 * net_event.h: how sockets that became ready are told to the guest (abi/net.h explains the protocol).
 */
#ifndef WORKER_NET_EVENT_H
#define WORKER_NET_EVENT_H

#include <abi/boot_block.h>

#include "memory.h"

void net_event_create(struct memory *m, struct boot_block *block);
void net_event_open(void);

#endif
