/* SPDX-License-Identifier: MIT */
/*
 * file.h: open files, what they can do, and how bytes travel between them and user or kernel memory.
 */
#pragma once

#include <uvm/vfs.h>

#define O_ACCMODE 03u
#define O_RDONLY 00u
#define O_WRONLY 01u
#define O_RDWR 02u
#define O_CREAT 0100u
#define O_EXCL 0200u
#define O_NOCTTY 0400u
#define O_TRUNC 01000u
#define O_APPEND 02000u
#define O_NONBLOCK 04000u
#define O_DSYNC 010000u
#define O_ASYNC 020000u
#define O_DIRECT 040000u
#define O_LARGEFILE 0100000u
#define O_DIRECTORY 0200000u
#define O_NOFOLLOW 0400000u
#define O_NOATIME 01000000u
#define O_CLOEXEC 02000000u
#define O_SYNC 04010000u
#define O_PATH 010000000u
#define O_TMPFILE 020200000u

#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_EACCESS 0x200
#define AT_REMOVEDIR 0x200
#define AT_SYMLINK_FOLLOW 0x400
#define AT_NO_AUTOMOUNT 0x800
#define AT_EMPTY_PATH 0x1000

struct poll_table;

struct iovec {
	u64 base;
	u64 len;
};

/* Where bytes come from or go to: a list of user ranges, or one kernel buffer. */
struct iov_iter {
	bool kernel;
	const struct iovec *vec;
	u32 count;
	u64 skip; /* into vec[0] */
	u64 left; /* bytes in all */
	struct iovec single;
};

void iter_user(struct iov_iter *it, u64 ubuf, u64 len);
void iter_kernel(struct iov_iter *it, void *buf, u64 len);
void iter_vec(struct iov_iter *it, const struct iovec *vec, u32 count);
/* Of user mode's ranges: 0, -EINVAL for lengths, -EFAULT for addresses that no process has. */
long iovec_check(const struct iovec *vec, u32 count);
/* Move up to n bytes and advance; fewer than asked means a fault at that point (or the end). */
size_t iter_copy_to(struct iov_iter *it, const void *src, size_t n);
size_t iter_copy_from(struct iov_iter *it, void *dst, size_t n);
size_t iter_zero(struct iov_iter *it, size_t n);
void iter_advance(struct iov_iter *it, u64 n); /* somebody else has moved n bytes */

struct dirent_sink; /* fs/fs.h: takes one directory entry */
struct text;

struct file_ops {
	/* Both advance *pos by what they moved; 0 at the end of the file; -errno. May sleep. */
	long (*read)(struct file *f, struct iov_iter *to, u64 *pos);
	long (*write)(struct file *f, struct iov_iter *from, u64 *pos);
	s64 (*seek)(struct file *f, s64 offset, int whence); /* NULL: ESPIPE */
	int (*getdents)(struct file *f, struct dirent_sink *sink);
	int (*open)(struct inode *inode, struct file *f);
	int (*flush)(struct file *f);	 /* at each close() of a descriptor */
	void (*release)(struct file *f); /* last reference */
	u32 (*poll)(struct file *f, struct poll_table *pt);
	long (*ioctl)(struct file *f, u32 cmd, u64 arg); /* -ENOTTY: not mine */
	int (*fsync)(struct file *f, bool data_only);
	void (*fdinfo)(struct file *f, struct text *t); /* more lines of /proc/PID/fdinfo */
	bool can_mmap;					/* the inode's page cache may be mapped */
	bool map_anonymous;				/* a mapping of it is new, zeroed memory: /dev/zero */
	bool stream;					/* no position: pread gives ESPIPE */
};

struct file {
	u32 refs;
	u32 flags;	/* O_* as F_GETFL shows them */
	u32 open_flags; /* as given to open */
	bool can_read, can_write;
	bool image; /* a running program's: counted in inode->exec_users */
	u64 pos;
	struct path path; /* path.mount is NULL for files without a name in the tree */
	struct inode *inode;
	const struct file_ops *ops;
	void *private;
	u64 fh;			     /* file server's handle */
	u64 ra_next, ra_size;	     /* read-ahead: the page expected next, window */
	u32 error_seq;		     /* errors of sending pages that it has heard of */
	struct mutex pos_lock;	     /* read/write/lseek/getdents on one file take turns */
	struct list epolls;	     /* epoll items that watch this file */
	int owner_pid, owner_signal; /* F_SETOWN, F_SETSIG */
	u32 owner_uid, owner_euid;   /* of who set the owner */
};

/* Waits in an operation on f for cond: 0, -ERESTARTSYS, -ETIMEDOUT, or -EAGAIN when f does not block. */
#define file_wait_until(f, q, cond, deadline) \
	((f)->flags & O_NONBLOCK && !(cond) ? -EAGAIN : wait_event_interruptible_until(q, cond, deadline))
#define file_wait(f, q, cond) file_wait_until(f, q, cond, NO_DEADLINE)

/* Opens by path with the current task's rights: a referenced file, or NULL and *error. */
struct file *file_open(int dfd, const char *path, u32 flags, u32 mode, int *error);
/* Opens what p names, without any check of rights. */
struct file *file_open_at(const struct path *p, u32 flags, int *error);
/* A file without a name in any directory (pipes, epoll, eventfd): takes over one reference of inode, also
 * when it fails with NULL and *error. The name is what /proc/pid/fd shows. */
struct file *file_anon(struct inode *inode, const char *name, const struct file_ops *ops, u32 flags,
		       void *private, int *error);

/* What the end of a file means for the epoll sets that watch it. */
void epoll_forget_file(struct file *f);
/* O_ASYNC: calls owner_signal for what happens to f from now on, or no longer. 0 or -ENOMEM. */
int epoll_async(int fd, struct file *f, bool on);

/* fs/owner.c: F_GETOWN, F_SETOWN (0, -EINVAL or -ESRCH); O_ASYNC on or off, -ENOTTY where nobody is told. */
long owner_get(const struct file *f);
int owner_set(struct file *f, int who);
int owner_watch(int fd, struct file *f, bool on);
void owner_signal(const struct file *f, int fd, u32 events);
