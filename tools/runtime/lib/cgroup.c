/* SPDX-License-Identifier: MIT */
/*
 * cgroup.c: creates, limits and removes the worker's cgroup. What the guest may use is bounded by its memory
 * size; the cgroup's memory limit leaves room for the worker and the hypervisor's tables on top.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
#define MEMORY_ALLOWANCE (32LL << 20) /* worker, page tables, deposits */
#define PIDS_ALLOWANCE 2	      /* the worker's threads that are no VP */

/* One file to write; the controller is the part of its name before the first dot. */
struct setting {
	const char *file;
	char value[64];
	const char *text; /* instead of value */
};

#define SETTINGS_MAX 16

struct settings {
	u32 count;
	struct setting list[SETTINGS_MAX];
};

static void add_number(struct settings *s, const char *file, long long n)
{
	struct setting *e = &s->list[s->count++];

	e->file = file;
	e->text = NULL;
	snprintf(e->value, sizeof(e->value), "%lld", n);
}

static void add_text(struct settings *s, const char *file, const char *text)
{
	s->list[s->count++] = (struct setting){.file = file, .text = text};
}

static void add_memory(struct settings *s, const struct config_resources *r)
{
	if (r->memory_limit > 0)
		add_number(s, "memory.max", r->memory_limit + MEMORY_ALLOWANCE);
	if (r->memory_reservation > 0)
		add_number(s, "memory.low", r->memory_reservation);
	if (r->memory_swap > 0)
		add_number(s, "memory.swap.max", r->memory_swap - r->memory_limit);
}

/* Shares 2..262144 of version 1 become weights 1..10000, as the specification's runtimes convert. */
static long long weight_of(long long shares)
{
	if (shares < 2)
		shares = 2;
	if (shares > 262144)
		shares = 262144;
	return 1 + (shares - 2) * 9999 / 262142;
}

static void add_cpu(struct settings *s, const struct config_resources *r)
{
	struct setting *e;

	if (r->cpu_shares > 0)
		add_number(s, "cpu.weight", weight_of(r->cpu_shares));
	if (r->cpu_quota > 0 || r->cpu_period > 0) {
		e = &s->list[s->count++];
		*e = (struct setting){.file = "cpu.max"};
		if (r->cpu_quota > 0)
			snprintf(e->value, sizeof(e->value), "%lld %lld", r->cpu_quota,
				 r->cpu_period > 0 ? r->cpu_period : 100000);
		else
			snprintf(e->value, sizeof(e->value), "max %lld", r->cpu_period);
	}
	if (r->cpu_burst > 0)
		add_number(s, "cpu.max.burst", r->cpu_burst);
	if (r->cpu_idle > 0)
		add_number(s, "cpu.idle", r->cpu_idle);
	if (r->cpus && r->cpus[0])
		add_text(s, "cpuset.cpus", r->cpus);
	if (r->mems && r->mems[0])
		add_text(s, "cpuset.mems", r->mems);
}

static void collect(struct settings *s, const struct config *c)
{
	s->count = 0;
	add_memory(s, &c->resources);
	add_cpu(s, &c->resources);
	if (c->resources.pids_limit > 0)
		add_number(s, "pids.max", c->resources.pids_limit + CONFIG_VPS_MAX + PIDS_ALLOWANCE);
}

static int write_file(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* Allows the children of a cgroup to use the controller of a file. */
static int enable(int dir, const char *file, struct error *e)
{
	size_t n = strcspn(file, ".");
	char text[64];

	snprintf(text, sizeof(text), "+%.*s", (int)n, file);
	if (write_file(dir, "cgroup.subtree_control", text) == 0)
		return 0;
	return error_errno(e, "the %.*s controller cannot be enabled for the container's cgroup", (int)n,
			   file);
}

static int enable_all(int dir, const struct settings *s, const struct config *c, struct error *e)
{
	for (u32 i = 0; i < s->count; i++) {
		const char *previous = i ? s->list[i - 1].file : "";
		size_t n = strcspn(s->list[i].file, ".") + 1;

		if (strncmp(previous, s->list[i].file, n) != 0 && enable(dir, s->list[i].file, e) < 0)
			return -1;
	}
	for (u32 i = 0; i < c->resources.unified_count; i++)
		if (enable(dir, c->resources.unified[i].file, e) < 0)
			return -1;
	return 0;
}

/* Makes and enters the next component of the path; controllers are enabled on the way down. */
static int descend(int dir, const char *name, const struct settings *s, const struct config *c,
		   struct error *e)
{
	int next;

	if (enable_all(dir, s, c, e) < 0)
		return -1;
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return error_errno(e, "cannot create the cgroup %s", name);
	next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return next < 0 ? error_errno(e, "cannot open the cgroup %s", name) : next;
}

static int make_path(int root, const char *path, const struct settings *s, const struct config *c,
		     struct error *e)
{
	char copy[4096], *rest = copy, *name;
	int dir = root;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((name = strtok_r(rest, "/", &rest))) {
		int next = strcmp(name, ".") ? descend(dir, name, s, c, e) : dup(dir);

		close(dir);
		if (next < 0)
			return -1;
		dir = next;
	}
	return dir;
}

static int apply(int dir, const struct settings *s, const struct config *c, struct error *e)
{
	for (u32 i = 0; i < s->count; i++) {
		const struct setting *x = &s->list[i];

		if (write_file(dir, x->file, x->text ? x->text : x->value) < 0)
			return error_errno(e, "cannot set %s to \"%s\"", x->file,
					   x->text ? x->text : x->value);
	}
	for (u32 i = 0; i < c->resources.unified_count; i++) {
		const struct config_unified *u = &c->resources.unified[i];

		if (write_file(dir, u->file, u->value) < 0)
			return error_errno(e, "config.json: linux.resources.unified: cannot set %s to \"%s\"",
					   u->file, u->value);
	}
	return 0;
}

static int open_root(void)
{
	struct statfs st;
	int fd = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (fstatfs(fd, &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC))
		return fd;
	close(fd);
	return -1;
}

int cgroup_create(const struct config *c, const char *id, char *path, size_t size, struct error *e)
{
	struct settings s;
	bool asked;
	int dir;

	collect(&s, c);
	asked = s.count || c->resources.unified_count || (c->cgroups_path && c->cgroups_path[0]);
	path[0] = 0;
	dir = open_root();
	if (dir < 0)
		return asked ? error_set(e, "config.json asks for limits, but no cgroup v2 is mounted "
					    "on " CGROUP_ROOT)
			     : CGROUP_NONE;
	if (c->cgroups_path && c->cgroups_path[0])
		snprintf(path, size, "%s", c->cgroups_path);
	else
		snprintf(path, size, "nacelle/%s", id);
	dir = make_path(dir, path, &s, c, e);
	if (dir < 0)
		return -1;
	if (apply(dir, &s, c, e) == 0)
		return dir;
	close(dir);
	return -1;
}

int cgroup_remove(const char *path, struct error *e)
{
	char full[4096];
	struct timespec pause = {.tv_nsec = 1000000};

	if (!path[0])
		return 0;
	snprintf(full, sizeof(full), CGROUP_ROOT "/%s", path);
	/* A process that has just been reaped may still be leaving. */
	for (int i = 0; i < 1000; i++) {
		if (rmdir(full) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		nanosleep(&pause, NULL);
	}
	return error_errno(e, "cannot remove the cgroup %s", full);
}
