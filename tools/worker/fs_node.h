/* SPDX-License-Identifier: MIT */
/*
 * fs_node.h: what the guest knows: nodes (an O_PATH descriptor each, found again by device, inode and mount)
 * and open files. Ids that the guest sends are looked up here and nowhere else.
 */
#ifndef WORKER_FS_NODE_H
#define WORKER_FS_NODE_H

#include <abi/types.h>
#include <stdbool.h>
#include <sys/stat.h>

#define FS_NODES_MAX 262144 /* beyond: ENFILE, until the guest forgets some */
#define FS_FILES_MAX 65536

struct fs_node {
	int fd;	  /* O_PATH; -1: this slot is free */
	u32 type; /* S_IFMT bits; an inode never changes them */
	u64 dev;
	u64 ino;
	u64 mount;
	u64 generation;
	u64 references; /* how often the guest was told of it */
	u32 next;	/* in its hash chain or in the free list; 0 = end */
	bool pinned;	/* a root: never forgotten */
};

struct fs_dir_buffer;

struct fs_file {
	int fd; /* -1: free slot */
	bool is_directory;
	struct fs_dir_buffer *dir; /* directories, from the first READDIR on */
	u32 next_free;
};

/* The node of an id; NULL if the guest made it up. */
struct fs_node *fs_node_get(u64 id);

u64 fs_node_id(const struct fs_node *node);

/* The node for an O_PATH descriptor, which is kept or, if the inode is known already, closed. One reference
 * is added. NULL when there are too many (the descriptor is closed, errno says ENFILE). */
struct fs_node *fs_node_add(int fd, const struct statx *st);

void fs_node_forget(struct fs_node *node, u64 count);

/* Keeps an open descriptor: a handle for the guest, or a negative errno after closing it. */
int fs_file_add(int fd, bool is_directory, u64 *handle);

/* The open file or directory of a handle; NULL if the guest made it up or it is of the other kind. */
struct fs_file *fs_file_get(u64 handle, bool is_directory);

/* Closes it and frees the handle. */
void fs_file_remove(struct fs_file *file);

#endif
