/* SPDX-License-Identifier: MIT */
/*
 * Calls to the file server: one message out, one reply back, through the ring. What nobody waits for (dirty
 * pages, FORGET, RELEASE) rides along with the next call, ahead of it: the server works in the ring's order.
 */
#include "fuse.h"

#include <uvm/boot.h>

#define FORGETS_PER_MESSAGE 64u
#define UNMAPS_PER_MESSAGE 32u
#define DATA_SEGS_MAX (PAGECACHE_RUN_MAX + 1)

/* A message that nobody waits for. Pages of a WRITE and their inode stay referenced until it is answered. */
struct later {
	struct list link;
	struct virtq_buf buf;
	struct inode *inode; /* WRITE: */
	struct page **pages;
	u32 count;
	u32 in_size;
	struct fuse_out_header out;
	struct fuse_write_out written; /* behind out: one buffer */
	u8 in[];
};

static struct virtq *queue;
static u64 unique;
static struct list waiting = LIST_INIT(waiting), in_flight = LIST_INIT(in_flight);

static void fill_header(struct fuse_in_header *h, u32 opcode, u64 nodeid, u32 len)
{
	*h = (struct fuse_in_header){
		.len = len,
		.opcode = opcode,
		.unique = ++unique,
		.nodeid = nodeid,
		.uid = current->cred.fsuid,
		.gid = current->cred.fsgid,
		.pid = (u32)current->process->pid,
	};
}

/* Queued, with its arguments to be filled in; room for `pages` pointers behind them. */
static void *later_new(u32 opcode, u64 nodeid, u32 arg_size, u32 data_size, u32 pages, struct later **out)
{
	u32 size = (u32)sizeof(struct fuse_in_header) + arg_size;
	struct later *l = kzalloc(sizeof(*l) + size + pages * sizeof(struct page *));

	if (!l)
		return NULL;
	l->in_size = size;
	fill_header((struct fuse_in_header *)l->in, opcode, nodeid, size + data_size);
	list_add_tail(&l->link, &waiting);
	*out = l;
	return l->in + sizeof(struct fuse_in_header);
}

/* Does the reply hold together? Bytes behind its header, or -errno. */
static long check_reply(const struct fuse_out_header *h, u64 id, u32 written, bool may_be_short, u32 fixed)
{
	u32 len = h->len;
	s32 error = h->error;

	if (written < sizeof(*h) || len < sizeof(*h) || len > written || h->unique != id) {
		pr_err("file server: malformed reply");
		return -EIO;
	}
	if (error)
		return error < 0 && error > -MAX_ERRNO ? error : -EIO;
	len -= (u32)sizeof(*h);
	if (!may_be_short && len < fixed)
		return -EIO;
	return (long)len;
}

/* A WRITE's answer: the server takes all of it or says why not. */
static void write_done(struct later *l)
{
	const struct fuse_in_header *h = (const void *)l->in;
	const struct fuse_write_in *in = (const void *)(h + 1);
	long ret = check_reply(&l->out, h->unique, l->buf.written, false, sizeof(l->written));

	if (ret >= 0 && l->written.size != in->size)
		ret = -EIO;
	l->inode->cache.sent--;
	pagecache_written(l->inode, l->pages, l->count, ret < 0 ? (int)ret : 0);
	fuse_changed(l->inode);
	inode_put(l->inode);
}

/* Finishes what the server is done with. That may lead here again. */
static void later_reap(void)
{
	struct list *p = in_flight.next;

	while (p != &in_flight) {
		struct later *l = list_entry(p, struct later, link);

		p = p->next;
		if (!l->buf.done)
			continue;
		list_del(&l->link);
		if (l->inode) {
			write_done(l);
			p = in_flight.next;
		}
		kfree(l);
	}
}

/* Pages that lie behind each other are one segment. */
u32 fuse_page_segs(struct virtq_seg *segs, struct page **pages, u32 count, u64 offset, u64 len, bool in)
{
	u32 n = 0;

	for (u32 i = 0; i < count; i++, offset = 0) {
		u32 part = (u32)MIN(len, PAGE_SIZE - offset);
		u8 *at = (u8 *)page_to_virt(pages[i]) + offset;

		len -= part;
		if (n && (const u8 *)segs[n - 1].addr + segs[n - 1].len == at)
			segs[n - 1].len += part;
		else
			segs[n++] = (struct virtq_seg){at, part, in};
	}
	return n;
}

