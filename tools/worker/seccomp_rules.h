/* SPDX-License-Identifier: MIT */
/*
 * seccomp_rules.h: the generator of the filter, and what it and confine.c agree on.
 */
#ifndef WORKER_SECCOMP_RULES_H
#define WORKER_SECCOMP_RULES_H

#include <abi/types.h>
#include <linux/filter.h>

/* Stands for the process' own id until it is known. */
#define SECCOMP_OWN_PID 0x4e434c50u

/* ioctl numbers that the backend uses while the guest runs, ended by 0 (vm_*.c's companion vm_*_ioctls.c). */
extern const unsigned long vm_ioctls[];

/* The same filter with fewer instructions, into `out`, which has room for as many; answers how many, and 0
 * when it meets code that libseccomp does not make. */
size_t seccomp_shorten(const struct sock_filter *code, size_t count, struct sock_filter *out);

#endif
