/* SPDX-License-Identifier: MIT */
/*
 * fs_dir.c: reading directories. Offsets are the host file system's own cookies; entries that were read but
 * did not fit wait in the handle for the next request.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs_request.h"

#define HOST_BYTES 32768  /* read from the host at once */
#define REPLY_BYTES 65536 /* told to the guest at once */

struct fs_dir_buffer {
	size_t position, size;
	u64 next; /* cookie of the entry at `position` */
	u8 data[HOST_BYTES];
};

int fs_opendir(struct fs_request *r)
{
	int fd;

	if (r->node->type != S_IFDIR)
		return -ENOTDIR;
	fd = openat(r->node->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	memset(&r->reply.open, 0, sizeof(r->reply.open));
	r->reply_size = sizeof(r->reply.open);
	return fs_file_add(fd, true, &r->reply.open.fh);
}

/* Makes the buffer start with the entry of cookie `offset`. */
static int seek_to(struct fs_file *file, u64 offset)
{
	if (!file->dir) {
		file->dir = malloc(sizeof(*file->dir));
		if (!file->dir)
			return -ENOMEM;
		file->dir->position = file->dir->size = 0;
		file->dir->next = 0;
	}
	if (file->dir->next == offset && offset != 0)
		return 0;
	if (offset > LLONG_MAX || lseek(file->fd, (off_t)offset, SEEK_SET) < 0)
		return -EINVAL;
	file->dir->position = file->dir->size = 0;
	file->dir->next = offset;
	return 0;
}

/* The next entry without taking it: 1, at the end 0, or a negative errno. */
static int peek(struct fs_file *file, const struct dirent64 **entry)
{
	struct fs_dir_buffer *b = file->dir;
	ssize_t n;

	if (b->position == b->size) {
		n = getdents64(file->fd, b->data, sizeof(b->data));
		if (n <= 0)
			return n < 0 ? -errno : 0;
		b->position = 0;
		b->size = (size_t)n;
	}
	*entry = (const struct dirent64 *)(b->data + b->position);
	return 1;
}

static void take(struct fs_file *file, const struct dirent64 *entry)
{
	file->dir->next = (u64)entry->d_off;
	file->dir->position += entry->d_reclen;
}

static void fill_dirent(struct fuse_dirent *to, const struct dirent64 *from, size_t length)
{
	to->ino = from->d_ino;
	to->off = (u64)from->d_off;
	to->namelen = (u32)length;
	to->type = from->d_type;
	memcpy(to->name, from->d_name, length);
}

/* "." and ".." are told without a node, and so is what vanished meanwhile. */
static void fill_entry(struct fs_node *dir, struct fuse_entry_out *to, const struct dirent64 *from)
{
	if (fs_name_ok(from->d_name) && fs_find(dir, from->d_name, to) == 0)
		return;
	memset(to, 0, sizeof(*to));
	to->attr.ino = from->d_ino;
	to->attr.mode = DTTOIF((u32)from->d_type);
}

static size_t put_entry(struct fs_request *r, u8 *to, const struct dirent64 *from, size_t length, bool plus)
{
	size_t head = plus ? offsetof(struct fuse_direntplus, dirent) : 0;
	size_t size = FUSE_DIRENT_ALIGN(head + FUSE_NAME_OFFSET + length);

	memset(to, 0, size);
	if (plus)
		fill_entry(r->node, &((struct fuse_direntplus *)to)->entry_out, from);
	fill_dirent((struct fuse_dirent *)(to + head), from, length);
	return size;
}

static int read_directory(struct fs_request *r, bool plus)
{
	static u64 reply[REPLY_BYTES / sizeof(u64)]; /* one request at a time */
	const struct fuse_read_in *in = fs_arguments(r, sizeof(*in));
	size_t head = plus ? offsetof(struct fuse_direntplus, dirent) : 0, used = 0, room = sizeof(reply);
	struct fs_file *file = fs_file_get(in->fh, true);
	const struct dirent64 *entry = NULL;
	int error = file ? seek_to(file, in->offset) : -EBADF;

	if (error)
		return error;
	room = in->size < room ? in->size : room;
	room = r->out_size < room ? r->out_size : room;
	while ((error = peek(file, &entry)) > 0) {
		size_t length = strlen(entry->d_name);

		if (used + FUSE_DIRENT_ALIGN(head + FUSE_NAME_OFFSET + length) > room)
			break;
		used += put_entry(r, (u8 *)reply + used, entry, length, plus);
		take(file, entry);
	}
	if (error < 0 && !used)
		return error;
	if (error > 0 && !used)
		return -EINVAL; /* not even one fits */
	queue_copy_out(r->out, r->out_count, reply, used);
	r->direct = true;
	r->reply_size = used;
	return 0;
}

int fs_readdir(struct fs_request *r)
{
	return read_directory(r, false);
}

int fs_readdirplus(struct fs_request *r)
{
	if (r->node->type != S_IFDIR)
		return -ENOTDIR;
	return read_directory(r, true);
}

int fs_releasedir(struct fs_request *r)
{
	const struct fuse_release_in *in = fs_arguments(r, sizeof(*in));
	struct fs_file *file = fs_file_get(in->fh, true);

	if (!file)
		return -EBADF;
	fs_file_remove(file);
	return 0;
}

int fs_fsyncdir(struct fs_request *r)
{
	return fs_sync_later(r, true);
}