static int later_add(struct later *l)
{
	static struct virtq_seg segs[DATA_SEGS_MAX + 2];
	const struct fuse_in_header *h = (const void *)l->in;
	const struct fuse_write_in *in = (const void *)(h + 1);
	u32 n = 0;

	segs[n++] = (struct virtq_seg){l->in, l->in_size, false};
	if (l->inode)
		n += fuse_page_segs(segs + n, l->pages, l->count, in->offset & (PAGE_SIZE - 1), in->size,
				    false);
	if (h->opcode != FUSE_BATCH_FORGET)
		segs[n++] = (struct virtq_seg){&l->out, sizeof(l->out) + sizeof(l->written), true};
	return virtq_add(queue, &l->buf, segs, n);
}

/* Whoever needs slots of the window again need not wait for this: a new mapping replaces what is there. */
static void unmap_slots(void)
{
	u64 places[UNMAPS_PER_MESSAGE];
	u32 count = window_take_dead(places, UNMAPS_PER_MESSAGE);
	struct fuse_removemapping_in *in;
	struct later *l;

	if (!count)
		return;
	in = later_new(FUSE_REMOVEMAPPING, 0, (u32)(sizeof(*in) + count * sizeof(in->one[0])), 0, 0, &l);
	if (!in) /* the pages stay in the root's memory until the slots are used again */
		return;
	in->count = count;
	for (u32 i = 0; i < count; i++) {
		in->one[i].moffset = places[i];
		in->one[i].len = BOOT_WINDOW_SLOT;
	}
}

/* Puts waiting messages into the ring, oldest first, as far as there is room. */
static void later_submit(void)
{
	later_reap();
	unmap_slots();
	while (!list_empty(&waiting)) {
		struct later *l = list_first(&waiting, struct later, link);

		if (later_add(l))
			return;
		list_move_tail(&l->link, &in_flight);
	}
}

void fuse_kick(void)
{
	later_submit();
	while (!list_empty(&in_flight)) {
		virtq_kick(queue);
		if (!virtq_poll(queue))
			return;
		later_submit();
	}
}

/* Rings and sleeps until something came back. */
static void wait_for_server(void)
{
	u16 before = queue->free_count;

	virtq_kick(queue);
	if (!virtq_poll(queue))
		wait_event(&queue->wait, queue->free_count > before);
	later_submit();
}

void fuse_wait_written(void)
{
	later_submit();
	while (!list_empty(&in_flight) || !list_empty(&waiting))
		wait_for_server();
}

void fuse_forget(u64 nodeid, u64 lookups)
{
	struct later *l = list_empty(&waiting) ? NULL : list_entry(waiting.prev, struct later, link);
	struct fuse_batch_forget_in *batch = l ? (void *)(l->in + sizeof(struct fuse_in_header)) : NULL;
	struct fuse_forget_one *one;

	if (!l || ((struct fuse_in_header *)l->in)->opcode != FUSE_BATCH_FORGET ||
	    batch->count == FORGETS_PER_MESSAGE)
		batch = later_new(FUSE_BATCH_FORGET, 0, sizeof(*batch) + FORGETS_PER_MESSAGE * sizeof(*one),
				  0, 0, &l);
	if (!batch) /* the server remembers the node until the container ends */
		return;
	one = (struct fuse_forget_one *)(batch + 1);
	one[batch->count++] = (struct fuse_forget_one){nodeid, lookups};
	if (batch->count == FORGETS_PER_MESSAGE)
		fuse_kick();
}

void fuse_release_later(u32 opcode, u64 nodeid, u64 fh)
{
	struct later *l;
	struct fuse_release_in *in = later_new(opcode, nodeid, sizeof(*in), 0, 0, &l);

	if (in) /* else the server keeps a handle open until the container ends; better than failing a close
		 */
		in->fh = fh;
}

int fuse_write_later(struct inode *inode, u64 fh, u64 pos, u32 len, struct page **pages, u32 count)
{
	struct later *l;
	struct fuse_write_in *in = later_new(FUSE_WRITE, fuse_of(inode)->nodeid, sizeof(*in), len, count, &l);

	if (!in)
		return -ENOMEM;
	*in = (struct fuse_write_in){.fh = fh, .offset = pos, .size = len, .write_flags = FUSE_WRITE_CACHE};
	l->inode = inode_get(inode);
	inode->cache.sent++;
	l->count = count;
	l->pages = (struct page **)(in + 1);
	for (u32 i = 0; i < count; i++) {
		page_get(pages[i]);
		l->pages[i] = pages[i];
	}
	return 0;
}

