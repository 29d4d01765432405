/* SPDX-License-Identifier: MIT */
/*
 * fs.c: takes FUSE requests from the ring, checks their frame, calls the handler for the operation and sends
 * the reply. What the operations do is in fs_meta.c, fs_make.c, fs_file.c, fs_dir.c, fs_xattr.c, fs_sync.c
 * and fs_window.c.
 */
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot_block.h"
#include "die.h"
#include "fs_request.h"
#include "io.h"
#include "queue.h"

#define FS_QUEUE_SIZE 256
#define FS_MINOR_MIN 31

static struct queue queue;
static struct queue_chain chain;  /* [queue.lock] */
static struct fs_request request; /* [queue.lock] */
static bool initialized;	  /* [queue.lock] INIT was answered */
static int proc_fd = -1;

void fs_create(struct memory *m, struct boot_block *block)
{
	queue_create(&queue, "file", m, FS_QUEUE_SIZE, IO_VECTOR_FS);
	boot_block_add_queue(block, NACELLE_DEV_FS, NACELLE_FS_QUEUE_REQUEST, &queue);
}

void fs_set_proc(int fd)
{
	if (fd < 0)
		die_errno("cannot use /proc/self/fd (is /proc mounted?)");
	proc_fd = fd;
}

u64 fs_add_root(int fd)
{
	struct statx st;
	struct fs_node *node;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		die_errno("cannot examine a mount");
	node = fs_node_add(fd, &st);
	if (!node)
		die_errno("too many mounts");
	node->pinned = true;
	return fs_node_id(node);
}

/* The node's name in /proc/self/fd. Without stdio: every open comes through here. */
static const char *proc_name(const struct fs_node *node, char buffer[16])
{
	char *p = buffer + 15;
	int n = node->fd;

	*p = 0;
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return p;
}

