/* SPDX-License-Identifier: MIT */
/*
 * fd.h: a process's table of open files, shared by clone(CLONE_FILES).
 */
#ifndef UVM_FD_H
#define UVM_FD_H

#include <uvm/types.h>

struct boot_block;
struct fd_table;
struct file;
struct task;

#define FD_CLOEXEC 1

/* The first task's table: 0, 1, 2 are the container's standard streams (less those that start closed). */
struct fd_table *fd_table_boot(const struct boot_block *boot, int *error);
struct fd_table *fd_table_get(struct fd_table *t);	 /* share */
struct fd_table *fd_table_clone(const struct fd_table *t); /* fork; NULL: out of memory */
void fd_table_put(struct fd_table *t);			 /* last one closes all; may sleep */
void fd_table_exec(struct fd_table *t);			 /* close what is close-on-exec; t not shared */

/* The current task's table. fd_file returns a reference, or NULL (EBADF). */
struct file *fd_file(int fd);
struct file *fd_file_path(int fd); /* also descriptors opened with O_PATH */
/* Lowest free descriptor >= min, below RLIMIT_NOFILE; takes over the caller's reference on success only. */
int fd_install(struct file *f, u32 o_cloexec, int min);
int fd_close(int fd);

/* For procfs and others: the table of another task. */
struct file *fd_table_file(const struct fd_table *t, int fd, u32 *fd_flags); /* reference */
int fd_table_next(const struct fd_table *t, int fd); /* lowest open descriptor >= fd, or -1 */
u32 fd_table_capacity(const struct fd_table *t);

#endif