static u32 message_size(const struct fuse_args *a)
{
	size_t size = sizeof(struct fuse_in_header) + a->arg_size;

	if (a->name)
		size += strlen(a->name) + 1;
	if (a->name2)
		size += strlen(a->name2) + 1;
	return (u32)size;
}

static void build(const struct fuse_args *a, u8 *msg, u32 size, u32 data)
{
	u8 *p = msg + sizeof(struct fuse_in_header);

	fill_header((struct fuse_in_header *)msg, a->opcode, a->nodeid, size + data);
	memcpy(p, a->arg, a->arg_size);
	p += a->arg_size;
	if (a->name) {
		memcpy(p, a->name, strlen(a->name) + 1);
		p += strlen(a->name) + 1;
	}
	if (a->name2)
		memcpy(p, a->name2, strlen(a->name2) + 1);
}

static bool sends(const struct fuse_args *a)
{
	return a->data_count && !a->data->device_writes;
}

/* Bulk either goes along with the arguments or comes back behind the reply's header. */
static u32 collect(const struct fuse_args *a, u8 *msg, u32 msg_size, struct virtq_seg *segs, u32 *data_out)
{
	struct virtq_seg reply = {msg + ALIGN_UP(msg_size, 16u),
				  (u32)sizeof(struct fuse_out_header) + a->out_size, true};
	u32 n = 0;

	*data_out = 0;
	segs[n++] = (struct virtq_seg){msg, msg_size, false};
	if (!sends(a))
		segs[n++] = reply;
	for (u32 i = 0; i < a->data_count; i++) {
		segs[n++] = a->data[i];
		*data_out += sends(a) ? a->data[i].len : 0;
	}
	if (sends(a))
		segs[n++] = reply;
	return n;
}

long fuse_call(const struct fuse_args *a)
{
	u32 size = message_size(a), data, count, written = 0;
	u8 *msg = kzalloc(ALIGN_UP(size, 16u) + sizeof(struct fuse_out_header) + a->out_size);
	struct fuse_out_header *reply = (struct fuse_out_header *)(msg + ALIGN_UP(size, 16u));
	struct virtq_seg *segs = kmalloc((DATA_SEGS_MAX + 2) * sizeof(*segs));
	long ret = -ENOMEM;
	u64 id;

	if (!msg || !segs)
		goto out;
	count = collect(a, msg, size, segs, &data);
	build(a, msg, size, data);
	id = unique;
	later_submit();
	while (!list_empty(&waiting) || queue->free_count < count)
		wait_for_server();
	ret = virtq_transact(queue, segs, count, &written);
	later_reap();
	if (ret)
		goto out;
	ret = check_reply(reply, id, written, a->data_count && !sends(a), a->out_size);
	if (ret >= 0 && a->out)
		memcpy(a->out, reply + 1, a->out_size);
out:
	kfree(segs);
	kfree(msg);
	return ret;
}

int fuse_connect(void)
{
	struct fuse_init_in in = {
		.major = FUSE_VERSION,
		.minor = FUSE_MINOR,
		.max_readahead = PAGECACHE_RUN_MAX * PAGE_SIZE,
		.flags = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_DO_READDIRPLUS | FUSE_PARALLEL_DIROPS |
			 FUSE_MAX_PAGES,
	};
	struct fuse_init_out out;
	long ret;

	queue = virtq_open(NACELLE_DEV_FS, NACELLE_FS_QUEUE_REQUEST);
	if (!queue)
		return -ENODEV;
	ret = fuse_ask(FUSE_INIT, 0, &in, FUSE_OUT(&out));
	if (ret < 0)
		return (int)ret;
	if (out.major != FUSE_VERSION || out.minor < FUSE_MINOR_MIN ||
	    out.max_write < PAGECACHE_RUN_MAX * PAGE_SIZE || out.max_pages < PAGECACHE_RUN_MAX ||
	    !(out.flags & FUSE_DO_READDIRPLUS) || !(out.flags & FUSE_MAX_PAGES) ||
	    queue->size < DATA_SEGS_MAX + 2) {
		pr_err("file server: protocol %u.%u, flags %x, max_write %u", out.major, out.minor, out.flags,
		       out.max_write);
		return -EPROTO;
	}
	return 0;
}
