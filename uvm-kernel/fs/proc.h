/* SPDX-License-Identifier: MIT */
/*
 * proc.h: how /proc is put together: a fixed tree of text files, and per process and thread a table of
 * entries that are looked up anew each time.
 */
#pragma once

#include "fs.h"
#include "text.h"

#define PROC_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572

/* A fixed file: its path below the root, and what it says: show's words, or a line with text, or the number.
 * A path that ends with a slash is a directory's. */
struct text_file {
	const char *path;
	void (*show)(struct text *t);
	void (*show_number)(struct text *t, u64 number);
	const char *text;
	u64 number;
};

/* Makes the files, and the directories on the way, in a tree of pinned dentries. */
int text_tree_add(struct superblock *sb, const struct text_file *files, u32 count);
/* The text of an open file is made by make when it is read from the start, and kept with it. */
long text_file_read(struct file *f, struct iov_iter *to, u64 *pos,
		    void (*make)(struct text *t, struct file *f));
void text_file_release(struct file *f);
s64 text_file_seek(struct file *f, s64 offset, int whence);
/* A superblock whose root is such a tree. */
struct superblock *text_tree_make(const char *fstype, u64 magic, int *error);

struct proc_inode;

/* An entry of /proc/PID, /proc/PID/task/TID or ns below it. At most one of show, link and dir is there. */
struct proc_entry {
	const char *name;
	u32 mode;	   /* with its type */
	bool private;	   /* only for those who might trace the process */
	bool process_only; /* not below task/ */
	void (*show)(struct text *t, struct task *task);
	int (*store)(struct task *task, const char *value);
	int (*link)(struct task *task, const struct proc_entry *e, struct path *out);
	u32 number; /* of a namespace */
	const struct inode_ops *dir;
	const struct file_ops *dir_fops;
};

struct proc_inode {
	struct inode inode; /* first */
	const struct proc_entry *entry;
	pid_t pid, tid; /* tid 0: the process itself */
	int fd;
};

static inline struct proc_inode *proc_of(const struct inode *inode)
{
	return container_of(inode, struct proc_inode, inode);
}

/* proc_pid.c */
extern const struct inode_ops proc_root_ops, proc_self_ops;
extern const struct file_ops proc_root_fops;
struct proc_inode *proc_new(struct superblock *sb, u32 mode, pid_t pid, pid_t tid, u32 number);
/* The thread an inode speaks of: NULL when it is gone. No reference. */
struct task *proc_task(const struct inode *inode);
bool proc_may_look(struct task *t);
int proc_getattr(struct inode *inode);
long proc_readlink(struct inode *inode, char *buf, size_t size);
extern const struct inode_ops proc_text_ops, proc_link_ops;

/* proc_fd.c */
extern const struct inode_ops proc_fd_ops, proc_fdinfo_ops;
extern const struct file_ops proc_fd_fops;

/* The table and its files' contents: proc_pid_text.c, proc_pid_mem.c */
extern const struct proc_entry proc_entries[];
extern const u32 proc_entry_count;
void proc_stat(struct text *t, struct task *task);
void proc_statm(struct text *t, struct task *task);
void proc_status(struct text *t, struct task *task);
void proc_cmdline(struct text *t, struct task *task);
void proc_environ(struct text *t, struct task *task);
void proc_maps(struct text *t, struct task *task);
void proc_smaps(struct text *t, struct task *task);
void proc_auxv(struct text *t, struct task *task);
void proc_limits(struct text *t, struct task *task);
void proc_mounts(struct text *t, struct task *task);
void proc_mountinfo(struct text *t, struct task *task);
int proc_link_ns(struct task *task, const struct proc_entry *e, struct path *out);
void proc_mem_lines(struct text *t, struct task *task); /* Vm* of status */

/* sysfs.c */
void sysfs_show_cpus(struct text *t); /* "0" or "0-3" */

/* proc_system.c, proc_sys.c */
/* What all processes have used and the VPs have left, ns. */
void cpu_time_total(u64 *user, u64 *system, u64 *idle);
extern const struct text_file proc_system_files[];
extern const u32 proc_system_count;
extern const struct text_file proc_sys_files[];
extern const u32 proc_sys_count;
/* net/inet_proc.c */
extern const struct text_file proc_net_files[];
extern const u32 proc_net_count;
