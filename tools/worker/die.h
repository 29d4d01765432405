/* SPDX-License-Identifier: MIT */
/*
 * die.h: the worker's last words: one line on standard error that says what, where and what to do, then
 * the exit status that tells `nacelle` and its callers that the container itself did not end this way.
 */
#ifndef WORKER_DIE_H
#define WORKER_DIE_H

#include <stdnoreturn.h>

#define WORKER_EXIT_FAILED 125

/* The container's name, put before every message. */
void die_set_name(const char *name);

/* Prints "nacelle: <name>: <message>" and ends the process. */
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with ": <strerror(errno)>" behind it. */
noreturn void die_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line, and on we go. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
