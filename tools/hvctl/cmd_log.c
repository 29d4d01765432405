// SPDX-License-Identifier: MIT
/*
 * cmd_log.c: hvctl log: what the hypervisor has said since it started, as far as its ring still has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvctl.h"

#define FOLLOW_NS 200000000

static void append(char **text, size_t *length, const struct hv_ext_log_chunk *chunk)
{
	char *more = realloc(*text, *length + chunk->length + 1);

	if (!more)
		die("out of memory");
	memcpy(more + *length, chunk->text, chunk->length);
	*length += chunk->length;
	more[*length] = '\0';
	*text = more;
}

static int log_json(void)
{
	struct hv_ext_log_chunk chunk;
	char *text = NULL;
	size_t length = 0;
	u64 next = 0, first = 0;

	do {
		device_log(next, &chunk);
		if (!length)
			first = chunk.position;
		append(&text, &length, &chunk);
		next = chunk.next;
	} while (chunk.length);
	print_json(json_pack("{s:I,s:I,s:s%}", "position", (json_int_t)first, "next", (json_int_t)next,
			     "text", text, length));
	free(text);
	return 0;
}

int cmd_log(bool json, bool follow)
{
	const struct timespec pause = {.tv_nsec = FOLLOW_NS};
	struct hv_ext_log_chunk chunk;
	u64 next = 0;

	if (json)
		return log_json();
	for (;;) {
		device_log(next, &chunk);
		if (fwrite(chunk.text, 1, chunk.length, stdout) != chunk.length || fflush(stdout))
			die("cannot write the log");
		next = chunk.next;
		if (chunk.length)
			continue;
		if (!follow)
			return 0;
		nanosleep(&pause, NULL);
	}
}
