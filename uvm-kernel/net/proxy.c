/* SPDX-License-Identifier: MIT */
/*
 * The rings to the worker's socket proxy: one request at a time, answered while the doorbell rings, and
 * events for sockets that became ready.
 */
#include "proxy.h"

#include "../fs/radix.h"
#include "inet.h"

#define EVENT_BUFFERS 4u
#define STATES_ORDER 4u /* pages of 4 KiB: NACELLE_NET_SOCKETS_MAX states */
_Static_assert(NACELLE_NET_SOCKETS_MAX * sizeof(u32) == PAGE_SIZE << STATES_ORDER, "states");

struct event_buffer {
	struct virtq_buf buf;
	struct nacelle_net_event events[NACELLE_NET_EVENTS_MAX];
};

static struct virtq *requests, *events;
static struct event_buffer *buffers;
static struct waiter waiter;
static u32 *states;
static struct radix_node *sockets; /* by index */
static struct {
	struct nacelle_net_request request;
	struct nacelle_net_answer answer;
	u8 value[NACELLE_NET_VALUE_MAX];
} * shared;
static struct virtq_seg segs[PROXY_SEGS_MAX + 2];

static void post(struct event_buffer *b)
{
	struct virtq_seg seg = {b->events, sizeof(b->events), true};

	b->buf.done = virtq_add(events, &b->buf, &seg, 1) != 0;
}

static void handle(const struct event_buffer *b)
{
	u32 count = b->buf.written / (u32)sizeof(b->events[0]);

	for (u32 n = 0; n < count; n++) {
		u32 socket = READ_ONCE(b->events[n].socket);
		struct inet_sock *i = radix_get(sockets, NACELLE_NET_INDEX(socket));

		if (i && i->handle == socket)
			wake_all(&i->socket.wait);
	}
}

/* From the queue's interrupt, or behind a request. */
static bool on_events(struct waiter *w __unused)
{
	for (u32 n = 0; n < EVENT_BUFFERS; n++) {
		if (!buffers[n].buf.done)
			continue;
		handle(&buffers[n]);
		post(&buffers[n]);
	}
	/* Partner: the worker's store of flags before its last look at the ring. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(READ_ONCE(events->used->flags) & VRING_USED_F_NO_NOTIFY))
		virtq_kick(events);
	return true;
}

static int set_up(void)
{
	struct page *p = page_alloc(STATES_ORDER, 0);
	long error;

	if (!p)
		return -ENOMEM;
	states = page_to_virt(p);
	proxy_request(NACELLE_NET_SETUP, NULL);
	segs[1] = (struct virtq_seg){states, PAGE_SIZE << STATES_ORDER, true};
	error = proxy_call(1);
	if (error) {
		page_put(p);
		return (int)error;
	}
	waiter_init(&waiter);
	waiter.func = on_events;
	waitq_add(&events->wait, &waiter);
	for (u32 n = 0; n < EVENT_BUFFERS; n++)
		post(&buffers[n]);
	virtq_kick(events);
	return 0;
}

int proxy_open(void)
{
	static bool open;
	int error;

	if (open)
		return 0;
	if (!requests)
		requests = virtq_open(NACELLE_DEV_NET, NACELLE_NET_QUEUE_REQUEST);
	if (!events)
		events = virtq_open(NACELLE_DEV_NET, NACELLE_NET_QUEUE_EVENT);
	if (!buffers)
		buffers = kzalloc(EVENT_BUFFERS * sizeof(*buffers));
	if (!shared)
		shared = kzalloc(sizeof(*shared));
	if (!requests || !events || !buffers || !shared)
		return -ENOMEM;
	error = set_up();
	open = !error;
	return error;
}

struct nacelle_net_request *proxy_request(u32 op, const struct inet_sock *i)
{
	memset(&shared->request, 0, offsetof(struct nacelle_net_request, control));
	shared->request.op = op;
	shared->request.socket = i ? i->handle : 0;
	return &shared->request;
}

struct virtq_seg *proxy_segs(void)
{
	return segs + 1;
}

long proxy_call(u32 count)
{
	struct virtq_seg answer = {&shared->answer, sizeof(shared->answer), true};
	u32 at = 1;
	struct virtq_buf b;
	s32 result;

	segs[0] = (struct virtq_seg){
		&shared->request,
		(u32)offsetof(struct nacelle_net_request, control) + shared->request.control_len, false};
	while (at <= count && !segs[at].device_writes)
		at++;
	memmove(&segs[at + 1], &segs[at], (count + 1 - at) * sizeof(segs[0]));
	segs[at] = answer;
	if (virtq_add(requests, &b, segs, count + 2))
		return -ENOBUFS;
	virtq_kick(requests);
	virtq_poll(requests);
	assert(b.done);
	result = shared->answer.result;
	if (events)
		virtq_poll(events);
	return result < -MAX_ERRNO ? -EIO : result;
}

long proxy_call_value(void *value, u32 in, u32 out)
{
	u32 n = 1;
	long ret;

	memcpy(shared->value, value, in);
	if (in)
		segs[n++] = (struct virtq_seg){shared->value, in, false};
	if (out)
		segs[n++] = (struct virtq_seg){shared->value, out, true};
	ret = proxy_call(n - 1);
	memcpy(value, shared->value, out);
	return ret;
}

const struct nacelle_net_answer *proxy_answer(void)
{
	return &shared->answer;
}

int proxy_attach(struct inet_sock *i, u32 socket)
{
	u32 index = NACELLE_NET_INDEX(socket);

	if (index >= NACELLE_NET_SOCKETS_MAX || radix_get(sockets, index))
		return -EIO;
	i->handle = socket;
	i->state = &states[index];
	return radix_set(&sockets, index, i);
}

void proxy_detach(struct inet_sock *i)
{
	radix_remove(&sockets, NACELLE_NET_INDEX(i->handle));
}
