/* SPDX-License-Identifier: MIT */
/*
 * fs_sync.c: a few threads, made when the first requests come, and the requests that wait for them. The guest
 * can neither make more of them than the two constants allow, nor close a descriptor that one of them works
 * on.
 */
#include "fs_sync.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"

#define THREADS_MAX 4
#define WAITING_MAX 64

static struct fs_sync waiting[WAITING_MAX]; /* [ring's lock] */
static unsigned int first, count;	    /* [ring's lock] */
static unsigned int threads, idle;	    /* [ring's lock] */
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

int fs_sync_now(const struct fs_sync *s)
{
	return (s->data_only ? fdatasync(s->fd) : fsync(s->fd)) < 0 ? -errno : 0;
}

/* The next request, out of the list. Needs the lock. */
static struct fs_sync take(struct queue *q)
{
	struct fs_sync s;

	idle++;
	while (!count)
		pthread_cond_wait(&more, &q->lock);
	idle--;
	s = waiting[first];
	first = (first + 1) % WAITING_MAX;
	count--;
	return s;
}

/* Needs the lock. */
static void give_back(struct queue *q, const struct fs_sync *s, int error)
{
	struct fuse_out_header header = {.len = sizeof(header), .error = error, .unique = s->unique};

	memcpy(s->to, &header, sizeof(header));
	queue_return(q, s->head, sizeof(header));
	if (queue_wants_interrupt(q))
		vm_interrupt(machine.vm, q->vector);
}

static void *loop(void *ring)
{
	struct queue *q = ring;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		struct fs_sync s = take(q);
		int error;

		pthread_mutex_unlock(&q->lock);
		error = fs_sync_now(&s);
		close(s.fd);
		pthread_mutex_lock(&q->lock);
		give_back(q, &s, error);
	}
	return NULL;
}

/* One more thread, if it could be of use. Needs the lock. */
static void add_thread(struct queue *q)
{
	pthread_t thread;
	pthread_attr_t attr;

	if (idle > count || threads == THREADS_MAX)
		return;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, loop, q) == 0)
		threads++;
	pthread_attr_destroy(&attr);
}

bool fs_sync_start(struct queue *q, const struct fs_sync *request)
{
	if (count == WAITING_MAX)
		return false;
	add_thread(q);
	if (!threads)
		return false;
	waiting[(first + count++) % WAITING_MAX] = *request;
	pthread_cond_signal(&more);
	return true;
}
