/* SPDX-License-Identifier: MIT */
/*
 * text.h: text that grows while it is written: the contents of files in /proc and /sys.
 */
#pragma once

#include <uvm/types.h>

struct text {
	char *buf;
	size_t len, size;
	bool failed; /* out of memory: what is there is incomplete */
};

void text_printf(struct text *t, const char *fmt, ...) __printf(2, 3);
void text_write(struct text *t, const char *s, size_t len);
/* As in /proc/mounts: blank, tab, newline and backslash as octal. */
void text_escaped(struct text *t, const char *s);
void text_free(struct text *t);
