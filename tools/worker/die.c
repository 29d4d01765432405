/* SPDX-License-Identifier: MIT */
/*
 * die.c: messages of the worker on standard error, one write each, so that lines of several workers on
 * one pipe do not mix.
 */
#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *container = "worker";

void die_set_name(const char *name)
{
	container = name;
}

static void say(const char *format, va_list args, int error)
{
	char line[1024];
	size_t n, max = sizeof(line) - 1;

	n = (size_t)snprintf(line, max, "nacelle: %.200s: ", container);
	n += (size_t)vsnprintf(line + n, max - n, format, args);
	if (n < max && error)
		n += (size_t)snprintf(line + n, max - n, ": %s", strerror(error));
	if (n > max)
		n = max;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nobody listens: nothing more can be done */
}

noreturn void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, 0);
	va_end(args);
	_exit(WORKER_EXIT_FAILED);
}

noreturn void die_errno(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	say(format, args, error);
	va_end(args);
	_exit(WORKER_EXIT_FAILED);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, 0);
	va_end(args);
}
