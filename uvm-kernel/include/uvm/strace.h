/* SPDX-License-Identifier: MIT */
/*
 * The built-in strace: what syscall.c and deliver.c tell it when the boot block asks for it.
 */
#pragma once

#include <uvm/types.h>

#define STRACE_LINE 256

struct siginfo;

/* The call with its arguments, before it is made; then the line as a whole with its result, or, where the
 * call may not come back, without one. */
void strace_call(char line[STRACE_LINE], const char *name, u64 nr, const u64 args[6]);
void strace_ends(const char line[STRACE_LINE]);
void strace_result(const char line[STRACE_LINE], long result);
/* A signal that is acted upon, and where the program was. */
void strace_signal(const struct siginfo *info, u64 rip);
