/* SPDX-License-Identifier: MIT */
/*
 * fs_node.c: two growing tables with free lists. Index 0 is never used, so 0 can end every chain.
 */
#include "fs_node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "die.h"

#define BUCKETS 16384u

/* Reserved whole, touched as it fills: pointers into the tables stay valid. */
static struct fs_node *nodes;
static u32 *buckets;
static u32 node_limit = 1; /* first index never used so far */
static u32 node_free;

static struct fs_file *files;
static u32 file_limit = 1;
static u32 file_free;

static void *reserve(size_t size)
{
	void *p =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die_errno("no memory for the file server's tables");
	return p;
}

static void reserve_tables(void)
{
	size_t node_bytes = (FS_NODES_MAX + 1) * sizeof(*nodes),
	       file_bytes = (FS_FILES_MAX + 1) * sizeof(*files);
	u8 *p = reserve(node_bytes + file_bytes + BUCKETS * sizeof(*buckets));

	nodes = (struct fs_node *)p;
	files = (struct fs_file *)(p + node_bytes);
	buckets = (u32 *)(p + node_bytes + file_bytes);
}

static u32 *bucket_of(u64 dev, u64 ino, u64 mount)
{
	u64 h = (ino ^ dev << 32 ^ mount << 48) * 0x9e3779b97f4a7c15ULL;

	return &buckets[(h >> 40) % BUCKETS];
}

u64 fs_node_id(const struct fs_node *node)
{
	return (u64)(node - nodes);
}

struct fs_node *fs_node_get(u64 id)
{
	if (id == 0 || id >= node_limit || nodes[id].fd < 0)
		return NULL;
	return &nodes[id];
}

static struct fs_node *find(u64 dev, u64 ino, u64 mount)
{
	for (u32 i = *bucket_of(dev, ino, mount); i; i = nodes[i].next)
		if (nodes[i].ino == ino && nodes[i].dev == dev && nodes[i].mount == mount)
			return &nodes[i];
	return NULL;
}

static struct fs_node *take_slot(void)
{
	u32 i = node_free;

	if (i) {
		node_free = nodes[i].next;
		return &nodes[i];
	}
	if (node_limit > FS_NODES_MAX)
		return NULL;
	return &nodes[node_limit++];
}

static struct fs_node *insert(int fd, const struct statx *st, u64 dev)
{
	struct fs_node *node = take_slot();
	u32 *bucket = bucket_of(dev, st->stx_ino, st->stx_mnt_id);

	if (!node)
		return NULL;
	node->fd = fd;
	node->type = st->stx_mode & S_IFMT;
	node->dev = dev;
	node->ino = st->stx_ino;
	node->mount = st->stx_mnt_id;
	node->generation++;
	node->references = 0;
	node->pinned = false;
	node->next = *bucket;
	*bucket = (u32)fs_node_id(node);
	return node;
}

struct fs_node *fs_node_add(int fd, const struct statx *st)
{
	u64 dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	struct fs_node *node;

	if (!nodes)
		reserve_tables();
	node = find(dev, st->stx_ino, st->stx_mnt_id);
	if (node) {
		close(fd);
	} else {
		node = insert(fd, st, dev);
		if (!node) {
			close(fd);
			errno = ENFILE;
			return NULL;
		}
	}
	node->references++;
	return node;
}

static void unchain(struct fs_node *node)
{
	u32 *link = bucket_of(node->dev, node->ino, node->mount);

	while (*link != fs_node_id(node))
		link = &nodes[*link].next;
	*link = node->next;
}

void fs_node_forget(struct fs_node *node, u64 count)
{
	node->references -= count < node->references ? count : node->references;
	if (node->references || node->pinned)
		return;
	unchain(node);
	close(node->fd);
	node->fd = -1;
	node->next = node_free;
	node_free = (u32)fs_node_id(node);
}

int fs_file_add(int fd, bool is_directory, u64 *handle)
{
	u32 i = file_free;

	if (i)
		file_free = files[i].next_free;
	else if (file_limit <= FS_FILES_MAX)
		i = file_limit++;
	if (!i) {
		close(fd);
		return -ENFILE;
	}
	files[i] = (struct fs_file){.fd = fd, .is_directory = is_directory};
	*handle = i;
	return 0;
}

struct fs_file *fs_file_get(u64 handle, bool is_directory)
{
	if (handle == 0 || handle >= file_limit || files[handle].fd < 0 ||
	    files[handle].is_directory != is_directory)
		return NULL;
	return &files[handle];
}

void fs_file_remove(struct fs_file *file)
{
	close(file->fd);
	free(file->dir);
	file->dir = NULL;
	file->fd = -1; /* the slot is free */
	file->next_free = file_free;
	file_free = (u32)(file - files);
}
