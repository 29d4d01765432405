/* SPDX-License-Identifier: MIT */
/*
 * launch.c: checks the launch block. Pure: no system calls, no memory of its own; what the fields mean is
 * the business of those who use them.
 */
#include "launch.h"

#include <string.h>

/* Offset of the byte behind the NUL of the string at `offset`; 0 if it runs out of the block. */
static size_t string_end(const struct launch *l, size_t offset)
{
	const char *base = (const char *)l;
	const char *nul;

	if (offset < sizeof(*l) || offset >= l->size)
		return 0;
	nul = memchr(base + offset, 0, l->size - offset);
	return nul ? (size_t)(nul - base) + 1 : 0;
}

static bool string_ok(const struct launch *l, u32 offset)
{
	return string_end(l, offset) != 0;
}

static bool optional_ok(const struct launch *l, u32 offset)
{
	return offset == 0 || string_ok(l, offset);
}

static bool list_ok(const struct launch *l, u32 count, u32 offset, u32 max)
{
	size_t at = offset;

	if (count > max)
		return false;
	for (u32 i = 0; i < count; i++) {
		at = string_end(l, at);
		if (!at)
			return false;
	}
	return true;
}

static bool array_ok(const struct launch *l, u32 count, u32 offset, u32 max, size_t size)
{
	if (count == 0)
		return true;
	return count <= max && offset % sizeof(u32) == 0 && offset >= sizeof(*l) && offset <= l->size &&
	       count * size <= l->size - offset;
}

static bool mount_ok(const struct launch *l, const struct launch_mount *m)
{
	if (m->kind <= BOOT_MOUNT_ROOT || m->kind > BOOT_MOUNT_CGROUP)
		return false;
	if (m->kind == BOOT_MOUNT_BIND && !m->source)
		return false;
	return string_ok(l, m->target) && launch_string(l, m->target)[0] == '/' &&
	       optional_ok(l, m->source) && optional_ok(l, m->type) && optional_ok(l, m->data);
}

static const char *check_mounts(const struct launch *l)
{
	const struct launch_mount *m = (const void *)((const char *)l + l->mounts);

	if (!array_ok(l, l->mount_count, l->mounts, BOOT_BLOCK_MOUNTS_MAX - 1, sizeof(*m)))
		return "its list of mounts lies outside";
	for (u32 i = 0; i < l->mount_count; i++)
		if (!mount_ok(l, &m[i]))
			return "one of its mounts is malformed";
	return NULL;
}

static const char *check_process(const struct launch *l)
{
	if (l->argc == 0 || !list_ok(l, l->argc, l->argv, BOOT_BLOCK_ARGS_MAX))
		return "its arguments are malformed";
	if (!list_ok(l, l->envc, l->envp, BOOT_BLOCK_ARGS_MAX))
		return "its environment is malformed";
	if (!array_ok(l, l->group_count, l->groups, BOOT_BLOCK_GROUPS_MAX, sizeof(u32)))
		return "its groups lie outside";
	if (!string_ok(l, l->cwd) || launch_string(l, l->cwd)[0] != '/')
		return "its working directory is malformed";
	return NULL;
}

const char *launch_check(const struct launch *l, size_t size)
{
	const char *why;

	if (size < sizeof(*l) || size > LAUNCH_SIZE_MAX || l->magic != LAUNCH_MAGIC || l->size != size)
		return "it is no launch block";
	if (l->version != LAUNCH_VERSION)
		return "its version is not the worker's (nacelle and nacelle-worker differ in age)";
	if (l->vp_count == 0 || l->vp_count > 64)
		return "the number of virtual processors is out of range";
	if (!string_ok(l, l->id) || !string_ok(l, l->rootfs) || !string_ok(l, l->kernel))
		return "a path is malformed";
	if (!optional_ok(l, l->netns) || !optional_ok(l, l->hostname) || !optional_ok(l, l->domainname))
		return "a name is malformed";
	why = check_process(l);
	return why ? why : check_mounts(l);
}
