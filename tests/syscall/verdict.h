/* SPDX-License-Identifier: MIT */
/*
 * Exit codes by which a test's process tells the driver how it went. Anything else, and death by a
 * signal, is a failure too.
 */
#ifndef TESTS_SYSCALL_VERDICT_H
#define TESTS_SYSCALL_VERDICT_H

#define VERDICT_PASS 0
#define VERDICT_FAIL 1
#define VERDICT_SKIP 77

/* Names of helpers.c, for `--helper NAME`; returns the exit code. */
int run_helper(int argc, char **argv, char **envp);

#endif
