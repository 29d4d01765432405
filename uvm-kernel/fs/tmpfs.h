/* SPDX-License-Identifier: MIT */
/*
 * tmpfs.h: what /dev, anonymous memory and boot use of tmpfs.
 */
#pragma once

#include "fs.h"
#include "tmpfs_options.h"

#define TMPFS_MAGIC 0x01021994

struct tmpfs {
	u64 max_pages, used_pages;
	u64 max_inodes, used_inodes;
	struct tmpfs_options options;
};

struct superblock *tmpfs_make(const struct tmpfs_options *o, const char *fstype, int *error);
/* Makes an entry in a tmpfs directory, from inside the kernel. rdev for devices, target for symlinks. */
int tmpfs_add(struct dentry *dir, const char *name, u32 mode, u32 rdev, const char *target,
	      struct dentry **out);
/* A regular file that is in no directory. */
struct inode *tmpfs_nameless(struct superblock *sb, u32 mode);
u64 tmpfs_total_pages(void);
struct file *shmem_file_sealable(u64 size, const char *name, u32 flags, bool sealable);
