/* SPDX-License-Identifier: MIT */
/*
 * files.c: reads and replaces small files.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_open(int fd, const char *name, size_t max, size_t *size, struct error *e)
{
	struct stat st;
	ssize_t n = 0;
	size_t done = 0;
	char *text;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		error_set(e, "%s is not a file", name);
		return NULL;
	}
	if ((size_t)st.st_size > max) {
		error_set(e, "%s is larger than %zu bytes", name, max);
		return NULL;
	}
	text = malloc((size_t)st.st_size + 1);
	while (text && done < (size_t)st.st_size &&
	       (n = read(fd, text + done, (size_t)st.st_size - done)) > 0)
		done += (size_t)n;
	if (!text || n < 0) {
		error_errno(e, "cannot read %s", name);
		free(text);
		return NULL;
	}
	text[done] = 0;
	*size = done;
	return text;
}

char *file_read(int dir, const char *name, size_t max, size_t *size, struct error *e)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;

	if (fd < 0) {
		error_errno(e, "cannot open %s", name);
		return NULL;
	}
	text = read_open(fd, name, max, size, e);
	close(fd);
	return text;
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0)
			return -1;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

int file_replace(int dir, const char *name, const char *text, size_t size, struct error *e)
{
	char next[4096];
	int fd;

	if (snprintf(next, sizeof(next), "%s.new.%d", name, getpid()) >= (int)sizeof(next))
		return error_set(e, "the path %s is too long", name);
	fd = openat(dir, next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return error_errno(e, "cannot create %s", next);
	if (write_all(fd, text, size) < 0) {
		error_errno(e, "cannot write %s", next);
		close(fd);
		unlinkat(dir, next, 0);
		return -1;
	}
	close(fd);
	if (renameat(dir, next, dir, name) < 0) {
		error_errno(e, "cannot replace %s", name);
		unlinkat(dir, next, 0);
		return -1;
	}
	return 0;
}
