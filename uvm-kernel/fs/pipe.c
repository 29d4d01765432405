/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs: a ring of bytes whose pages come with the first byte and go with the last. Writes of up to
 * PIPE_BUF bytes are never torn apart.
 */
#include "pipe.h"

#include <uvm/ioctl.h>

static u64 used(const struct pipe *p)
{
	return p->head - p->tail;
}

/* Counted from the start of the oldest page, so that no page holds both the first and the last bytes. */
static u64 room(const struct pipe *p)
{
	return (p->tail / PAGE_SIZE + p->pages) * PAGE_SIZE - p->head;
}

static struct pipe *pipe_new(void)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->pages = PIPE_PAGES;
	p->data = kzalloc(PIPE_PAGES * sizeof(*p->data));
	if (!p->data) {
		kfree(p);
		return NULL;
	}
	mutex_init(&p->lock);
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	return p;
}

static void pipe_free(struct pipe *p)
{
	for (u32 i = 0; i < p->pages; i++)
		if (p->data[i])
			page_free_virt(p->data[i]);
	kfree(p->data);
	kfree(p);
}

static u32 page_of(const struct pipe *p, u64 at)
{
	return (u32)(at / PAGE_SIZE % p->pages);
}

/* The first piece in one page, at most max bytes. */
static struct virtq_seg piece(const struct pipe *p, u64 at, u64 max)
{
	u64 offset = at % PAGE_SIZE;

	return (struct virtq_seg){(char *)p->data[page_of(p, at)] + offset,
				  (u32)MIN(MIN(p->head - at, PAGE_SIZE - offset), max), false};
}

void pipe_drop(struct pipe *p, u64 n)
{
	while (n) {
		u32 page = page_of(p, p->tail), len = piece(p, p->tail, n).len;

		n -= len;
		p->tail += len;
		if (used(p) && p->tail % PAGE_SIZE)
			continue;
		page_free_virt(p->data[page]);
		p->data[page] = NULL;
		if (!used(p))
			p->head = p->tail = 0;
	}
	wake_up(&p->writable);
}

u32 pipe_pieces(const struct pipe *p, struct virtq_seg *pieces, u32 max)
{
	u32 n = 0;

	for (u64 at = p->tail; at < p->head && n < max; at += pieces[n++].len)
		pieces[n] = piece(p, at, PAGE_SIZE);
	return n;
}

/* Copies what one page can give; -EFAULT when nothing could be copied. */
static long take(struct pipe *p, struct iov_iter *to)
{
	struct virtq_seg from = piece(p, p->tail, to->left);
	size_t moved = iter_copy_to(to, from.addr, from.len);

	pipe_drop(p, moved);
	return moved ? (long)moved : -EFAULT;
}

static long put(struct pipe *p, struct iov_iter *from)
{
	u64 offset = p->head % PAGE_SIZE;
	u64 len = MIN(MIN(room(p), PAGE_SIZE - offset), from->left);
	u32 page = page_of(p, p->head);
	size_t moved;

	if (!p->data[page])
		p->data[page] = page_alloc_virt(ALLOC_USER);
	if (!p->data[page])
		return -ENOMEM;
	moved = iter_copy_from(from, (char *)p->data[page] + offset, len);
	p->head += moved;
	if (used(p) == 0) {
		page_free_virt(p->data[page]);
		p->data[page] = NULL;
	}
	return moved ? (long)moved : -EFAULT;
}

void pipe_show(struct pipe *p, void *page, u64 n)
{
	page_get(virt_to_page(page));
	p->data[0] = page;
	p->head = n;
	wake_up(&p->readable);
}

/* Is something there, or can it be brought? */
static bool fetch(struct pipe *p, u64 want)
{
	if (!used(p) && p->pump)
		p->pump(p, want);
	return used(p);
}

static void unlock(struct pipe *p)
{
	if (p->pump)
		p->pump(p, 0);
	mutex_unlock(&p->lock);
}

static long pipe_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct pipe *p = f->private;
	long done = 0, n = 0;

	if (!to->left)
		return 0;
	mutex_lock(&p->lock);
	while (!fetch(p, to->left) && p->writers) {
		mutex_unlock(&p->lock);
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		n = wait_event_interruptible(&p->readable, used(p) || !p->writers);
		if (n)
			return n;
		mutex_lock(&p->lock);
	}
	while (to->left && used(p)) {
		n = take(p, to);
		if (n < 0)
			break;
		done += n;
	}
	mutex_unlock(&p->lock);
	return done ? done : n;
}

/* Room for the next piece: all of a small write, any of a large one. */
static bool can_put(const struct pipe *p, u64 left)
{
	return room(p) >= (left <= PIPE_BUF ? left : 1);
}

static long broken(void)
{
	signal_task(current, SIGPIPE);
	return -EPIPE;
}

