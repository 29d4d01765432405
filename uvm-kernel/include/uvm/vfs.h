/* SPDX-License-Identifier: MIT */
/*
 * vfs.h: names and inodes. File systems implement superblock_ops and inode_ops; the path walk, mounts and
 * permission checks are common to all. Everything here runs under the kernel lock; operations that may
 * sleep (FUSE) say so.
 */
#pragma once

#include <uvm/fsapi.h>
#include <uvm/lock.h>
#include <uvm/mm.h>
#include <uvm/pagecache.h>

struct boot_block;
struct dentry;
struct file;
struct file_ops;
struct inode;
struct mount;
struct path;
struct pipe;
struct superblock;
struct task;

#define PATH_MAX 4096
#define NAME_MAX 255
#define SYMLINKS_MAX 40

enum { S_IFMT = 0170000, S_IFSOCK = 0140000, S_IFLNK = 0120000, S_IFREG = 0100000, S_IFBLK = 0060000 };
enum { S_IFDIR = 0040000, S_IFCHR = 0020000, S_IFIFO = 0010000, S_ISUID = 0004000, S_ISGID = 0002000 };
enum { S_ISVTX = 0001000 };
#define S_ISREG(m) (((m)&S_IFMT) == S_IFREG)
#define S_ISDIR(m) (((m)&S_IFMT) == S_IFDIR)
#define S_ISLNK(m) (((m)&S_IFMT) == S_IFLNK)
#define S_ISCHR(m) (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)

#define MS_RDONLY 1u
#define MS_NOSUID 2u
#define MS_NODEV 4u
#define MS_NOEXEC 8u
#define MS_NOATIME 1024u
#define MS_NODIRATIME 2048u
#define MS_RELATIME (1u << 21)

#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4

#define ITER_DONE 1 /* getdents: the buffer is full */

#define SEAL_SEAL 1u
#define SEAL_SHRINK 2u
#define SEAL_GROW 4u
#define SEAL_WRITE 8u

/* What setattr changes. */
#define ATTR_MODE 1u
#define ATTR_UID 2u
#define ATTR_GID 4u
#define ATTR_SIZE 8u
#define ATTR_ATIME 16u
#define ATTR_MTIME 32u
#define ATTR_ATIME_NOW 128u
#define ATTR_MTIME_NOW 256u

struct iattr {
	u32 valid;
	u32 mode; /* permission bits only */
	u32 uid;
	u32 gid;
	u64 size;
	s64 atime, mtime, ctime; /* ns since 1970 */
	struct file *file;	 /* through which an ftruncate came, or NULL */
};

struct inode {
	u32 refs;
	u32 mode;
	u32 uid, gid;
	u32 nlink;
	u32 rdev; /* Linux dev_t, for S_IFCHR and S_IFBLK */
	u64 ino;
	u64 size;
	u64 blocks; /* of 512 bytes */
	s64 atime, mtime, ctime;
	struct superblock *sb;
	const struct inode_ops *ops;
	const struct file_ops *fops; /* what open() gives a file */
	struct page_cache cache;     /* file data; see pagecache.h */
	struct mutex lock;	     /* writers, truncation, changes of a directory */
	struct mapping mapping;	     /* mm's: VMAs that map this file */
	struct list locks;	     /* POSIX and flock locks, fs/locks.c */
	struct waitq *lock_wait;     /* for them, made when first needed */
	s32 writers;		     /* files open for writing */
	u32 exec_users;		     /* running images: writing them is ETXTBSY */
	bool sealable;		     /* a memfd: */
	u32 seals;		     /* its F_SEAL_* */
	bool linkable;		     /* nameless (O_TMPFILE), but linkat may give it a name */
	struct pipe *pipe;	     /* while a FIFO or pipe is open */
	struct list watches;	     /* inotify's */
	struct xattr *xattrs;	     /* fs/xattr.c */
	void *private;		     /* file system's */
};

