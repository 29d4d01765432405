/* SPDX-License-Identifier: MIT */
/*
 * file.h: open files, what they can do, and how bytes travel between them and user or kernel memory.
 */
#ifndef UVM_FILE_H
#define UVM_FILE_H

#include <uvm/types.h>
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
/* Move up to n bytes and advance; fewer than asked means a fault at that point (or the end). */
size_t iter_copy_to(struct iov_iter *it, const void *src, size_t n);
size_t iter_copy_from(struct iov_iter *it, void *dst, size_t n);
size_t iter_zero(struct iov_iter *it, size_t n);

struct dirent_sink; /* fs/file private: emits one directory entry */

enum mmap_kind {
	MMAP_NONE,  /* ENODEV */
	MMAP_PAGES, /* pages of file->inode's cache */
	MMAP_ANON,  /* as if anonymous: /dev/zero */
};

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
	enum mmap_kind mmap;
	bool stream; /* no position: pread gives ESPIPE */
};

struct file {
	u32 refs;
	u32 flags; /* O_* as F_GETFL shows them */
	bool can_read, can_write;
	u64 pos;
	struct path path; /* path.dentry may be NULL only for anonymous inodes without name */
	struct inode *inode;
	const struct file_ops *ops;
	void *private;
	u64 fh;		     /* file server's handle */
	u64 ra_next, ra_size;  /* read-ahead: the page expected next, window */
	struct mutex pos_lock; /* read/write/lseek/getdents on one file take turns */
	struct list_head epolls; /* epoll items that watch this file */
	int owner_pid, owner_signal; /* F_SETOWN, F_SETSIG */
};

struct file *file_get(struct file *f);
void file_put(struct file *f); /* may sleep at the last one */

/* Opens by path with the current task's rights: a referenced file, or NULL and *error. */
struct file *file_open(int dfd, const char *path, u32 flags, u32 mode, int *error);
/* For execve and execveat (at_flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW): regular, executable, mount not
 * noexec; counts as a running image (ETXTBSY) until file_put_exec. */
struct file *file_open_exec(int dfd, const char *path, int at_flags, int *error);
void file_put_exec(struct file *f);
/* Extra holders of an image that file_open_exec opened (fork). */
struct file *file_get_exec(struct file *f);
/* Set-id bits count here? (not with MS_NOSUID) */
bool file_may_setid(const struct file *f);
/* Kernel reads at an offset, without moving the position: bytes, short only at the end of file, or -errno. */
long file_read_at(struct file *f, void *buf, size_t len, u64 offset);
/* What mmap(2) of this file means; checks nothing else. */
enum mmap_kind file_mmap_kind(const struct file *f);
/* Anonymous shared memory and memfd: an unlinked tmpfs file of that size, or NULL and *error. */
struct file *shmem_file(const char *name, u64 size, int *error);
/* A file without a name in any directory (pipes, epoll, eventfd): takes over one reference of inode. */
struct file *file_anon(struct inode *inode, const struct file_ops *ops, u32 flags, void *private);

/* The name for /proc/pid/maps and exe: as path_to_string for the current root. */
char *file_name(const struct file *f, char *buf, size_t size);

#endif
