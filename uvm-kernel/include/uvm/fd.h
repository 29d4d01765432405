/* SPDX-License-Identifier: MIT */
/*
 * fd.h: a process's table of open files, shared by clone(CLONE_FILES). Counting and copying are in fsapi.h.
 */
#pragma once

#include <uvm/fsapi.h>

#define FD_CLOEXEC 1
#define FD_MAX (1u << 20) /* what RLIMIT_NOFILE may reach */

struct files {
	u32 refs;
	u32 size;	/* slots */
	u32 first_free; /* no free slot below */
	struct fd_slot {
		struct file *file; /* NULL: free */
		bool cloexec;
	} * slots;
};

struct files *files_new(void);

/* The current task's table. fd_file (fsapi.h) refuses descriptors opened with O_PATH, this one does not. */
struct file *fd_file_path(int fd);
/* Lowest free descriptor >= min, below RLIMIT_NOFILE; takes over the caller's reference on success only. */
int fd_install_from(struct file *f, bool cloexec, int min);
/* Exactly there, closing what was there (dup2). Takes over the reference on success only. */
int fd_install_at(struct file *f, bool cloexec, int fd);
/* Two descriptors into a user's array, or none: takes over both files; NULL counts as out of memory. */
long fd_give_two(struct file *const f[2], bool cloexec, u64 ufds);
bool fd_room(void); /* is there a free one now? */
int fd_close(int fd);
int fd_get_cloexec(int fd); /* 0, 1 or -EBADF */
int fd_set_cloexec(int fd, bool cloexec);

/* For procfs: the table of any task. */
struct file *files_file(const struct files *t, int fd, bool *cloexec); /* reference, or NULL */
int files_next(const struct files *t, int fd); /* lowest open descriptor >= fd, or -1 */
