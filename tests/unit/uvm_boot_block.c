/* SPDX-License-Identifier: MIT */
/* The boot block, both ends: what the worker builds from a launch block is what the guest kernel accepts, and
 * every field of it wrong is refused. */
#include <uvm/boot.h>

#include "../../tools/worker/boot_block.h"
#include "unit.h"

#define RAM 0x4000000ull
#define BASE MEMORY_RAM_BASE

static union {
	struct launch launch;
	char bytes[8192];
} source;
static u32 used;
static struct boot_block *b;
static size_t block_size;

static u32 put(const void *data, size_t size)
{
	u32 at = used = (used + 7) & ~7u;

	memcpy(source.bytes + at, data, size);
	used += (u32)size;
	return at;
}

static void make_launch(void)
{
	struct launch_mount mounts[2] = {{.kind = BOOT_MOUNT_PROC}, {.kind = BOOT_MOUNT_TMPFS, .flags = 6}};
	u32 groups[3] = {1, 2, 3};
	struct launch *l = &source.launch;

	memset(&source, 0, sizeof(source));
	used = sizeof(*l);
	*l = (struct launch){.magic = LAUNCH_MAGIC,
			     .version = LAUNCH_VERSION,
			     .memory_bytes = RAM,
			     .vp_count = 2,
			     .argc = 2,
			     .envc = 1,
			     .uid = 5,
			     .gid = 6,
			     .umask = 022,
			     .group_count = 3,
			     .mount_count = 2};
	l->id = put("name", 5);
	l->rootfs = put("/r", 3);
	l->kernel = put("/k", 3);
	l->cwd = put("/", 2);
	l->hostname = put("host", 5);
	l->argv = put("prog\0arg\0", 10);
	l->envp = put("A=1", 4);
	l->groups = put(groups, sizeof(groups));
	mounts[0].target = put("/proc", 6);
	mounts[0].type = put("proc", 5);
	mounts[1].target = put("/tmp", 5);
	mounts[1].type = put("tmpfs", 6);
	mounts[1].data = put("size=1m", 8);
	l->mounts = put(mounts, sizeof(mounts));
	l->size = used;
}

static void build(void)
{
	make_launch();
	block_size = boot_block_size(&source.launch);
	free(b);
	b = calloc(1, block_size);
	boot_block_fill(b, &source.launch);
	b->ram_base = BASE;
	b->ram_size = RAM;
	b->tables_gpa = BASE + 0x100000;
	b->free_gpa = BASE + 0x200000;
	b->direct_map = UVM_DIRECT_MAP;
	b->vp_count = 2;
	b->xcr0 = 7;
	b->tsc_hz = 3000000000;
	b->log_gpa = BASE + 0x180000;
	b->log_size = 0x10000;
	b->queue_count = 1;
	b->queues[0] = (struct boot_queue){.size = 256,
					   .vector = 0x41,
					   .desc_gpa = BASE,
					   .avail_gpa = BASE + 0x1000,
					   .used_gpa = BASE + 0x2000};
}

static const char *check(void)
{
	return boot_block_check(b, block_size);
}

TEST(worker_and_kernel_agree)
{
	build();
	EQ(launch_check(&source.launch, used) != NULL, 0);
	if (!CHECK(!check()))
		printf("# refused: %s\n", check());
	EQ(b->argc, 2);
	CHECK(!memcmp((char *)b + b->argv_offset, "prog\0arg", 9));
	CHECK(!strcmp((char *)b + b->cwd_offset, "/"));
	CHECK(!strcmp((char *)b + b->hostname_offset, "host"));
	EQ(b->uid, 5);
	EQ(b->mount_count, 3);
	EQ(boot_block_mounts(b)[0].kind, BOOT_MOUNT_ROOT);
	EQ(boot_block_mounts(b)[2].kind, BOOT_MOUNT_TMPFS);
	CHECK(!strcmp((char *)b + boot_block_mounts(b)[2].data_offset, "size=1m"));
}

