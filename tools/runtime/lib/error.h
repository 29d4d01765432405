/* SPDX-License-Identifier: MIT */
/*
 * error.h: why something failed, as one line for people. Functions that can fail take a struct error and
 * return -1 (or NULL) after filling it; callers may put context in front. Warnings are printed at once.
 */
#ifndef RUNTIME_ERROR_H
#define RUNTIME_ERROR_H

struct error {
	char text[1024];
};

/* Fills the error; always -1, so that `return error_set(…)` reads well. */
int error_set(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with ": <strerror(errno)>" behind it. */
int error_errno(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "<context>: " in front of the text; always -1. */
int error_wrap(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
