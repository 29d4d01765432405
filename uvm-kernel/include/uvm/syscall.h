/* SPDX-License-Identifier: MIT */
/*
 * System calls: prototypes of all handlers, expanded from syscalls.def, and the shape they share. A handler
 * returns a value or -errno and reads user memory only through uaccess.h, which this brings, as it does the
 * current task.
 */
#pragma once

#include <uvm/task.h>
#include <uvm/uaccess.h>

struct sysargs {
	u64 a[6];
};

struct file;
struct socket;

typedef long (*syscall_fn)(const struct sysargs *args);

#define SYS(nr, name, level, note) long sys_##name(const struct sysargs *args);
#define AS(nr, name, other, arguments, level, note) SYS(, name, , ) SYS(, other, , )
#define SOCK(nr, name, level, note)                                                             \
	long socket_##name(struct socket *s, const struct file *f, const struct sysargs *args); \
	SYS(, name, , )
#define NOSYS(nr, ...)
#include "../../syscalls.def"

/* How often numbers without a handler were called. */
extern u64 syscall_unknown_count;

/* Arguments as the C types a handler wants. */
#define ARG_INT(n) ((int)args->a[n])
#define ARG_UINT(n) ((unsigned int)args->a[n])
#define ARG_LONG(n) ((long)args->a[n])
#define ARG_U64(n) (args->a[n])
#define ARG_PTR(n) ((void __user *)args->a[n])
