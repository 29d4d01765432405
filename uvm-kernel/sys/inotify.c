/* SPDX-License-Identifier: MIT */
/*
 * inotify: watches on inodes, and the queues of what happened to them inside this container. A watch holds
 * its inode, so that a file nobody uses keeps the one that is watched.
 */
#include "../fs/notify.h"

#include <uvm/ioctl.h>

#define IN_UNMOUNT 0x2000u
#define IN_Q_OVERFLOW 0x4000u
#define IN_IGNORED 0x8000u
#define IN_ONLYDIR 0x01000000u
#define IN_DONT_FOLLOW 0x02000000u
#define IN_EXCL_UNLINK 0x04000000u
#define IN_MASK_CREATE 0x10000000u
#define IN_MASK_ADD 0x20000000u
#define IN_ISDIR 0x40000000u
#define IN_ONESHOT 0x80000000u
#define IN_EVENTS 0xfffu /* IN_ACCESS … IN_MOVE_SELF */
#define IN_KNOWN                                                                             \
	(IN_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | \
	 IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)

struct watch {
	struct list on_inode; /* in inode->watches */
	struct list of_group; /* in inotify->watches */
	struct inode *inode;
	struct inotify *group;
	int id;
	u32 mask;
};

struct event {
	struct list link;
	struct {
		s32 id;
		u32 mask, cookie;
		u32 len; /* of the name, with zeroes up to the next header's alignment */
	} head;
	char name[];
};

struct inotify {
	struct list all;
	struct waitq wait;
	struct list watches, events;
	u32 count, bytes; /* of events */
	int last_id;
};

static struct list groups = LIST_INIT(groups);
u32 notify_watches;

static u32 event_size(const struct event *e)
{
	return (u32)sizeof(e->head) + e->head.len;
}

static bool same(const struct event *a, const struct event *b)
{
	return a->head.id == b->head.id && a->head.mask == b->head.mask && a->head.len == b->head.len &&
	       !memcmp(a->name, b->name, a->head.len) && !(a->head.mask & IN_IGNORED);
}

static void queue(struct inotify *in, int id, u32 mask, u32 cookie, const char *name)
{
	bool full = in->count >= INOTIFY_EVENTS_MAX;
	size_t len = name && !full ? strlen(name) + 1 : 0,
	       padded = ALIGN_UP(len, sizeof(((struct event *)0)->head));
	struct event *e = kzalloc(sizeof(*e) + padded);

	if (!e)
		return;
	e->head = (typeof(e->head)){id, mask, cookie, (u32)padded};
	if (full)
		e->head = (typeof(e->head)){.id = -1, .mask = IN_Q_OVERFLOW};
	memcpy(e->name, name, len);
	if (!list_empty(&in->events) && same(list_last(&in->events, struct event, link), e)) {
		kfree(e); /* nobody has read the last one: it stands for both */
		return;
	}
	list_add_tail(&e->link, &in->events);
	in->count++;
	in->bytes += event_size(e);
	wake_all(&in->wait);
}

static struct event *take(struct inotify *in)
{
	struct event *e = list_first(&in->events, struct event, link);

	list_del(&e->link);
	in->count--;
	in->bytes -= event_size(e);
	return e;
}

static void drop(struct watch *w)
{
	queue(w->group, w->id, IN_IGNORED, 0, NULL);
	list_del(&w->on_inode);
	list_del(&w->of_group);
	notify_watches--;
	inode_put(w->inode);
	kfree(w);
}

static void tell(struct inode *inode, u32 mask, u32 cookie, const char *name, bool unlinked)
{
	struct watch *w, *next;

	inode_get(inode);
	list_for_each_safe(w, next, &inode->watches, on_inode)
	{
		if (!(w->mask & mask & IN_EVENTS) || (unlinked && w->mask & IN_EXCL_UNLINK))
			continue;
		queue(w->group, w->id, mask, cookie, name);
		if (w->mask & IN_ONESHOT)
			drop(w);
	}
	inode_put(inode);
}

static u32 with_type(const struct inode *inode, u32 mask)
{
	return S_ISDIR(inode->mode) ? mask | IN_ISDIR : mask;
}

void notify_inode(struct inode *inode, u32 mask)
{
	if (notify_watches)
		tell(inode, mask, 0, NULL, false);
}

void notify_path(const struct dentry *d, u32 mask)
{
	if (!notify_watches)
		return;
	mask = with_type(d->inode, mask);
	if (d->parent != d)
		tell(d->parent->inode, mask, 0, d->name, d->flags & DENTRY_UNHASHED);
	tell(d->inode, mask, 0, NULL, false);
}

void notify_entry(struct inode *dir, const struct dentry *d, u32 mask)
{
	if (notify_watches)
		tell(dir, with_type(d->inode, mask), 0, d->name, false);
}

