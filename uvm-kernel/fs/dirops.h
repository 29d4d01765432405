/* SPDX-License-Identifier: MIT */
/*
 * dirops.h: operations on the last component of a path, common to the old calls and their *at forms. Names
 * are kernel strings.
 */
#pragma once

#include <uvm/types.h>

int do_mkdirat(int dfd, const char *name, u32 mode);
int do_mknodat(int dfd, const char *name, u32 mode, u64 dev);
int do_symlinkat(const char *target, int dfd, const char *name);
int do_linkat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, u32 at_flags);
int do_unlinkat(int dfd, const char *name, bool is_dir);
int do_renameat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, u32 flags);

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE 2u

/* Linux's encodings of device numbers: 32 bits inside, 64 bits towards user mode. */
static inline u32 dev_major(u32 dev)
{
	return dev >> 8 & 0xfff;
}
static inline u32 dev_minor(u32 dev)
{
	return (dev & 0xff) | (dev >> 12 & 0xfff00);
}
static inline u32 dev_make(u32 major, u32 minor)
{
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}
