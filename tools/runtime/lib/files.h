/* SPDX-License-Identifier: MIT */
/*
 * files.h: small whole files.
 */
#ifndef RUNTIME_FILES_H
#define RUNTIME_FILES_H

#include <stddef.h>

#include "error.h"

/* The content of a regular file of at most `max` bytes, NUL-terminated, in memory of its own. */
char *file_read(int dir, const char *name, size_t max, size_t *size, struct error *e);

/* Replaces a file by a new one with this content: readers see the old or the new one, never a part. */
int file_replace(int dir, const char *name, const char *text, size_t size, struct error *e);

#endif
