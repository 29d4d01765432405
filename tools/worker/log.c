/* SPDX-License-Identifier: MIT */
/*
 * log.c: prints from the guest kernel's log ring. Its counter and its text are the guest's word only:
 * the counter is read once, and whatever is not printable becomes a question mark.
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

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
static void print(u64 end, u64 count)
{
	char text[TAIL];
	ssize_t written;

	for (u64 i = 0; i < count; i++) {
		u8 c = machine.log[sizeof(u64) + (end - count + i) % ring_size()];

		text[i] = (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' ? (char)c : '?';
	}
	written = write(STDERR_FILENO, text, count);
	(void)written; /* nobody listens: nothing more can be done */
}

void log_show_tail(void)
{
	u64 end = ring_end(), count = end < ring_size() ? end : ring_size();

	print(end, count < TAIL ? count : TAIL);
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
