/* SPDX-License-Identifier: MIT */
/*
 * What the core asks of the file side (fs/ and sys/{file,fd,dir,pipe,poll,ioctl}*.c), all implemented there.
 * Everything may sleep unless it says otherwise; errors are -errno.
 */
#pragma once

#include <uvm/types.h>

struct cred;
struct file;
struct files;
struct fs_context;
struct mapping;
struct page;
struct process;
struct task;

/* Once, on VP 0, as the init task, before its exec: mounts of the boot block, init's files (streams,
 * console), cwd. Sets current->files and current->fs. */
int fs_boot(void);

/* Descriptor tables and fs contexts (root, cwd, umask): counted, shared by CLONE_FILES / CLONE_FS. */
struct files *files_get(struct files *f);
struct files *files_copy(struct files *f); /* NULL when out of memory; does not sleep */
int files_unshare(void);		   /* the current task gets a table of its own: 0 or -ENOMEM */
void files_put(struct files *f);	   /* the last one closes everything */
int files_close_on_exec(struct files *f);
struct fs_context *fs_context_get(struct fs_context *fs);
struct fs_context *fs_context_copy(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);

/* Open files. */
struct file *file_get(struct file *f);
void file_put(struct file *f);
/* A local file reference, or NULL, that ends with its scope. */
#define __drop_file __attribute__((cleanup(file_drop)))
static inline void file_drop(struct file **f)
{
	if (*f)
		file_put(*f);
}
struct file *fd_file(int fd); /* with a reference, or NULL; O_PATH ones too? no: NULL */
/* Install f (takes the reference) at the lowest free descriptor; -EMFILE drops nothing. */
int fd_install(struct file *f, bool cloexec);
/* The same, but f's reference is gone in any case; for NULL the error. */
long fd_give(struct file *f, bool cloexec, int error);

/* A file that stands for a process; and back, NULL for any other file (or NULL). */
struct file *pidfd_file(struct process *p, u32 o_nonblock, int *error);
struct process *pidfd_process(const struct file *f);

/* exec: regular file, x permission, not on a noexec mount. dirfd and flags as execveat. */
struct exec_file {
	struct file *file;
	u32 mode; /* st_mode: set-id bits are zero on a nosuid mount */
	uid_t uid;
	gid_t gid;
};
int vfs_open_exec(int dirfd, const char *path, int flags, struct exec_file *out);
ssize_t vfs_read_at(struct file *f, void *kernel_buf, size_t len, u64 pos);
/* NUL-terminated absolute path as the current root sees it; length or -errno. Does not sleep. */
int file_path(struct file *f, char *buf, size_t size);

/* mmap. file_map_check: may this file be mapped so (access mode, type, noexec)? -EACCES, -ENODEV, -EPERM.
 * *never: VMA_NOWRITE and VMA_NOEXEC, what mprotect must not allow later. */
int file_map_check(struct file *f, int prot, int flags, u16 *never);
/* Also: -FILE_MAP_ANONYMOUS, "map anonymous memory instead" (/dev/zero). */
#define FILE_MAP_ANONYMOUS 4000
struct mapping *file_mapping(struct file *f); /* the inode's; does not sleep */
/* Page index of the file, with a reference, up to date. Beyond the end of file: -EFAULT (SIGBUS). */
int file_page(struct file *f, u64 index, struct page **out);
/* A shared, writable mapping is about to write the page (mark dirty, update mtime …). */
int file_page_write(struct file *f, struct page *p);
/* The same page only if it is in memory and up to date: with a reference, or NULL. Does not sleep. */
struct page *file_page_cached(struct file *f, u64 index);
int file_msync(struct file *f); /* all of its dirty pages are safe */
/* A file without a name for MAP_SHARED | MAP_ANONYMOUS (and memfd, SysV): tmpfs pages, demand zero. */
struct file *shmem_file(u64 size, const char *name);

/* What is dirty reaches the file server. */
void fs_sync_all(void);

/* Called by page_alloc when memory is short: drop up to count clean, unmapped cache pages. Does not sleep. */
u64 pagecache_shrink(u64 count);
/* The same with mapped pages, out of page tables: for callers that have no entry at hand. False: there are
 * hardly any. */
bool pagecache_unmap(void);

/* Called by page_put when nobody has a page of the window any more. Does not sleep. */
void window_put(struct page *p);

/* A session leader exits: its terminal is hung up. */
void tty_session_exit(struct process *p);
/* Its device number and foreground group, for /proc: 0 and -1 without. */
u32 tty_number(const struct process *p, pid_t *pgrp);
/* Before the machine ends: the worker has all that was written to the container's terminal or streams. May
 * sleep. */
void console_flush(void);

/* A control event of the worker for the container (signal to init): implemented by the core. */
void init_control_signal(int sig);