int fs_reopen(const struct fs_node *node, int flags)
{
	char name[16];
	int fd;

	if (node->type == S_IFDIR)
		return -EISDIR;
	if (node->type != S_IFREG)
		return -ENXIO; /* pipes, sockets and devices are the guest kernel's own */
	fd = openat(proc_fd, proc_name(node, name), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int fs_chmod(const struct fs_node *node, u32 mode)
{
	char name[16];

	if (node->type == S_IFLNK)
		return -EOPNOTSUPP;
	return fchmodat(proc_fd, proc_name(node, name), mode, 0) < 0 ? -errno : 0;
}

int fs_hard_link(const struct fs_node *node, int directory, const char *name)
{
	char old[16];

	return linkat(proc_fd, proc_name(node, old), directory, name, AT_SYMLINK_FOLLOW);
}

const void *fs_arguments(struct fs_request *r, size_t size)
{
	r->cursor = size;
	return r->arguments;
}

const char *fs_string(struct fs_request *r)
{
	const char *s = (const char *)r->arguments + r->cursor;
	const char *nul = memchr(s, 0, r->arguments_size - r->cursor);

	if (!nul)
		return NULL;
	r->cursor += (size_t)(nul - s) + 1;
	return s;
}

bool fs_name_ok(const char *name)
{
	return name[0] && strlen(name) <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

const char *fs_name(struct fs_request *r)
{
	const char *name = fs_string(r);

	return name && fs_name_ok(name) ? name : NULL;
}

static int fs_init(struct fs_request *r)
{
	const struct fuse_init_in *in = fs_arguments(r, 16);
	struct fuse_init_out *out = &r->reply.init;
	u32 wanted = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_ATOMIC_O_TRUNC | FUSE_DO_READDIRPLUS |
		     FUSE_READDIRPLUS_AUTO | FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES;

	if (in->major != FUSE_KERNEL_VERSION || in->minor < FS_MINOR_MIN)
		return -EPROTO;
	memset(out, 0, sizeof(*out));
	out->major = FUSE_KERNEL_VERSION;
	out->minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION;
	out->max_readahead = in->max_readahead;
	out->flags = in->flags & wanted;
	out->max_background = FS_QUEUE_SIZE;
	out->max_write = FS_WRITE_MAX;
	out->time_gran = 1;
	out->max_pages = FS_WRITE_MAX / 4096;
	r->reply_size = sizeof(*out);
	initialized = true;
	return 0;
}

static int fs_destroy(struct fs_request *r)
{
	(void)r;
	initialized = false;
	return 0;
}

struct operation {
	fs_handler *handler;
	u16 size;     /* of the fixed arguments */
	bool no_node; /* header.nodeid means nothing */
};

static const struct operation operations[] = {
	[FUSE_LOOKUP] = {fs_lookup, 0, false},
	[FUSE_FORGET] = {fs_forget, sizeof(struct fuse_forget_in), false},
	[FUSE_GETATTR] = {fs_getattr, sizeof(struct fuse_getattr_in), false},
	[FUSE_SETATTR] = {fs_setattr, sizeof(struct fuse_setattr_in), false},
	[FUSE_READLINK] = {fs_readlink, 0, false},
	[FUSE_SYMLINK] = {fs_symlink, 0, false},
	[FUSE_MKNOD] = {fs_mknod, sizeof(struct fuse_mknod_in), false},
	[FUSE_MKDIR] = {fs_mkdir, sizeof(struct fuse_mkdir_in), false},
	[FUSE_UNLINK] = {fs_unlink, 0, false},
	[FUSE_RMDIR] = {fs_rmdir, 0, false},
	[FUSE_RENAME] = {fs_rename, sizeof(struct fuse_rename_in), false},
	[FUSE_RENAME2] = {fs_rename2, sizeof(struct fuse_rename2_in), false},
	[FUSE_LINK] = {fs_link, sizeof(struct fuse_link_in), false},
	[FUSE_OPEN] = {fs_open, sizeof(struct fuse_open_in), false},
	[FUSE_READ] = {fs_read, sizeof(struct fuse_read_in), false},
	[FUSE_WRITE] = {fs_write, sizeof(struct fuse_write_in), false},
	[FUSE_STATFS] = {fs_statfs, 0, false},
	[FUSE_RELEASE] = {fs_release, sizeof(struct fuse_release_in), false},
	[FUSE_FSYNC] = {fs_fsync, sizeof(struct fuse_fsync_in), false},
	[FUSE_FLUSH] = {fs_flush, sizeof(struct fuse_flush_in), false},
	[FUSE_SETXATTR] = {fs_setxattr, FUSE_COMPAT_SETXATTR_IN_SIZE, false},
	[FUSE_GETXATTR] = {fs_getxattr, sizeof(struct fuse_getxattr_in), false},
	[FUSE_LISTXATTR] = {fs_listxattr, sizeof(struct fuse_getxattr_in), false},
	[FUSE_REMOVEXATTR] = {fs_removexattr, 0, false},
	[FUSE_INIT] = {fs_init, 16, true},
	[FUSE_OPENDIR] = {fs_opendir, sizeof(struct fuse_open_in), false},
	[FUSE_READDIR] = {fs_readdir, sizeof(struct fuse_read_in), false},
	[FUSE_READDIRPLUS] = {fs_readdirplus, sizeof(struct fuse_read_in), false},
	[FUSE_RELEASEDIR] = {fs_releasedir, sizeof(struct fuse_release_in), false},
	[FUSE_FSYNCDIR] = {fs_fsyncdir, sizeof(struct fuse_fsync_in), false},
	[FUSE_ACCESS] = {fs_access, sizeof(struct fuse_access_in), false},
	[FUSE_CREATE] = {fs_create_file, sizeof(struct fuse_create_in), false},
	[FUSE_SETUPMAPPING] = {fs_setupmapping, sizeof(struct fuse_setupmapping_in), false},
	[FUSE_REMOVEMAPPING] = {fs_removemapping, sizeof(struct fuse_removemapping_in), true},
	[FUSE_LSEEK] = {fs_lseek, sizeof(struct fuse_lseek_in), false},
	[FUSE_FALLOCATE] = {fs_fallocate, sizeof(struct fuse_fallocate_in), false},
	[FUSE_BATCH_FORGET] = {fs_batch_forget, sizeof(struct fuse_batch_forget_in), true},
	[FUSE_DESTROY] = {fs_destroy, 0, true},
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static int run(struct fs_request *r)
{
	u32 opcode = r->header.opcode;
	const struct operation *o = opcode < OPERATIONS ? &operations[opcode] : NULL;

	if (!o || !o->handler)
		return -ENOSYS;
	if (!initialized && opcode != FUSE_INIT)
		return -EPROTO;
	if (r->arguments_size < o->size)
		return -EINVAL;
	r->cursor = 0;
	r->node = fs_node_get(r->header.nodeid);
	if (!r->node && !o->no_node)
		return -ESTALE;
	return o->handler(r);
}

/* Copies header and arguments; WRITE's data and the room for the reply stay as buffers. */
static void receive(struct fs_request *r, struct queue_chain *c)
{
	size_t take = c->read_length - sizeof(r->header);

	if (c->read_length < sizeof(r->header))
		die("the guest sent a file request without a header");
	queue_copy_in(&r->header, sizeof(r->header), c->read, c->read_count);
	r->in = c->read;
	r->in_count = queue_skip(c->read, c->read_count, sizeof(r->header));
	if (r->header.opcode == FUSE_WRITE && take > sizeof(struct fuse_write_in))
		take = sizeof(struct fuse_write_in);
	if (r->header.opcode == FUSE_SETXATTR && take > FS_ARGUMENTS_MAX)
		take = FS_ARGUMENTS_MAX; /* the name at least; the rest of the value stays as a buffer */
	if (take > FS_ARGUMENTS_MAX)
		take = 0; /* too long for any operation: fails the size check or lacks its names */
	r->arguments_size = queue_copy_in(r->arguments, take, r->in, r->in_count);
	r->in_count = queue_skip(r->in, r->in_count, take);
	r->in_size = c->read_length - sizeof(r->header) - take;
	r->reply_size = 0;
	r->direct = false;
}

/* The first buffer must hold the whole reply header: it is written last. */
static struct fuse_out_header *reply_header(struct fs_request *r, struct queue_chain *c)
{
	struct fuse_out_header *header;

	if (c->write_count == 0 || c->write[0].iov_len < sizeof(*header))
		die("the guest left no room for the reply to a file request");
	header = c->write[0].iov_base;
	r->out = c->write;
	r->out_size = c->write_length - sizeof(*header);
	r->out_count = queue_skip(c->write, c->write_count, sizeof(*header));
	return header;
}

static u32 answer(struct fs_request *r, struct fuse_out_header *to, int error)
{
	struct fuse_out_header header = {.unique = r->header.unique, .error = error};

	if (!error && r->reply_size > r->out_size)
		header.error = -ERANGE;
	else if (!error && !r->direct)
		queue_copy_out(r->out, r->out_count, &r->reply, r->reply_size);
	header.len = (u32)(sizeof(header) + (header.error ? 0 : r->reply_size));
	memcpy(to, &header, sizeof(header));
	return header.len;
}

/* Leaves it to a thread, or does it now. */
static void sync_file(struct fs_request *r, struct queue_chain *c, struct fuse_out_header *to)
{
	int error;

	r->sync.head = c->head;
	r->sync.unique = r->header.unique;
	r->sync.to = to;
	if (fs_sync_start(&queue, &r->sync))
		return queue_take(&queue);
	error = fs_sync_now(&r->sync);
	close(r->sync.fd);
	queue_done(&queue, c, answer(r, to, error));
}

static void serve(struct fs_request *r, struct queue_chain *c)
{
	struct fuse_out_header *header;
	int result;

	receive(r, c);
	if (r->header.opcode == FUSE_FORGET || r->header.opcode == FUSE_BATCH_FORGET) {
		run(r);
		return queue_done(&queue, c, 0);
	}
	header = reply_header(r, c);
	result = run(r);
	if (result == FS_LATER)
		return sync_file(r, c, header);
	queue_done(&queue, c, answer(r, header, result));
}

bool fs_window_fault(u64 gpa)
{
	bool served;

	pthread_mutex_lock(&queue.lock);
	served = fs_window_serve(gpa - queue.memory->window_base);
	pthread_mutex_unlock(&queue.lock);
	return served;
}

void fs_doorbell(void)
{
	pthread_mutex_lock(&queue.lock);
	while (queue_peek(&queue, &chain))
		serve(&request, &chain);
	pthread_mutex_unlock(&queue.lock);
}