struct inode_ops {
	/* Finds name in dir and attaches the inode to d (or leaves it negative): 0 or -errno. */
	int (*lookup)(struct inode *dir, struct dentry *d);
	/* Says whether a cached dentry still holds: 1 yes, 0 look again, or -errno. */
	int (*revalidate)(struct inode *dir, struct dentry *d);
	int (*create)(struct inode *dir, struct dentry *d, u32 mode, bool excl);
	int (*mkdir)(struct inode *dir, struct dentry *d, u32 mode);
	int (*mknod)(struct inode *dir, struct dentry *d, u32 mode, u32 rdev);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	/* A nameless file (O_TMPFILE): a referenced dentry that is in no directory. */
	int (*tmpfile)(struct inode *dir, struct dentry *parent, u32 mode, struct dentry **out);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *d);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*rename)(struct inode *from_dir, struct dentry *from, struct inode *to_dir, struct dentry *to,
		      u32 flags);
	/* Target of a symlink, not NUL-terminated: its length or -errno. */
	long (*readlink)(struct inode *inode, char *buf, size_t size);
	/* A "magic" link (/proc/self/fd/3): gives the path itself instead of text. */
	int (*follow)(struct inode *inode, struct path *out);
	int (*getattr)(struct inode *inode); /* refresh the fields above */
	int (*setattr)(struct inode *inode, const struct iattr *attr);
	int (*permission)(struct inode *inode, int mask); /* NULL: the usual mode check */
	/* Page cache: fills fresh pages [first, first + count), zeroes beyond the end of file; may sleep. */
	int (*fill_pages)(struct inode *inode, struct file *file, u64 first, struct page **pages, u32 count);
	/* Puts len bytes at offset of the file into the window; may sleep. */
	int (*map_window)(struct inode *inode, u64 offset, u64 len, u64 place);
	/* Writes pages to the file server; NULL: the cache is the storage. May sleep. */
	int (*write_pages)(struct inode *inode, u64 first, struct page **pages, u32 count);
	int (*fallocate)(struct inode *inode, int mode, u64 offset, u64 len);
	/* Extended attributes: length or -errno; size 0 asks for the length. No value: remove it. */
	long (*getxattr)(struct inode *inode, const char *name, void *value, size_t size);
	int (*setxattr)(struct inode *inode, const char *name, const void *value, size_t size, u32 flags);
	long (*listxattr)(struct inode *inode, char *list, size_t size);
	void (*evict)(struct inode *inode); /* last reference is gone: free it (NULL: kfree) */
};

struct path {
	struct mount *mount;
	struct dentry *dentry;
};

#define DENTRY_SHORT_NAME 32
#define DENTRY_UNHASHED 2u /* removed from its directory, still open somewhere */
#define DENTRY_MOUNTED 4u  /* something is mounted here */

struct dentry {
	u32 refs;
	u16 flags;
	u16 name_len;
	struct dentry *parent; /* itself for a root */
	struct inode *inode;   /* NULL: negative */
	struct superblock *sb;
	struct dentry *hash_next; /* by (parent, name) */
	struct list children;	  /* newest last */
	struct list sibling;
	struct list lru; /* unused and reclaimable */
	u64 cookie;	 /* position in the parent's listing: ever growing */
	u64 next_cookie; /* last one given to a child */
	u64 valid_until; /* monotonic ns; FUSE */
	u32 name_hash;
	char *name; /* NUL-terminated: short_name or kmalloc'ed */
	char short_name[DENTRY_SHORT_NAME];
};

struct statfs_info {
	u64 bsize, frsize, blocks, bfree, bavail, files, ffree,
		namelen; /* preset: a page, NAME_MAX, else 0 */
};

struct superblock_ops {
	int (*statfs)(struct superblock *sb, struct statfs_info *out);
};

#define SB_CACHE_NAMES 1u /* keep unused dentries, also negative ones; without it the tree is the storage */

struct superblock {
	u32 refs;
	u32 flags; /* SB_* */
	u32 dev;   /* st_dev */
	u64 magic;
	const char *fstype;
	const struct superblock_ops *ops; /* or NULL */
	struct dentry *root;
	u64 next_ino;
	void *private;
};

struct mount {
	u32 refs;
	u32 flags; /* MS_* */
	int id;
	struct superblock *sb;
	struct dentry *root;
	struct mount *parent;	   /* NULL for the first */
	struct dentry *mountpoint; /* in parent */
	struct list list;
	char *source;
	char *fstype;
	char *options;
};

/* Working directory, root and umask, shared by clone(CLONE_FS). */
struct fs_context {
	u32 refs;
	u32 umask;
	struct path root;
	struct path cwd;
};

/* Paths, dentries, inodes: counted references. */
void path_get(const struct path *p);
void path_put(struct path *p);
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode);
struct dentry *dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);

#define LOOKUP_FOLLOW 1u    /* follow a symlink in the last place */
#define LOOKUP_DIRECTORY 2u /* must be a directory */
#define LOOKUP_EMPTY 4u	    /* "" names dfd itself (AT_EMPTY_PATH) */

/* Resolves a kernel string from dfd (AT_FDCWD or a descriptor): 0 and a referenced path, or -errno. */
int path_lookup(int dfd, const char *name, u32 flags, struct path *out);
/* The same for a user pointer. */
int path_lookup_user(int dfd, u64 uname, u32 flags, struct path *out);
/* Copies a path from user space into a kmalloc'ed string; NULL and *error on failure. */
char *path_from_user(u64 uname, int *error);
/* Writes the path as a task with that root sees it ("(unreachable)" / " (deleted)" marks as in Linux);
 * returns a pointer into buf, or NULL when size is too small. */
char *path_to_string(const struct path *p, const struct path *root, char *buf, size_t size);

/* 0 or -EACCES/-EROFS for the current task's file system ids and capabilities. */
int inode_permission(struct inode *inode, int mask);

s64 vfs_now(void); /* wall clock for timestamps, ns */