void notify_rename(struct inode *from, const char *old_name, struct inode *to, const struct dentry *d)
{
	static u32 cookie;

	cookie++;
	tell(from, with_type(d->inode, IN_MOVED_FROM), cookie, old_name, false);
	tell(to, with_type(d->inode, IN_MOVED_TO), cookie, d->name, false);
	tell(d->inode, IN_MOVE_SELF, 0, NULL, false);
}

static void end_all(struct inode *inode)
{
	while (!list_empty(&inode->watches))
		drop(list_first(&inode->watches, struct watch, on_inode));
}

void notify_gone(struct inode *inode)
{
	tell(inode, IN_DELETE_SELF, 0, NULL, false);
	end_all(inode);
}

void notify_unmount(struct superblock *sb)
{
	struct inotify *in;
	struct watch *w, *next;

	list_for_each(in, &groups, all) list_for_each_safe(w, next, &in->watches, of_group)
	{
		if (w->inode->sb != sb)
			continue;
		queue(in, w->id, IN_UNMOUNT, 0, NULL);
		drop(w);
	}
}

static long inotify_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct inotify *in = f->private;
	long done = 0, error;

	error = file_wait(f, &in->wait, !list_empty(&in->events));
	while (!error && in->count && to->left >= event_size(list_first(&in->events, struct event, link))) {
		struct event *e = take(in);
		u32 size = event_size(e);

		if (iter_copy_to(to, &e->head, size) < size)
			error = -EFAULT;
		done += size;
		kfree(e);
	}
	return error ? error : done ? done : -EINVAL;
}

static u32 inotify_poll(struct file *f, struct poll_table *pt)
{
	struct inotify *in = f->private;

	poll_wait(f, &in->wait, pt);
	return in->count ? POLLIN | POLLRDNORM : 0;
}

static long inotify_ioctl(struct file *f, u32 cmd, u64 arg)
{
	const struct inotify *in = f->private;

	return cmd == FIONREAD ? put_user((s32)in->bytes, arg) : -ENOTTY;
}

static void inotify_release(struct file *f)
{
	struct inotify *in = f->private;

	while (!list_empty(&in->watches))
		drop(list_first(&in->watches, struct watch, of_group));
	while (in->count)
		kfree(take(in));
	list_del(&in->all);
	kfree(in);
}

static const struct file_ops inotify_fops = {
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
	.stream = true,
};

long sys_inotify_init1(const struct sysargs *args)
{
	u32 flags = ARG_UINT(0);
	struct inotify *in;
	u32 count = 0;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	list_for_each(in, &groups, all) count++;
	if (count >= INOTIFY_INSTANCES_MAX)
		return -EMFILE;
	in = kzalloc(sizeof(*in));
	if (in) {
		waitq_init(&in->wait);
		list_init(&in->watches);
		list_init(&in->events);
		list_add_tail(&in->all, &groups);
	}
	return anon_fd("inotify", &inotify_fops, O_RDONLY | flags, in);
}

static long add(struct inotify *in, struct inode *inode, u32 mask)
{
	struct watch *w;

	list_for_each(w, &inode->watches, on_inode)
	{
		if (w->group != in)
			continue;
		if (mask & IN_MASK_CREATE)
			return -EEXIST;
		w->mask = mask & IN_MASK_ADD ? w->mask | mask : mask;
		return w->id;
	}
	if (notify_watches >= INOTIFY_WATCHES_MAX)
		return -ENOSPC;
	w = kzalloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	*w = (struct watch){.inode = inode_get(inode), .group = in, .id = ++in->last_id, .mask = mask};
	list_add_tail(&w->on_inode, &inode->watches);
	list_add_tail(&w->of_group, &in->watches);
	notify_watches++;
	return w->id;
}

long sys_inotify_add_watch(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));
	struct path p __drop_path = {0};
	u32 mask = ARG_UINT(2);
	long error;

	if (!(mask & IN_KNOWN) || (mask & IN_MASK_ADD && mask & IN_MASK_CREATE))
		return -EINVAL;
	if (!f || f->ops != &inotify_fops)
		return f ? -EINVAL : -EBADF;
	error = path_lookup_user(
		AT_FDCWD, ARG_U64(1),
		(mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) | (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0), &p);
	if (!error)
		error = inode_permission(p.dentry->inode, MAY_READ);
	return error ? error : add(f->private, p.dentry->inode, mask);
}

long sys_inotify_rm_watch(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));
	struct watch *w, *next;

	if (!f || f->ops != &inotify_fops)
		return f ? -EINVAL : -EBADF;
	list_for_each_safe(w, next, &((struct inotify *)f->private)->watches, of_group)
	{
		if (w->id != ARG_INT(1))
			continue;
		drop(w);
		return 0;
	}
	return -EINVAL;
}
