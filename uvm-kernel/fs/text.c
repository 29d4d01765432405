/* SPDX-License-Identifier: MIT */
/*
 * Growing text, see text.h.
 */
#include "text.h"

#include <uvm/kernel.h>

static bool room(struct text *t, size_t more)
{
	size_t size = t->size ? t->size : 512;
	char *buf;

	if (t->failed)
		return false;
	if (t->len + more <= t->size)
		return true;
	while (size < t->len + more)
		size *= 2;
	buf = krealloc(t->buf, size);
	if (!buf) {
		t->failed = true;
		return false;
	}
	t->buf = buf;
	t->size = size;
	return true;
}

void text_write(struct text *t, const char *s, size_t len)
{
	if (!room(t, len))
		return;
	memcpy(t->buf + t->len, s, len);
	t->len += len;
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !room(t, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(t->buf + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

void text_escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\\')
			text_printf(t, "\\%03o", (unsigned int)(u8)*s);
		else
			text_write(t, s, 1);
	}
}

void text_free(struct text *t)
{
	kfree(t->buf);
	*t = (struct text){0};
}
