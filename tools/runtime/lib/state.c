/* SPDX-License-Identifier: MIT */
/*
 * state.c: the state directory. Written by the command that starts a container, read by all others; every
 * write is a rename, so that a reader never sees half of it.
 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

#define STATE_FILE "state.json"
#define STATE_SIZE_MAX (1u << 20)
#define TICK_NS 10000000LL /* of start times in /proc: USER_HZ is 100 on x86-64 */

bool state_id_ok(const char *id)
{
	size_t n = strlen(id);

	return n >= 1 && n <= STATE_ID_MAX && id[0] != '.' && id[0] != '-' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-") == n;
}

static int make_path(char *path, size_t size, const char *root, const char *id, struct error *e)
{
	if ((size_t)snprintf(path, size, "%s/%s", root, id) >= size)
		return error_set(e, "the state directory's path is too long");
	return 0;
}

static int make_directory(const char *root, const char *path)
{
	if (mkdir(path, 0711) == 0)
		return 0;
	if (errno != ENOENT || (mkdir(root, 0711) < 0 && errno != EEXIST))
		return -1;
	return mkdir(path, 0711);
}

int state_claim(const char *root, const char *id, struct error *e)
{
	char path[4096];
	int fd;

	if (make_path(path, sizeof(path), root, id, e) < 0)
		return -1;
	if (make_directory(root, path) < 0) {
		if (errno == EEXIST)
			return error_set(
				e, "a container \"%s\" exists already: delete it or take another name", id);
		return error_errno(e, "cannot create %s", path);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_errno(e, "cannot lock %s", path);
	return fd;
}

int state_save(int dir, const struct state *s, struct error *e)
{
	json_t *json;
	char *text;
	int result;

	json = json_pack("{s:i, s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:O?}", "version", 1, "id", s->id,
			 "pid", (int)s->pid, "bundle", s->bundle, "rootfs", s->rootfs, "cgroup", s->cgroup,
			 "startedAfter", (json_int_t)s->started_after, "startedBefore",
			 (json_int_t)s->started_before, "created", (json_int_t)s->created, "annotations",
			 s->annotations);
	text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	json_decref(json);
	if (!text)
		return error_set(
			e, "the container's state cannot be written as JSON (its bundle's path is no UTF-8)");
	result = file_replace(dir, STATE_FILE, text, strlen(text), e);
	free(text);
	return result;
}

static int unpack(struct state *s, struct error *e)
{
	json_error_t where;
	json_int_t after, before, created;
	char *bundle, *rootfs, *cgroup;
	int pid;

	if (json_unpack_ex(s->json, &where, 0, "{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:o}", "pid", &pid,
			   "bundle", &bundle, "rootfs", &rootfs, "cgroup", &cgroup, "startedAfter", &after,
			   "startedBefore", &before, "created", &created, "annotations", &s->annotations) < 0)
		return error_set(e, "its state.json is damaged: %s", where.text);
	s->bundle = bundle;
	s->rootfs = rootfs;
	s->cgroup = cgroup;
	s->pid = pid;
	s->started_after = after;
	s->started_before = before;
	s->created = created;
	return 0;
}

static int load(int dir, struct state *s, struct error *e)
{
	json_error_t where;
	size_t size;
	char *text = file_read(dir, STATE_FILE, STATE_SIZE_MAX, &size, e);

	if (!text)
		return -1;
	s->json = json_loadb(text, size, 0, &where);
	free(text);
	if (!s->json)
		return error_set(e, "its state.json is damaged: %s", where.text);
	return unpack(s, e);
}

int state_load(const char *root, const char *id, struct state *s, struct error *e)
{
	char path[4096];
	int dir, result;

	memset(s, 0, sizeof(*s));
	if (!state_id_ok(id))
		return error_set(e, "\"%.200s\" is no name of a container", id);
	strcpy(s->id, id);
	if (make_path(path, sizeof(path), root, id, e) < 0)
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(e, "there is no container \"%s\"", id);
	result = load(dir, s, e);
	close(dir);
	if (result < 0) {
		state_free(s);
		error_wrap(e, "container \"%s\"", id);
	}
	return result;
}

void state_free(struct state *s)
{
	json_decref(s->json);
	s->json = NULL;
}

int state_remove(const char *root, const char *id, struct error *e)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir;

	if (make_path(path, sizeof(path), root, id, e) < 0)
		return -1;
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : error_errno(e, "cannot open %s", path);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	if (rmdir(path) < 0 && errno != ENOENT)
		return error_errno(e, "cannot remove %s", path);
	return 0;
}

bool state_is_abandoned(const char *root, const char *id)
{
	char path[4096];
	struct error ignored;
	bool free_to_lock;
	int fd;

	if (make_path(path, sizeof(path), root, id, &ignored) < 0)
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	free_to_lock = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return free_to_lock;
}

/* Field 22 of /proc/<pid>/stat, behind the command name in parentheses: clock ticks since boot. */
static long long start_ticks(pid_t pid)
{
	char buffer[1024], *p;
	ssize_t n;
	int fd;

	snprintf(buffer, sizeof(buffer), "/proc/%d/stat", pid);
	fd = open(buffer, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	buffer[n] = 0;
	p = strrchr(buffer, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p, NULL, 10) : -1;
}

/* The pidfd is opened first: if the process behind it is the right one, it stays the right one. */
int state_open_worker(const struct state *s)
{
	long long ticks;
	int fd;

	if (s->pid <= 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (fd < 0)
		return -1;
	ticks = start_ticks(s->pid);
	if (ticks >= s->started_after / TICK_NS && ticks <= s->started_before / TICK_NS)
		return fd;
	close(fd);
	return -1;
}

char **state_list(const char *root, struct error *e)
{
	size_t count = 0, room = 16;
	char **list = malloc(room * sizeof(*list));
	struct dirent *entry;
	DIR *dir = opendir(root);

	if (!dir && errno != ENOENT) {
		error_errno(e, "cannot open %s", root);
		free(list);
		return NULL;
	}
	while (list && dir && (entry = readdir(dir))) {
		if (!state_id_ok(entry->d_name))
			continue;
		if (count + 1 == room)
			list = realloc(list, (room *= 2) * sizeof(*list));
		if (list)
			list[count++] = strdup(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (list)
		list[count] = NULL;
	else
		error_set(e, "out of memory");
	return list;
}
