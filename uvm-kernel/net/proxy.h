/* SPDX-License-Identifier: MIT */
/*
 * proxy.h: requests to the worker's socket proxy (abi/net.h says how sockets become ready without an exit).
 */
#pragma once

#include <abi/net.h>
#include <uvm/virtq.h>

#define PROXY_SEGS_MAX 160u

struct inet_sock;

/* Opens the rings at the first need: 0 or -errno. */
int proxy_open(void);
/* Begins a request, zeroed but for what is given. From here until the answer was looked at, the caller must
 * not sleep: there is one of each. */
struct nacelle_net_request *proxy_request(u32 op, const struct inet_sock *i);
/* Data to send, or room to fill, behind the request: at most PROXY_SEGS_MAX pieces. */
struct virtq_seg *proxy_segs(void);
/* Sends it with `count` pieces: the answer's result. Wakes those who wait for sockets that it made ready. */
long proxy_call(u32 count);
/* The same with a small value to send or to receive, `in` and `out` bytes of it, at most
 * NACELLE_NET_VALUE_MAX. */
long proxy_call_value(void *value, u32 in, u32 out);
const struct nacelle_net_answer *proxy_answer(void);
/* The worker's socket becomes that of i, which events wake from now on: 0, -ENOMEM or -EIO. */
int proxy_attach(struct inet_sock *i, u32 handle);
void proxy_detach(struct inet_sock *i);
