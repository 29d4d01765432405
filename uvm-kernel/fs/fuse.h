/* SPDX-License-Identifier: MIT */
/*
 * fuse.h: the FUSE client's own interfaces: calls to the file server, inodes, and the operations by subject.
 */
#pragma once

#include "fs.h"
#include "fuse_proto.h"

#include <uvm/virtq.h>

enum fuse_handle_kind { HANDLE_READ, HANDLE_WRITE, HANDLE_APPEND, HANDLE_KINDS };

struct fuse_handle {
	bool open;
	u64 fh;
};

struct fuse_inode {
	struct inode inode; /* first: the two are one allocation */
	u64 nodeid;
	u64 generation;
	u64 lookups; /* how often the server told us of it */
	u64 attr_valid_until;
	bool own_change; /* we wrote: a new mtime is no sign of somebody else's hand */
	bool want_plus;	 /* names of this directory get looked up one by one */
	u32 files;	 /* open struct files */
	u32 writers;	 /* of these, those that can write */
	struct fuse_handle handles[HANDLE_KINDS];
	char *target; /* symlink, once read */
	struct fuse_inode *hash_next;
};

static inline struct fuse_inode *fuse_of(struct inode *inode)
{
	return container_of(inode, struct fuse_inode, inode);
}

static inline u64 fuse_node(struct inode *inode)
{
	return fuse_of(inode)->nodeid;
}

/* One call. Arguments are copied, so they may lie anywhere; `data` must lie in the direct map. */
struct fuse_args {
	u32 opcode;
	u64 nodeid;
	const void *arg;
	u32 arg_size;
	const char *name, *name2; /* sent behind arg, NUL-terminated, when not NULL */
	void *out;		  /* fixed part of the reply */
	u32 out_size;
	const struct virtq_seg *data; /* bulk behind the arguments, or behind the reply's header */
	u32 data_count;
};

/* fuse_request.c. Bytes of the reply behind its header, or -errno. May sleep. */
long fuse_call(const struct fuse_args *a);
/* The usual call: *in (a struct) about node id; then .name = and the like, and FUSE_OUT(where *out goes). */
#define FUSE_OUT(o) .out = (o), .out_size = sizeof(*(o))
#define FUSE_IN(i) .arg = (i), .arg_size = sizeof(*(i))
#define fuse_ask(op, id, in, ...) \
	fuse_call(&(struct fuse_args){.opcode = (op), .nodeid = (id), FUSE_IN(in), ##__VA_ARGS__})
/* Told to the server with the next call; nobody waits for the answer. */
void fuse_forget(u64 nodeid, u64 lookups);
void fuse_release_later(u32 opcode, u64 nodeid, u64 fh);
/* Queues a write of bytes of pages, and takes references of its own: 0 or -ENOMEM. Does not sleep. */
int fuse_write_later(struct inode *inode, u64 fh, u64 pos, u32 len, struct page **pages, u32 count);
/* The segments of bytes [offset, offset + len) of pages. */
u32 fuse_page_segs(struct virtq_seg *segs, struct page **pages, u32 count, u64 offset, u64 len, bool in);
int fuse_connect(void);

/* fuse_inode.c */
struct inode *fuse_iget(struct superblock *sb, const struct fuse_entry_out *e, int *error);
u64 fuse_valid_until(u64 sec, u32 nsec);
int fuse_getattr(struct inode *inode); /* asks when what we know is too old */
int fuse_setattr(struct inode *inode, const struct iattr *attr);
void fuse_evict(struct inode *inode);
static inline void fuse_attr_expired(struct inode *inode)
{
	fuse_of(inode)->attr_valid_until = 0;
}
void fuse_changed(struct inode *inode); /* we changed it: attributes are old, the new ones are ours */

/* fuse_xattr.c */
long fuse_getxattr(struct inode *inode, const char *name, void *value, size_t size);
int fuse_setxattr(struct inode *inode, const char *name, const void *value, size_t size, u32 flags);
long fuse_listxattr(struct inode *inode, char *list, size_t size);

/* fuse_dir.c, fuse_readdir.c, fuse_file.c, fuse_write.c */
extern const struct inode_ops fuse_dir_iops, fuse_link_iops, fuse_file_iops;
extern const struct file_ops fuse_dir_fops, fuse_file_fops;
int fuse_entry_to_dentry(struct inode *dir, struct dentry *d, const struct fuse_entry_out *e);
int fuse_get_handle(struct inode *inode, enum fuse_handle_kind kind, u64 *fh);
void fuse_keep_handle(struct inode *inode, enum fuse_handle_kind kind, u64 fh);
void fuse_drop_handles(struct fuse_inode *fi);
int fuse_read_handle(struct inode *inode, u64 *fh);
long fuse_write(struct file *f, struct iov_iter *from, u64 *pos);
int fuse_write_pages(struct inode *inode, u64 first, struct page **pages, u32 count);
int fuse_fsync(struct file *f, bool data_only);
