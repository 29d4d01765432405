/* SPDX-License-Identifier: MIT */
/*
 * epoll: a set of (descriptor, file) pairs, each with callbacks on the file's wait queues that put it on the
 * ready list. An item holds no reference to its file; the file's end takes the item along.
 */
#include "epoll.h"

#define NESTING_MAX 5u
#define WATCHERS_MAX 8u /* of one set, by others */
/* With EPOLLEXCLUSIVE. */
#define EXCLUSIVE_OK (POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

struct epoll {
	struct file *file; /* its own, no reference */
	struct waitq wait;
	struct list items;
	struct list ready;
};

struct item_wait {
	struct waiter w;
	struct item *item;
	struct item_wait *next;
};

struct item {
	struct list all;    /* in epoll->items */
	struct list ready;  /* in epoll->ready, or alone */
	struct list onfile; /* in file->epolls */
	struct epoll *ep;   /* NULL: the owner of an O_ASYNC file is told */
	struct file *file;
	int fd;
	u32 events;
	u64 data;
	struct item_wait *waits;
};

struct item_table {
	struct poll_table pt;
	struct item *item;
};

static const struct file_ops epoll_fops;

static void make_ready(struct item *i)
{
	if (list_empty(&i->ready))
		list_add_tail(&i->ready, &i->ep->ready);
}

static bool on_wake(struct waiter *w)
{
	struct item *i = container_of(w, struct item_wait, w)->item;

	if (!i->ep) {
		owner_signal(i->file, i->fd, file_poll(i->file, NULL));
		return false;
	}
	/* A one-shot item that has fired is silent until it is armed again. */
	if (!(i->events & ~(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)))
		return false;
	make_ready(i);
	wake_up(&i->ep->wait);
	return true;
}

static void add_wait(struct poll_table *pt, struct file *f __unused, struct waitq *wq)
{
	struct item *i = container_of(pt, struct item_table, pt)->item;
	struct item_wait *w = kzalloc(sizeof(*w));

	if (!w) {
		pt->error = -ENOMEM;
		return;
	}
	waiter_init(&w->w);
	w->w.func = on_wake;
	w->w.exclusive = i->events & EPOLLEXCLUSIVE;
	w->item = i;
	w->next = i->waits;
	i->waits = w;
	waitq_add(wq, &w->w);
}

static void free_item(struct item *i)
{
	while (i->waits) {
		struct item_wait *w = i->waits;

		i->waits = w->next;
		waitq_del(&w->w);
		kfree(w);
	}
	list_del(&i->all);
	list_del(&i->ready);
	list_del(&i->onfile);
	kfree(i);
}

void epoll_forget_file(struct file *f)
{
	while (!list_empty(&f->epolls))
		free_item(list_first(&f->epolls, struct item, onfile));
}

static u32 item_events(struct item *i)
{
	u32 mask = i->events & ~(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP);

	return mask ? file_poll(i->file, NULL) & (mask | POLLERR | POLLHUP) : 0;
}

static struct item *find(struct epoll *ep, int fd, const struct file *f)
{
	struct item *i;

	list_for_each(i, &f->epolls, onfile) if (i->ep == ep && (!ep || i->fd == fd)) return i;
	return NULL;
}

bool is_epoll(const struct file *f)
{
	return f->ops == &epoll_fops;
}

/* How many sets hang in one another below f, f included. One that contains ep counts as too many. */
static u32 depth_below(const struct file *f, const struct epoll *ep)
{
	const struct epoll *inner = f->private;
	struct item *i;
	u32 depth = 0;

	if (!is_epoll(f))
		return 0;
	if (inner == ep)
		return NESTING_MAX;
	list_for_each(i, &inner->items, all) depth = MAX(depth, depth_below(i->file, ep));
	return depth + 1;
}

static u32 depth_above(const struct epoll *ep)
{
	struct item *i;
	u32 depth = 0;

	list_for_each(i, &ep->file->epolls, onfile) depth = MAX(depth, depth_above(i->ep));
	return depth + 1;
}

/* Events climb from set to set by recursion, along every path: neither many levels nor many paths. */
static int check_nesting(const struct epoll *ep, const struct file *f)
{
	struct item *i;
	u32 watchers = 0;

	if (!is_epoll(f))
		return 0;
	list_for_each(i, &f->epolls, onfile) watchers++;
	if (watchers >= WATCHERS_MAX)
		return -EINVAL;
	return depth_below(f, ep) + depth_above(ep) > NESTING_MAX ? -ELOOP : 0;
}

