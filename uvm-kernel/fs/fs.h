/* SPDX-License-Identifier: MIT */
/*
 * fs.h: what the files of fs/ and sys/ share among themselves; other parts use <uvm/vfs.h> and friends.
 * Brings what nearly all of them need: errors, memory, strings, the current task.
 */
#pragma once

#include <uvm/fd.h>
#include <uvm/file.h>
#include <uvm/kernel.h>

struct boot_mount;
struct dirent_sink;

/* inode.c */
struct superblock *super_alloc(const char *fstype, u64 magic, const struct superblock_ops *ops, u32 flags);
/* Drops a reference. The last one frees a tree of pinned dentries; a file server's names stay cached. */
void super_put(struct superblock *sb);
/* A fresh inode with one reference and sane defaults; file systems that embed it call inode_init. */
struct inode *inode_alloc(struct superblock *sb, u32 mode);
void inode_init(struct inode *inode, struct superblock *sb, u32 mode);
void inode_set_owner(struct inode *inode, const struct inode *dir, u32 mode);
void inode_touch(struct inode *inode); /* mtime and ctime = now */
/* Chooses fops for devices, FIFOs and sockets by mode and rdev. */
void inode_set_special(struct inode *inode);
extern const struct file_ops fifo_fops, noopen_fops;
const struct file_ops *chardev_fops(u32 rdev);
int inode_setattr_check(struct inode *inode, struct iattr *attr);
int path_setattr(const struct path *path, struct iattr *attr);
void inode_copy_attr(struct inode *inode, const struct iattr *attr);
/* Drops set-id bits after a write or truncation by someone unprivileged. */
int inode_kill_setid(struct inode *inode);
u32 dirent_type(u32 mode);

/* dentry.c */
struct dentry *dentry_root(struct inode *inode); /* takes over inode */
/* For files without a place in the tree; takes over inode. */
struct dentry *dentry_anon(struct inode *inode, const char *name);
struct dentry *dentry_alloc(struct dentry *parent, const char *name, u32 len);
struct dentry *dentry_cached(struct dentry *parent, const char *name, u32 len);
void dentry_add(struct dentry *d); /* make it findable */
void dentry_unhash(struct dentry *d);
/* After a rename: from takes over to's name and place, to is gone from the tree. */
void dentry_move(struct dentry *from, struct dentry *to);
void dentry_exchange(struct dentry *a, struct dentry *b);
bool dentry_is_below(const struct dentry *d, const struct dentry *ancestor);

/* namei.c */
enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

struct nameidata {
	struct path at; /* where the walk stands; the parent, after path_parent */
	struct path root;
	char *text; /* being consumed; ours */
	char *rest;
	char *last; /* the last component, NUL-terminated, inside text */
	u32 last_len;
	enum last_type type;
	bool slash; /* the path ended in '/' */
	u32 links;
	u32 flags;
};

/* LOOKUP_* for the AT_* of a call that follows links unless told not to. */
static inline u32 lookup_flags(u32 at)
{
	return (at & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (at & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}
int path_parent(int dfd, const char *name, u32 flags, struct nameidata *nd);
void nameidata_put(struct nameidata *nd);
/* The entry nd names in its parent: positive or negative, referenced. Parent's lock is not needed. */
int lookup_last(struct nameidata *nd, struct dentry **out);
int lookup_child(struct dentry *parent, const char *name, u32 len, struct dentry **out);
/* Continues the walk through symlink d (takes over the reference): new parent and last in nd. */
int follow_last(struct nameidata *nd, struct dentry *d);
/* The final path of nd for a given child: crosses mounts; takes over the reference. */
void path_enter(struct nameidata *nd, struct dentry *d, struct path *out);
int path_finish(struct nameidata *nd, struct path *out);
int dir_may_create(struct path *dir);
int dir_may_delete(struct path *dir, struct dentry *victim, bool is_dir);

/* mount.c */
int mount_attach(struct superblock *sb, struct dentry *root, const struct path *at, u32 flags,
		 const char *source, const char *fstype, const char *options);
int mount_detach(struct mount *m, bool lazy);
struct mount *mount_first(void);
struct mount *mount_next(struct mount *m);
bool path_up(struct path *p, const struct path *root);
void path_down(struct path *p);
static inline bool mount_readonly(const struct mount *m)
{
	return m && (m->flags & MS_RDONLY);
}

/* A local path reference that ends with its scope. */
#define __drop_path __attribute__((cleanup(path_put)))

/* perm.c */
bool inode_owner_or_capable(const struct inode *inode);

/* Standard directory and file operations of pinned trees (tmpfs and all that build on it). */
extern const struct file_ops tree_dir_fops;
int tree_getdents(struct file *f, struct dirent_sink *sink);
bool tree_empty(const struct dentry *dir);
void tree_destroy(struct dentry *root); /* everything below, and the root's own reference */
s64 dir_seek(struct file *f, s64 offset, int whence);
int file_sync_nothing(struct file *f, bool data_only);
/* Inode locked. Where a write starts (O_APPEND), how far it may go (RLIMIT_FSIZE: SIGXFSZ and -EFBIG), set-id
 * bits off. Cuts from->left. */
long write_begin(struct file *f, struct iov_iter *from, u64 *pos);
long page_read(struct file *f, struct iov_iter *to, u64 *pos);
s64 generic_seek(struct file *f, s64 offset, int whence);
s64 seek_with_end(struct file *f, s64 offset, int whence, u64 end);

/* File systems: make a superblock with its root, or -errno. */
struct superblock *proc_mount(int *error);
struct superblock *sysfs_mount(int *error);
struct superblock *cgroup_mount(int *error);
struct superblock *dev_mount(const char *options, int *error);
struct superblock *fuse_mount(u64 nodeid, int *error);

/* fuse_request.c, for writeback.c: rings and takes what is answered; sleeps until all is. */
void fuse_kick(void);
void fuse_wait_written(void);

/* anon.c: inodes of files that lie in no file system */
struct inode *anon_inode(u32 mode);
/* A file with such an inode, shown as "anon_inode:name"; NULL and *error. The second form takes over private,
 * something kmalloc'ed or NULL for "no memory", and gives a descriptor. */
struct file *anon_file(const char *name, const struct file_ops *ops, u32 flags, void *private, int *error);
long anon_fd(const char *name, const struct file_ops *ops, u32 flags, void *private);
void anon_release(struct file *f); /* of files whose private only needs a kfree */

/* file.c */
struct file *file_alloc(int *error);
void file_set_access(struct file *f, u32 flags);
long file_read(struct file *f, struct iov_iter *to, u64 *pos);
long file_write(struct file *f, struct iov_iter *from, u64 *pos);

/* Directory listing. */
struct dirent_sink {
	/* 0, or ITER_DONE when the entry did not fit, or -errno. next: where to go on after this entry. */
	int (*emit)(struct dirent_sink *sink, const char *name, u32 len, u64 ino, u32 type, u64 next);
};
/* Hands out one entry; the listing goes on at next. */
int dirent_emit(struct file *f, struct dirent_sink *sink, const char *name, u64 ino, u32 mode, u64 next);
int dirent_dots(struct file *f, struct dirent_sink *sink);

/* locks.c */
void locks_drop_posix(struct inode *inode, const struct files *owner);
void locks_drop_flock(struct inode *inode, const struct file *f);
long locks_fcntl(struct file *f, u32 cmd, u64 uarg);
long locks_flock(struct file *f, u32 operation);