#define REFUSED(change)                  \
	do {                             \
		build();                 \
		change;                  \
		if (!check())            \
			CHECK(!#change); \
	} while (0)

TEST(machine)
{
	REFUSED(b->magic++);
	REFUSED(b->version++);
	REFUSED(b->size = (u32)block_size + 1);
	REFUSED(b->size = 100);
	REFUSED(b->ram_base++);
	REFUSED(b->ram_size = 0x1000);
	REFUSED(b->ram_size = ~0xfffull);
	REFUSED(b->window_size = BOOT_WINDOW_SLOT / 2);
	REFUSED(b->window_size = RAM + BOOT_WINDOW_SLOT);
	REFUSED(b->direct_map = 0);
	REFUSED(b->tables_gpa = 0);
	REFUSED(b->tables_gpa = BASE + RAM);
	REFUSED(b->free_gpa = BASE + RAM);
	REFUSED(b->free_gpa = ~0xfffull);
	REFUSED(b->vp_count = 0);
	REFUSED(b->vp_count = 65);
	REFUSED(b->hypercall_insn = 2);
	REFUSED(b->xcr0 = 1);
	REFUSED(b->tsc_hz = 0);
	REFUSED(b->log_size = 0x3000);
	REFUSED(b->log_size = 0);
	REFUSED(b->log_gpa = BASE + RAM - 0x1000);
}

TEST(queues)
{
	REFUSED(b->queue_count = BOOT_BLOCK_QUEUES_MAX + 1);
	REFUSED(b->queues[0].size = 0);
	REFUSED(b->queues[0].size = 3);
	REFUSED(b->queues[0].size = 512);
	REFUSED(b->queues[0].vector = 14);
	REFUSED(b->queues[0].vector = 255);
	REFUSED(b->queues[0].desc_gpa = BASE + 8);
	REFUSED(b->queues[0].desc_gpa = 0);
	REFUSED(b->queues[0].avail_gpa = BASE + RAM - 4);
	REFUSED(b->queues[0].used_gpa = ~3ull);
}

TEST(process)
{
	REFUSED(b->argc = 0);
	REFUSED(b->argc = 1000);
	REFUSED(b->argv_offset = 0);
	REFUSED(b->argv_offset = b->size);
	REFUSED(b->argv_offset = ~0u);
	REFUSED(b->envc = ~0u);
	REFUSED(b->envp_offset = b->size - 1; b->envc = 2);
	REFUSED(b->cwd_offset = ~0u);
	REFUSED(b->hostname_offset = 16);
	REFUSED(b->group_count = 1025);
	REFUSED(b->group_count = 1000);
	REFUSED(b->groups_offset++);
	REFUSED(b->groups_offset = 0);
	REFUSED(b->mount_count = 0);
	REFUSED(b->mount_count = 257);
	REFUSED(b->mounts_offset = b->size - 8);
	REFUSED(b->mounts_offset++);
	REFUSED(boot_block_mounts(b)[0].kind = BOOT_MOUNT_PROC);
	REFUSED(boot_block_mounts(b)[1].kind = BOOT_MOUNT_ROOT);
	REFUSED(boot_block_mounts(b)[1].kind = 99);
	REFUSED(boot_block_mounts(b)[1].target_offset = b->size);
	REFUSED(boot_block_mounts(b)[2].data_offset = 8);
}

TEST(cut_off)
{
	build();
	for (size_t limit = 0; limit < block_size; limit += 7) {
		struct boot_block *copy = malloc(limit + !limit);

		memcpy(copy, b, limit);
		CHECK(limit < sizeof(*b) || boot_block_check(copy, limit) != NULL);
		free(copy);
	}
}

TEST(random_damage)
{
	for (int i = 0; i < 100000; i++) {
		build();
		for (int n = 1 + unit_random() % 3; n; n--)
			((u8 *)b)[unit_random() % block_size] =
				(u8)(unit_random() % 3 ? unit_random() : 0xff);
		check();
	}
}

/* Launch blocks are data from `nacelle`, checked all the same. */
TEST(damaged_launch_blocks)
{
	for (int i = 0; i < 100000; i++) {
		struct launch *copy;

		make_launch();
		for (int n = 1 + unit_random() % 3; n; n--)
			source.bytes[unit_random() % used] = (char)(unit_random() % 3 ? unit_random() : 0xff);
		copy = malloc(used);
		memcpy(copy, &source, used);
		if (!launch_check(copy, used)) {
			u64 size = boot_block_size(copy);
			struct boot_block *block = size < 1 << 20 ? calloc(1, size) : NULL;

			if (block)
				boot_block_fill(block, copy);
			free(block);
		}
		free(copy);
	}
}