/* Waits, lock dropped meanwhile, until something of `left` bytes fits. */
static long wait_room(struct file *f, struct pipe *p, u64 left)
{
	long error;

	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	unlock(p);
	error = wait_event_interruptible(&p->writable, can_put(p, left) || !p->readers);
	mutex_lock(&p->lock);
	return error;
}

static long pipe_write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	struct pipe *p = f->private;
	long done = 0, n = 0;
	u64 atomic = from->left; /* what must fit at once before we begin */

	if (!from->left)
		return 0;
	mutex_lock(&p->lock);
	while (from->left) {
		if (!p->readers) {
			n = broken();
			break;
		}
		if (can_put(p, done ? PIPE_BUF + 1 : atomic)) {
			n = put(p, from);
			if (n < 0)
				break;
			done += n;
			/* A small write goes on into the next page whatever the reader does. */
			if (from->left && atomic > PIPE_BUF)
				wake_up(&p->readable);
			continue;
		}
		n = wait_room(f, p, done ? PIPE_BUF + 1 : atomic);
		if (n)
			break;
	}
	unlock(p);
	if (done)
		wake_up(&p->readable);
	return done ? done : n;
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->private;
	u32 events = 0;

	if (f->can_read) {
		poll_wait(f, &p->readable, pt);
		if (fetch(p, PAGE_SIZE))
			events |= POLLIN | POLLRDNORM;
		/* A FIFO nobody has opened for writing yet is quiet, not hung up. */
		if (!p->writers && p->writer_opens != (u32)f->fh)
			events |= POLLHUP;
	}
	if (f->can_write) {
		poll_wait(f, &p->writable, pt);
		if (room(p) >= PIPE_BUF)
			events |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			events |= POLLERR;
	}
	return events;
}

static long pipe_ioctl(struct file *f, u32 cmd, u64 arg)
{
	struct pipe *p = f->private;

	if (cmd != FIONREAD)
		return -ENOTTY;
	fetch(p, PAGE_SIZE);
	return put_user((s32)used(p), arg);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->private;

	p->readers -= f->can_read;
	p->writers -= f->can_write;
	wake_all(&p->readable);
	wake_all(&p->writable);
	if (!p->readers && !p->writers) {
		f->inode->pipe = NULL;
		pipe_free(p);
	} else if (!p->writers && p->pump) {
		p->pump(p, 0);
	}
}

/* Counts f in, as end or ends of p. */
static void join(struct pipe *p, struct file *f)
{
	f->private = p;
	f->fh = ~0ULL;
	p->readers += f->can_read;
	p->writers += f->can_write;
	p->reader_opens += f->can_read;
	p->writer_opens += f->can_write;
}

static int wait_other_end(struct pipe *p, struct file *f)
{
	u32 seen = f->can_read ? p->writer_opens : p->reader_opens;

	if (p->anonymous || (f->can_read ? p->writers : p->readers))
		return 0;
	if (!f->can_read)
		return wait_event_interruptible(&p->writable, p->reader_opens != seen);
	if (!(f->flags & O_NONBLOCK))
		return wait_event_interruptible(&p->readable, p->writer_opens != seen);
	f->fh = seen;
	return 0;
}

static int fifo_open(struct inode *inode, struct file *f)
{
	struct pipe *p = inode->pipe;
	int error = 0;

	if (p && p->pump && (p->fed ? f->can_write : f->can_read))
		return -EACCES;
	if (!f->can_read && (f->flags & O_NONBLOCK) && !(p && (p->readers || p->anonymous)))
		return -ENXIO;
	if (!p)
		p = inode->pipe = pipe_new();
	if (!p)
		return -ENOMEM;
	join(p, f);
	wake_all(&p->readable);
	wake_all(&p->writable);
	if (!f->can_read || !f->can_write)
		error = wait_other_end(p, f);
	if (error)
		pipe_release(f);
	return error;
}

const struct file_ops fifo_fops = {
	.open = fifo_open,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
	.stream = true,
};

static struct file *pipe_end(struct inode *inode, u32 flags, int *error)
{
	struct file *f;
	char name[32];

	snprintf(name, sizeof(name), "pipe:[%lu]", inode->ino);
	f = file_anon(inode_get(inode), name, &fifo_fops, flags, NULL, error);
	if (f)
		join(inode->pipe, f);
	return f;
}

int pipe_make(u32 flags, struct file *out[2])
{
	struct inode *inode = anon_inode(S_IFIFO | 0600);
	int error = -ENOMEM;

	if (!inode)
		return error;
	inode->fops = &fifo_fops;
	inode->pipe = pipe_new();
	if (!inode->pipe)
		goto out;
	inode->pipe->anonymous = true;
	out[0] = pipe_end(inode, O_RDONLY | flags, &error);
	if (!out[0]) {
		pipe_free(inode->pipe);
		inode->pipe = NULL;
		goto out;
	}
	out[1] = pipe_end(inode, O_WRONLY | flags, &error);
	if (out[1])
		error = 0;
	else
		file_put(out[0]);
out:
	inode_put(inode);
	return error;
}

