/* SPDX-License-Identifier: MIT */
/*
 * Calls to the file server: one message out, one reply back, through the ring. What nobody waits for (FORGET,
 * RELEASE of handles that were only read) rides along with the next call.
 */
#include "fuse.h"

#include <uvm/cred.h>
#include <uvm/page.h>
#include <uvm/printk.h>
#include <uvm/string.h>
#include <uvm/task.h>

#define FORGETS_PER_MESSAGE 64u
#define FORGETS_KEPT 256u /* then we do not wait for a call to come along */
#define DATA_SEGS_MAX (PAGECACHE_RUN_MAX + 1)

/* A message that needs no reply, or whose reply is not looked at. */
struct later {
	struct virtq_buf buf;
	struct later *next;
	u32 in_size;
	struct fuse_out_header out;
	u8 in[];
};

static struct virtq *queue;
static u64 unique;
static u32 max_pages;
static struct fuse_inode *forgets;
static u32 forget_count;
static struct later *waiting, *in_flight;

u32 fuse_max_pages(void)
{
	return max_pages;
}

static void fill_header(struct fuse_in_header *h, u32 opcode, u64 nodeid, u32 len)
{
	*h = (struct fuse_in_header){
		.len = len,
		.opcode = opcode,
		.unique = ++unique,
		.nodeid = nodeid,
		.uid = current->cred->fsuid,
		.gid = current->cred->fsgid,
		.pid = (u32)current->process->pid,
	};
}

static struct later *later_new(u32 opcode, u64 nodeid, u32 arg_size)
{
	u32 size = (u32)sizeof(struct fuse_in_header) + arg_size;
	struct later *l = kzalloc(sizeof(*l) + size);

	if (!l)
		return NULL;
	l->in_size = size;
	fill_header((struct fuse_in_header *)l->in, opcode, nodeid, size);
	return l;
}

static void *later_arg(struct later *l)
{
	return l->in + sizeof(struct fuse_in_header);
}

static void later_queue(struct later *l)
{
	l->next = waiting;
	waiting = l;
}

/* Frees what the server is done with. */
static void later_reap(void)
{
	struct later **p = &in_flight;

	while (*p) {
		struct later *l = *p;

		if (l->buf.done) {
			*p = l->next;
			kfree(l);
		} else {
			p = &l->next;
		}
	}
}

/* Up to FORGETS_PER_MESSAGE nodes in one message; their memory is free with that. */
static bool pack_forgets(void)
{
	u32 n = MIN(forget_count, FORGETS_PER_MESSAGE);
	struct later *l =
		later_new(FUSE_BATCH_FORGET, 0,
			  (u32)(sizeof(struct fuse_batch_forget_in) + n * sizeof(struct fuse_forget_one)));
	struct fuse_batch_forget_in *batch;
	struct fuse_forget_one *one;

	if (!l)
		return false;
	batch = later_arg(l);
	batch->count = n;
	one = (struct fuse_forget_one *)(batch + 1);
	for (u32 i = 0; i < n; i++) {
		struct fuse_inode *fi = forgets;

		one[i] = (struct fuse_forget_one){fi->nodeid, fi->lookups};
		forgets = fi->forget_next;
		forget_count--;
		kfree(fi);
	}
	later_queue(l);
	return true;
}

/* Puts waiting messages into the ring, leaving room for `keep` descriptors. */
static void later_submit(u32 keep)
{
	later_reap();
	while (forget_count && pack_forgets())
		;
	while (waiting && queue->free_count >= keep + 2u) {
		struct later *l = waiting;
		bool reply = ((struct fuse_in_header *)l->in)->opcode != FUSE_BATCH_FORGET;
		struct virtq_seg segs[2] = {
			{l->in, l->in_size, false},
			{&l->out, sizeof(l->out), true},
		};

		if (virtq_add(queue, &l->buf, segs, reply ? 2 : 1))
			break;
		waiting = l->next;
		l->next = in_flight;
		in_flight = l;
	}
}

void fuse_forget(struct fuse_inode *fi)
{
	if (!fi->lookups) {
		kfree(fi);
		return;
	}
	fi->forget_next = forgets;
	forgets = fi;
	if (++forget_count < FORGETS_KEPT)
		return;
	later_submit(0);
	virtq_kick(queue);
	virtq_poll(queue);
	later_reap();
}

void fuse_release_later(u32 opcode, u64 nodeid, u64 fh)
{
	struct later *l = later_new(opcode, nodeid, sizeof(struct fuse_release_in));

	if (!l) /* the server keeps a handle open until the container ends; better than failing a close */
		return;
	((struct fuse_release_in *)later_arg(l))->fh = fh;
	later_queue(l);
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

/* Does the reply hold together? Bytes behind its header, or -errno. */
static long check_reply(const struct fuse_out_header *h, u64 id, u32 written, bool may_be_short, u32 fixed)
{
	u32 len = h->len;
	s32 error = h->error;

	if (written < sizeof(*h) || len < sizeof(*h) || len > written || h->unique != id) {
		pr_err("file server: malformed reply\n");
		return -EIO;
	}
	if (error)
		return error < 0 && error > -MAX_ERRNO ? error : -EIO;
	len -= (u32)sizeof(*h);
	if (!may_be_short && len < fixed)
		return -EIO;
	return (long)len;
}

static bool sends(const struct fuse_args *a)
{
	return a->data_count && !a->data->device_writes;
}

/* Bulk either goes along with the arguments or comes back behind the reply's header. */
static u32 collect(const struct fuse_args *a, u8 *msg, u32 msg_size, struct virtq_seg *segs, u32 *data_out)
{
	u32 n = 0;

	*data_out = 0;
	segs[n++] = (struct virtq_seg){msg, msg_size, false};
	for (u32 i = 0; sends(a) && i < a->data_count; i++) {
		segs[n++] = a->data[i];
		*data_out += a->data[i].len;
	}
	segs[n++] = (struct virtq_seg){msg + ALIGN_UP(msg_size, 16u),
				       (u32)sizeof(struct fuse_out_header) + a->out_size, true};
	for (u32 i = 0; !sends(a) && i < a->data_count; i++)
		segs[n++] = a->data[i];
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
	later_submit(count);
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
	struct fuse_args a = {.opcode = FUSE_INIT,
			      .arg = &in,
			      .arg_size = sizeof(in),
			      .out = &out,
			      .out_size = sizeof(out)};
	long ret;

	queue = virtq_open(NACELLE_DEV_FS, NACELLE_FS_QUEUE_REQUEST);
	if (!queue)
		return -ENODEV;
	ret = fuse_call(&a);
	if (ret < 0)
		return (int)ret;
	if (out.major != FUSE_VERSION || out.minor < FUSE_MINOR_MIN || out.max_write < PAGE_SIZE ||
	    !(out.flags & FUSE_DO_READDIRPLUS) || queue->size < 4) {
		pr_err("file server: protocol %u.%u, flags %x, max_write %u\n", out.major, out.minor,
		       out.flags, out.max_write);
		return -EPROTO;
	}
	max_pages = MIN(out.max_write / (u32)PAGE_SIZE, PAGECACHE_RUN_MAX);
	max_pages = MIN(max_pages, (u32)queue->size - 3);
	if (out.flags & FUSE_MAX_PAGES)
		max_pages = MIN(max_pages, MAX((u32)out.max_pages, 1u));
	else
		max_pages = MIN(max_pages, 32u);
	return 0;
}
