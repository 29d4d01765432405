/* SPDX-License-Identifier: MIT */
/*
 * seccomp_rules.h: what the generator of the filter and confine.c agree on.
 */
#ifndef WORKER_SECCOMP_RULES_H
#define WORKER_SECCOMP_RULES_H

/* Stands for the process' own id until it is known. */
#define SECCOMP_OWN_PID 0x4e434c50u

/* ioctl numbers that the backend uses while the guest runs, ended by 0 (vm_*.c's companion vm_*_ioctls.c). */
extern const unsigned long vm_ioctls[];

#endif
