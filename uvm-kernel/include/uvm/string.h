/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions for kernel memory, with the meaning the C library gives them. User memory is
 * only reached through uaccess.h.
 */
#pragma once

#include <uvm/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* Copies at most size - 1 bytes and always terminates; returns strlen(src), so >= size tells of a cut. */
size_t strlcpy(char *dst, const char *src, size_t size);

/* The whole string as a number in decimal: -1 when it is none, or more than max. */
s64 parse_decimal(const char *s, s64 max);