/* The state at the moment of ADD or MOD counts as an event. */
static void arm(struct item *i)
{
	if (item_events(i)) {
		make_ready(i);
		wake_up(&i->ep->wait);
	}
}

/* On the file, and not in any set. */
static struct item *new_item(int fd, struct file *f, const struct epoll_event *e, int *error)
{
	struct item *i = kzalloc(sizeof(*i));
	struct item_table table = {.pt.add = add_wait, .item = i};

	*error = -ENOMEM;
	if (!i)
		return NULL;
	list_init(&i->all);
	list_init(&i->ready);
	list_add_tail(&i->onfile, &f->epolls);
	i->file = f;
	i->fd = fd;
	i->events = e->events;
	i->data = e->data;
	file_poll(f, &table.pt);
	*error = table.pt.error;
	if (!*error)
		return i;
	free_item(i);
	return NULL;
}

int epoll_add(struct file *epf, int fd, struct file *f, const struct epoll_event *e)
{
	struct epoll *ep = epf->private;
	struct item *i;
	int error;

	if (!f->ops->poll)
		return -EPERM;
	if (find(ep, fd, f))
		return -EEXIST;
	if (e->events & EPOLLEXCLUSIVE && (is_epoll(f) || e->events & ~EXCLUSIVE_OK))
		return -EINVAL;
	ep->file = epf;
	error = check_nesting(ep, f);
	if (error)
		return error;
	i = new_item(fd, f, e, &error);
	if (!i)
		return error;
	list_add_tail(&i->all, &ep->items);
	i->ep = ep;
	arm(i);
	return 0;
}

int epoll_async(int fd, struct file *f, bool on)
{
	struct item *i = find(NULL, fd, f);
	int error = 0;

	if (on && !i)
		new_item(fd, f, &(const struct epoll_event){0}, &error);
	else if (!on && i)
		free_item(i);
	return error;
}

int epoll_modify(struct file *epf, int fd, struct file *f, const struct epoll_event *e)
{
	struct item *i = find(epf->private, fd, f);

	if (!i)
		return -ENOENT;
	if ((i->events | e->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	i->events = e->events;
	i->data = e->data;
	arm(i);
	return 0;
}

int epoll_remove(struct file *epf, int fd, struct file *f)
{
	struct item *i = find(epf->private, fd, f);

	if (!i)
		return -ENOENT;
	free_item(i);
	return 0;
}

u32 epoll_collect(struct file *epf, struct epoll_event *out, u32 max)
{
	struct epoll *ep = epf->private;
	struct list again = LIST_INIT(again);
	u32 n = 0;

	while (n < max && !list_empty(&ep->ready)) {
		struct item *i = list_first(&ep->ready, struct item, ready);
		u32 events = item_events(i);

		list_del(&i->ready);
		if (!events)
			continue;
		out[n++] = (struct epoll_event){events, i->data};
		if (i->events & EPOLLONESHOT)
			i->events &= EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
		else if (!(i->events & EPOLLET))
			list_add_tail(&i->ready, &again);
	}
	/* Level-triggered items stay ready, behind those that had no turn. */
	while (!list_empty(&again)) {
		struct item *i = list_first(&again, struct item, ready);

		list_move_tail(&i->ready, &ep->ready);
	}
	return n;
}

struct waitq *epoll_waitq(struct file *epf)
{
	return &((struct epoll *)epf->private)->wait;
}

static u32 epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = f->private;
	struct item *i, *next;

	poll_wait(f, &ep->wait, pt);
	list_for_each_safe(i, next, &ep->ready, ready)
	{
		if (item_events(i))
			return POLLIN | POLLRDNORM;
		list_del(&i->ready);
	}
	return 0;
}

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->private;

	while (!list_empty(&ep->items))
		free_item(list_first(&ep->items, struct item, all));
	kfree(ep);
}

static const struct file_ops epoll_fops = {
	.poll = epoll_poll,
	.release = epoll_release,
	.stream = true,
};

long epoll_new(u32 o_cloexec)
{
	struct epoll *ep = kzalloc(sizeof(*ep));

	if (ep) {
		waitq_init(&ep->wait);
		list_init(&ep->items);
		list_init(&ep->ready);
	}
	return anon_fd("[eventpoll]", &epoll_fops, O_RDWR | o_cloexec, ep);
}