static struct pipe *pipe_of(const struct file *f)
{
	return f->ops == &fifo_fops ? f->private : NULL;
}

bool is_pipe(const struct file *f)
{
	return pipe_of(f) != NULL;
}

static bool ready(const struct pipe *p, bool writing)
{
	return writing ? room(p) || !p->readers : used(p) || !p->writers;
}

long pipe_wait(struct file *f, bool writing, bool nonblock)
{
	struct pipe *p = f->private;
	long error = 0;

	if (!writing)
		fetch(p, PAGE_SIZE);
	if (!ready(p, writing) && (nonblock || f->flags & O_NONBLOCK))
		return -EAGAIN;
	error = wait_event_interruptible(writing ? &p->writable : &p->readable, ready(p, writing));
	if (error)
		return error;
	return !writing ? (long)used(p) : p->readers ? (long)room(p) : broken();
}

static void peek(struct pipe *p, u64 skip, char *buf, u64 len)
{
	while (len) {
		struct virtq_seg from = piece(p, p->tail + skip, len);

		memcpy(buf, from.addr, from.len);
		buf += from.len;
		skip += from.len;
		len -= from.len;
	}
}

static void lock_pair(struct pipe *a, struct pipe *b)
{
	if (a && b && a > b)
		return lock_pair(b, a);
	if (a)
		mutex_lock(&a->lock);
	if (b)
		mutex_lock(&b->lock);
}

/* Both pipes are locked: what is in one and fits into the other stays so. */
static long locked_step(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, void *buf, u64 len,
			const u64 *skip)
{
	struct pipe *from = pipe_of(in), *to = pipe_of(out);
	struct iov_iter it;
	long n = 0, put_n;

	if (to)
		len = MIN(len, room(to));
	if (from)
		len = MIN(len, used(from) - MIN(used(from), skip ? *skip : 0));
	iter_kernel(&it, buf, len);
	if (from)
		peek(from, skip ? *skip : 0, buf, len);
	else
		len = (u64)(n = len ? file_read(in, &it, in_pos) : 0);
	if (n < 0 || !len)
		return n;
	iter_kernel(&it, buf, len);
	for (n = 0; to && (u64)n < len; n += put_n)
		if ((put_n = put(to, &it)) < 0)
			return n ? n : put_n;
	if (!to)
		n = file_write(out, &it, out_pos);
	if (n > 0 && from && !skip)
		pipe_drop(from, (u64)n);
	return n;
}

long pipe_step(struct file *in, u64 *in_pos, struct file *out, u64 *out_pos, void *buf, u64 len,
	       const u64 *skip)
{
	struct pipe *from = pipe_of(in), *to = pipe_of(out);
	long n;

	lock_pair(from, to);
	n = locked_step(in, in_pos, out, out_pos, buf, MIN(len, PAGE_SIZE), skip);
	if (from)
		mutex_unlock(&from->lock);
	if (to)
		unlock(to);
	if (n > 0 && to)
		wake_up(&to->readable);
	return n;
}

long pipe_get_size(struct file *f)
{
	struct pipe *p = pipe_of(f);

	return p ? (long)(p->pages * PAGE_SIZE) : -EBADF;
}

/* Moves the bytes to a ring of another length: whole pages keep their place in the order. */
static int resize(struct pipe *p, u32 pages)
{
	u64 skip = p->tail % PAGE_SIZE, bytes = used(p);
	u32 n = (u32)((skip + bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	void **data;

	if (n > pages)
		return -EBUSY;
	data = kzalloc(pages * sizeof(*data));
	if (!data)
		return -ENOMEM;
	for (u32 i = 0; i < n; i++)
		data[i] = p->data[page_of(p, p->tail + i * PAGE_SIZE)];
	kfree(p->data);
	p->data = data;
	p->pages = pages;
	p->tail = skip;
	p->head = skip + bytes;
	return 0;
}

long pipe_set_size(struct file *f, u64 bytes)
{
	struct pipe *p = pipe_of(f);
	u32 pages = 1;
	int error;

	if (!p)
		return -EBADF;
	if (bytes > 1u << 31)
		return -EINVAL;
	while (pages * PAGE_SIZE < bytes)
		pages *= 2;
	if (pages > PIPE_PAGES_MAX && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	mutex_lock(&p->lock);
	error = resize(p, pages);
	unlock(p);
	wake_all(&p->writable);
	return error ? error : (long)(pages * PAGE_SIZE);
}
