/* SPDX-License-Identifier: MIT */
/*
 * error.c: builds error lines. Control characters from names and files never reach the terminal.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

int error_set(struct error *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	clean(e->text);
	return -1;
}

int error_errno(struct error *e, const char *format, ...)
{
	int error = errno;
	va_list args;
	size_t n;

	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(error));
	clean(e->text);
	return -1;
}

int error_wrap(struct error *e, const char *format, ...)
{
	char rest[sizeof(e->text)];
	va_list args;
	size_t n;

	memcpy(rest, e->text, sizeof(rest));
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", rest);
	clean(e->text);
	return -1;
}
