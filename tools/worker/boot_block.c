/* SPDX-License-Identifier: MIT */
/*
 * boot_block.c: copies what the container's first process needs into the boot block. The launch block was
 * checked before (launch_check), so nothing here can fail; sizes are computed by the same walk.
 */
#include "boot_block.h"

#include <string.h>

/* Appends to the block, or only counts when there is none. */
struct cursor {
	u8 *block;
	u64 used;
};

static u32 put(struct cursor *c, const void *data, u64 length)
{
	u64 at = c->used;

	if (c->block)
		memcpy(c->block + at, data, length);
	c->used += length;
	return (u32)at;
}

static u32 put_string(struct cursor *c, const struct launch *l, u32 offset)
{
	const char *s = launch_string(l, offset);

	if (!s)
		s = "";
	return put(c, s, strlen(s) + 1);
}

static u32 put_list(struct cursor *c, const struct launch *l, u32 count, u32 offset)
{
	const char *first = (const char *)l + offset;
	const char *end = first;

	for (u32 i = 0; i < count; i++)
		end += strlen(end) + 1;
	return put(c, first, (u64)(end - first));
}

static void put_align(struct cursor *c)
{
	c->used = (c->used + 7) & ~7ULL;
}

static void put_mount(struct cursor *c, const struct launch *l, const struct launch_mount *m,
		      struct boot_mount *to)
{
	to->kind = m->kind;
	to->flags = m->flags;
	to->target_offset = put_string(c, l, m->target);
	to->source_offset = put_string(c, l, m->source);
	to->type_offset = put_string(c, l, m->type);
	to->data_offset = put_string(c, l, m->data);
}

static void put_root(struct cursor *c, const struct launch *l, struct boot_mount *to)
{
	to->kind = BOOT_MOUNT_ROOT;
	to->flags = l->flags & LAUNCH_ROOT_READONLY ? 1 : 0;
	to->target_offset = put(c, "/", 2);
	to->source_offset = put(c, "rootfs", 7);
	to->type_offset = put(c, "fuse", 5);
	to->data_offset = put(c, "", 1);
}

static void put_mounts(struct cursor *c, const struct launch *l, struct boot_block *b)
{
	const struct launch_mount *m = (const void *)((const u8 *)l + l->mounts);
	struct boot_mount scratch = {0};
	u64 array;

	put_align(c);
	array = c->used;
	c->used += (l->mount_count + 1) * sizeof(struct boot_mount);
	for (u32 i = 0; i <= l->mount_count; i++) {
		struct boot_mount *to = &scratch;

		if (c->block)
			to = (struct boot_mount *)(c->block + array) + i;
		if (i == 0)
			put_root(c, l, to);
		else
			put_mount(c, l, &m[i - 1], to);
	}
	b->mount_count = l->mount_count + 1;
	b->mounts_offset = (u32)array;
}

static void put_process(struct cursor *c, const struct launch *l, struct boot_block *b)
{
	b->argc = l->argc;
	b->argv_offset = put_list(c, l, l->argc, l->argv);
	b->envc = l->envc;
	b->envp_offset = put_list(c, l, l->envc, l->envp);
	b->cwd_offset = put_string(c, l, l->cwd);
	b->hostname_offset = put_string(c, l, l->hostname);
	b->domainname_offset = put_string(c, l, l->domainname);
	put_align(c);
	b->group_count = l->group_count;
	b->groups_offset = put(c, (const u8 *)l + l->groups, l->group_count * sizeof(u32));
}

static void copy_numbers(const struct launch *l, struct boot_block *b)
{
	b->uid = l->uid;
	b->gid = l->gid;
	b->umask = l->umask;
	b->cap_effective = l->cap_effective;
	b->cap_permitted = l->cap_permitted;
	b->cap_inheritable = l->cap_inheritable;
	b->cap_bounding = l->cap_bounding;
	b->cap_ambient = l->cap_ambient;
	b->no_new_privs = l->no_new_privs;
	b->oom_score_adj = l->oom_score_adj;
	b->strace = l->flags & LAUNCH_STRACE ? 1 : 0;
	b->log_level = l->log_level;
	b->pids_max = l->pids_max;
	b->cpu_quota = l->cpu_quota;
	b->cpu_period = l->cpu_period;
	b->vp_count = l->vp_count;
	memcpy(b->rlimits, l->rlimits, sizeof(b->rlimits));
}

static u64 walk(u8 *block, const struct launch *l, struct boot_block *header)
{
	struct cursor c = {block, sizeof(*header)};

	put_process(&c, l, header);
	put_mounts(&c, l, header);
	return c.used;
}

u64 boot_block_size(const struct launch *launch)
{
	struct boot_block header;

	return walk(NULL, launch, &header);
}

void boot_block_fill(struct boot_block *block, const struct launch *launch)
{
	block->magic = BOOT_BLOCK_MAGIC;
	block->version = BOOT_BLOCK_VERSION;
	copy_numbers(launch, block);
	block->size = (u32)walk((u8 *)block, launch, block);
}

struct boot_mount *boot_block_mounts(struct boot_block *block)
{
	return (struct boot_mount *)((u8 *)block + block->mounts_offset);
}

void boot_block_add_queue(struct boot_block *b, u16 device, u16 number, const struct queue *q)
{
	b->queues[b->queue_count++] = (struct boot_queue){
		.device = device,
		.queue = number,
		.size = q->size,
		.vector = q->vector,
		.desc_gpa = q->desc_gpa,
		.avail_gpa = q->avail_gpa,
		.used_gpa = q->used_gpa,
	};
}
