/* SPDX-License-Identifier: MIT */
/*
 * fs_request.h: one FUSE request on its way through the file server, and the handlers by subject. The
 * arguments were copied out of guest memory; only bulk data stays there. All handlers run one at a time,
 * under the ring's lock.
 */
#ifndef WORKER_FS_REQUEST_H
#define WORKER_FS_REQUEST_H

#include <abi/types.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "fs_node.h"
#include "fs_sync.h"
#include "queue.h"

#define FS_ARGUMENTS_MAX 8192 /* all of a request but WRITE's data */
#define FS_WRITE_MAX 0x100000 /* bytes in one WRITE or READ */

struct fs_request {
	struct fuse_in_header header;
	struct fs_node *node; /* of header.nodeid; NULL only for requests without one */
	u8 arguments[FS_ARGUMENTS_MAX] __attribute__((aligned(8)));
	size_t arguments_size;
	size_t cursor; /* for fs_name() */
	/* WRITE: its data. Others: nothing. */
	struct iovec *in;
	unsigned int in_count;
	size_t in_size;
	/* Room for the reply behind struct fuse_out_header. */
	struct iovec *out;
	unsigned int out_count;
	size_t out_size;
	struct fs_sync sync; /* filled by a handler that returns FS_LATER */
	/* The reply: `reply_size` bytes of `reply`, or, if direct, that many already in `out`. */
	bool direct;
	size_t reply_size;
	union {
		struct fuse_entry_out entry;
		struct fuse_attr_out attr;
		struct fuse_open_out open;
		struct fuse_write_out write;
		struct fuse_statfs_out statfs;
		struct fuse_lseek_out lseek;
		struct fuse_getxattr_out xattr;
		struct fuse_init_out init;
		struct {
			struct fuse_entry_out entry;
			struct fuse_open_out open;
		} create;
	} reply;
};

#define FS_LATER 1 /* FSYNC and FSYNCDIR: r->sync says what is to be done */

/* A handler returns 0, a negative errno or FS_LATER. */
typedef int fs_handler(struct fs_request *r);

/* The request's fixed arguments, `size` bytes; later names follow them. The table guarantees the size. */
const void *fs_arguments(struct fs_request *r, size_t size);

/* The next string of the arguments; NULL if it is not terminated. */
const char *fs_string(struct fs_request *r);

/* The same, and it must be the name of a directory entry: no slash, not empty, neither "." nor "..". */
const char *fs_name(struct fs_request *r);

/* Whether a name from the guest may stand for a directory entry. Pure. */
bool fs_name_ok(const char *name);

/* fs_meta.c */
fs_handler fs_lookup, fs_forget, fs_batch_forget, fs_getattr, fs_setattr, fs_readlink, fs_statfs, fs_access;
/* fs_make.c */
fs_handler fs_mknod, fs_mkdir, fs_symlink, fs_link, fs_create_file, fs_unlink, fs_rmdir, fs_rename,
	fs_rename2;
/* fs_file.c */
fs_handler fs_open, fs_read, fs_write, fs_release, fs_flush, fs_fsync, fs_lseek, fs_fallocate;
/* fs_window.c */
fs_handler fs_setupmapping, fs_removemapping;
bool fs_window_serve(u64 offset); /* fs_window_fault() by the place in the window */
/* fs_xattr.c */
fs_handler fs_setxattr, fs_getxattr, fs_listxattr, fs_removexattr;
/* fs_dir.c */
fs_handler fs_opendir, fs_readdir, fs_readdirplus, fs_releasedir, fs_fsyncdir;

/* Looks `name` up in `parent` and takes one reference: fills the entry. */
int fs_find(struct fs_node *parent, const char *name, struct fuse_entry_out *entry);

/* Makes the file's FSYNC a request for later: FS_LATER or a negative errno. */
int fs_sync_later(struct fs_request *r, bool is_directory);

/* Opens a regular file by node with O_* `flags`: a descriptor or a negative errno. */
int fs_reopen(const struct fs_node *node, int flags);

/* Sets permission bits by node: 0 or a negative errno. */
int fs_chmod(const struct fs_node *node, u32 mode);

/* Makes another name for a node; -1 and errno like linkat(). */
int fs_hard_link(const struct fs_node *node, int directory, const char *name);

#endif
