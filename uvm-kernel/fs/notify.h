/* SPDX-License-Identifier: MIT */
/*
 * notify.h: where the file code says what has happened to a file, for inotify.
 */
#pragma once

#include "fs.h"

enum { IN_ACCESS = 1, IN_MODIFY, IN_ATTRIB = 4, IN_CLOSE_WRITE = 8, IN_CLOSE_NOWRITE = 16 };
enum { IN_OPEN = 32, IN_MOVED_FROM = 64, IN_MOVED_TO = 128, IN_CREATE = 256, IN_DELETE = 512 };
enum { IN_DELETE_SELF = 1024, IN_MOVE_SELF = 2048 };

extern u32 notify_watches; /* how many there are: nearly always none, and then nothing costs anything */

/* To the file's own watches, and by its name to those of its directory. */
void notify_path(const struct dentry *d, u32 mask);
/* Only to the inode's own. */
void notify_inode(struct inode *inode, u32 mask);
/* To the watches of a directory in which something by that name came or went. */
void notify_entry(struct inode *dir, const struct dentry *d, u32 mask);
void notify_rename(struct inode *from, const char *old_name, struct inode *to, const struct dentry *d);
/* The last name of the inode is going away. */
void notify_gone(struct inode *inode);
void notify_unmount(struct superblock *sb);

static inline void notify_file(const struct file *f, u32 mask)
{
	if (unlikely(notify_watches) && !(f->flags & O_PATH))
		notify_path(f->path.dentry, mask);
}

#define INOTIFY_EVENTS_MAX 16384u
#define INOTIFY_INSTANCES_MAX 128u
#define INOTIFY_WATCHES_MAX 65536u
