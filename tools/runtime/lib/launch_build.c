/* SPDX-License-Identifier: MIT */
/*
 * launch_build.c: lays strings and lists out behind the header, in one pass over a buffer of the largest size
 * that the worker takes.
 */
#include "launch_build.h"

#include <launch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DEFAULT_MEMORY (512ULL << 20)
#define DEFAULT_STACK (8ULL << 20)
#define DEFAULT_FILES 1024
#define DEFAULT_FILES_MAX 4096

struct builder {
	struct launch *launch;
	size_t used;
	bool overflow;
};

static u32 put(struct builder *b, const void *data, size_t length)
{
	size_t at = b->used;

	if (length > LAUNCH_SIZE_MAX - b->used) {
		b->overflow = true;
		return 0;
	}
	if (length)
		memcpy((u8 *)b->launch + at, data, length);
	b->used += length;
	return (u32)at;
}

static u32 put_string(struct builder *b, const char *s)
{
	return s ? put(b, s, strlen(s) + 1) : 0;
}

static void put_align(struct builder *b)
{
	static const u8 zero[8];

	put(b, zero, -b->used & 7);
}

/* An absolute path, taken relative to the bundle if it is none. */
static u32 put_path(struct builder *b, const char *bundle, const char *path)
{
	u32 at;

	if (path[0] == '/')
		return put_string(b, path);
	at = put(b, bundle, strlen(bundle));
	put(b, "/", 1);
	put_string(b, path);
	return at;
}

static u32 put_list(struct builder *b, const struct config_strings *s)
{
	u32 at = (u32)b->used;

	for (u32 i = 0; i < s->count; i++)
		put_string(b, s->list[i]);
	return at;
}

static void put_mounts(struct builder *b, const struct launch_source *source)
{
	const struct config *c = source->config;
	struct launch_mount list[BOOT_BLOCK_MOUNTS_MAX];

	for (u32 i = 0; i < c->mount_count; i++) {
		const struct config_mount *m = &c->mounts[i];

		list[i] = (struct launch_mount){
			.kind = m->kind,
			.flags = m->flags,
			.target = put_string(b, m->target),
			.type = put_string(b, m->type),
			.data = put_string(b, m->data),
		};
		list[i].source = m->kind == BOOT_MOUNT_BIND ? put_path(b, source->bundle, m->source)
							    : put_string(b, m->source);
	}
	put_align(b);
	b->launch->mount_count = c->mount_count;
	b->launch->mounts = put(b, list, c->mount_count * sizeof(list[0]));
}

static void set_rlimits(struct launch *l, const struct config *c)
{
	for (int i = 0; i < 16; i++)
		l->rlimits[i] = c->rlimit_set[i] ? c->rlimits[i] : (struct boot_rlimit){~0ULL, ~0ULL};
	if (!c->rlimit_set[RLIMIT_STACK])
		l->rlimits[RLIMIT_STACK].cur = DEFAULT_STACK;
	if (!c->rlimit_set[RLIMIT_NOFILE])
		l->rlimits[RLIMIT_NOFILE] = (struct boot_rlimit){DEFAULT_FILES, DEFAULT_FILES_MAX};
	if (!c->rlimit_set[RLIMIT_CORE])
		l->rlimits[RLIMIT_CORE].cur = 0;
}

/* A number of processors was asked for, or as many as the CPU quota can keep busy. */
static u32 vp_count(const struct config *c)
{
	const struct config_resources *r = &c->resources;
	long long period = r->cpu_period > 0 ? r->cpu_period : 100000;
	long long n;

	if (c->vps)
		return c->vps;
	if (r->cpu_quota <= 0)
		return 1;
	n = (r->cpu_quota + period - 1) / period;
	return n < 1 ? 1 : n > CONFIG_VPS_MAX ? CONFIG_VPS_MAX : (u32)n;
}

static void set_numbers(struct launch *l, const struct config *c)
{
	const struct config_resources *r = &c->resources;

	l->magic = LAUNCH_MAGIC;
	l->version = LAUNCH_VERSION;
	l->memory_bytes = r->memory_limit > 0 ? (u64)r->memory_limit : DEFAULT_MEMORY;
	l->vp_count = vp_count(c);
	l->flags = (c->root_readonly ? LAUNCH_ROOT_READONLY : 0) | (c->strace ? LAUNCH_STRACE : 0) |
		   (c->new_network ? LAUNCH_NEW_NETWORK : 0) | (c->terminal ? LAUNCH_TERMINAL : 0);
	l->log_level = 2;
	l->pids_max = r->pids_limit > 0 && r->pids_limit < UINT32_MAX ? (u32)r->pids_limit : 0;
	l->cpu_quota = r->cpu_quota > 0 && r->cpu_quota < UINT32_MAX ? (u32)r->cpu_quota : 0;
	l->cpu_period = r->cpu_period > 0 && r->cpu_period < UINT32_MAX ? (u32)r->cpu_period : 100000;
	l->uid = c->uid;
	l->gid = c->gid;
	l->umask = c->umask;
	l->cap_effective = c->cap_effective;
	l->cap_permitted = c->cap_permitted;
	l->cap_inheritable = c->cap_inheritable;
	l->cap_bounding = c->cap_bounding;
	l->cap_ambient = c->cap_ambient;
	l->no_new_privs = c->no_new_privileges;
	l->oom_score_adj = c->oom_score_adj;
	set_rlimits(l, c);
}

static void put_everything(struct builder *b, const struct launch_source *source)
{
	const struct config *c = source->config;
	struct launch *l = b->launch;

	set_numbers(l, c);
	l->id = put_string(b, source->id);
	l->rootfs = put_path(b, source->bundle, c->root_path);
	l->kernel = put_string(b, source->kernel);
	l->netns = put_string(b, c->netns);
	l->cwd = put_string(b, c->cwd);
	l->hostname = put_string(b, c->hostname);
	l->domainname = put_string(b, c->domainname);
	l->argc = c->args.count;
	l->argv = put_list(b, &c->args);
	l->envc = c->env.count;
	l->envp = put_list(b, &c->env);
	put_align(b);
	l->group_count = c->group_count;
	l->groups = put(b, c->groups, c->group_count * sizeof(*c->groups));
	put_mounts(b, source);
}

void *launch_build(const struct launch_source *source, size_t *size, struct error *e)
{
	struct builder b = {.launch = calloc(1, LAUNCH_SIZE_MAX), .used = sizeof(struct launch)};
	const char *why;

	if (!b.launch) {
		error_set(e, "out of memory");
		return NULL;
	}
	put_everything(&b, source);
	b.launch->size = (u32)b.used;
	*size = b.used;
	why = b.overflow ? "arguments, environment and mounts are too long" : launch_check(b.launch, b.used);
	if (!why)
		return b.launch;
	error_set(e, "the container cannot be started: %s", why);
	free(b.launch);
	return NULL;
}
