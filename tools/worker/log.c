/* SPDX-License-Identifier: MIT */
/*
 * log.c: prints from the guest kernel's log ring. Its counter and its text are the guest's word only:
 * the counter is read once, and whatever is not printable becomes a question mark.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "log.h"
#include "machine.h"

#define TAIL 4096 /* bytes */

static u64 ring_size(void)
{
	return machine.log_size - sizeof(u64);
}

static u64 ring_end(void)
{
	u64 end;

	memcpy(&end, machine.log, sizeof(end));
	return end;
}

/* count <= TAIL bytes that end before the position end. */
static void get(char *text, u64 end, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u8 c = machine.log[sizeof(u64) + (end - count + i) % ring_size()];

		text[i] = (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' ? (char)c : '?';
	}
}

static void print(u64 end, u64 count)
{
	char text[TAIL];
	ssize_t written;

	get(text, end, count);
	written = write(STDERR_FILENO, text, count);
	(void)written; /* nobody listens: nothing more can be done */
}

static u64 tail_size(u64 end)
{
	u64 count = end < ring_size() ? end : ring_size();

	return count < TAIL ? count : TAIL;
}

void log_show_tail(void)
{
	u64 end = ring_end();

	print(end, tail_size(end));
}

static const char *advice(int error)
{
	switch (error) {
	case ENOENT:
		return "the path is not in the container's root file system";
	case EACCES:
	case EPERM:
		return "is it executable for the container's user, and each directory on the way to it?";
	case ENOEXEC:
		return "it is neither an x86-64 program nor a script that names its interpreter";
	case ELIBBAD:
		return "the program's interpreter (dynamic linker) is no x86-64 program";
	case EROFS:
		return "the mount point is missing and the root file system is read-only: make it in the "
		       "image";
	case ENOTDIR:
	case EISDIR:
		return "of a mount and its mount point one is a directory and the other is not";
	case ENOMEM:
		return "give the container more memory (linux.resources.memory.limit)";
	default:
		return "see docs/debugging.md";
	}
}

void log_explain_start(void)
{
	static const char mark[] = ": error ";
	char text[TAIL + 1];
	const char *at = text, *last = NULL, *name;
	u64 end = ring_end(), count = tail_size(end);
	int error;

	print(end, count);
	get(text, end, count);
	text[count] = 0;
	while ((at = strstr(at, mark)))
		last = at += sizeof(mark) - 1;
	error = last ? atoi(last) : 0;
	name = strerrorname_np(error);
	if (error && name)
		warn("%s (%s): %s", name, strerror(error), advice(error));
}

void log_follow(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static u64 shown;
	u64 end;

	pthread_mutex_lock(&lock);
	end = ring_end();
	if (end - shown > ring_size())
		shown = end - ring_size();
	while (shown != end) {
		u64 count = end - shown < TAIL ? end - shown : TAIL;

		shown += count;
		print(shown, count);
	}
	pthread_mutex_unlock(&lock);
}
