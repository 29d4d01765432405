/* SPDX-License-Identifier: MIT */
/*
 * Checks the boot block before anything believes it. Nothing here depends on the machine, so that the unit
 * tests and the fuzzer run the same code on the host.
 */
#include <uvm/boot.h>

#define GPA_LIMIT (1ULL << 46)

static bool page_aligned(u64 v)
{
	return !(v & (PAGE_SIZE - 1));
}

static bool in_ram(const struct boot_block *b, u64 gpa, u64 size)
{
	return gpa >= b->ram_base && size <= b->ram_size && gpa - b->ram_base <= b->ram_size - size;
}

/* count NUL-terminated strings, one after the other, from offset. */
static bool strings_ok(const struct boot_block *b, u32 offset, u32 count)
{
	const char *p = (const char *)b;
	u64 at = offset;

	if (at < sizeof(*b) && count)
		return false;
	for (u32 i = 0; i < count; i++) {
		while (at < b->size && p[at])
			at++;
		if (at >= b->size)
			return false;
		at++;
	}
	return true;
}

static bool array_ok(const struct boot_block *b, u32 offset, u64 count, u64 element, u64 align)
{
	return !count || (offset >= sizeof(*b) && !(offset & (align - 1)) && offset <= b->size &&
			  count * element <= b->size - offset);
}

static const char *check_machine(const struct boot_block *b)
{
	if (!page_aligned(b->ram_base) || !page_aligned(b->ram_size) || b->ram_size < 0x200000)
		return "ram range";
	if (b->ram_base >= GPA_LIMIT || b->ram_size >= GPA_LIMIT)
		return "ram range";
	if (b->window_size > b->ram_size || b->window_size % BOOT_WINDOW_SLOT)
		return "window";
	if (b->direct_map != UVM_DIRECT_MAP)
		return "direct_map";
	if (!page_aligned(b->tables_gpa) || !in_ram(b, b->tables_gpa, PAGE_SIZE))
		return "tables_gpa";
	if (!page_aligned(b->free_gpa) || !in_ram(b, b->free_gpa, 0x100000) || b->free_gpa < b->tables_gpa)
		return "free_gpa";
	if (!b->vp_count || b->vp_count > 64)
		return "vp_count";
	if (b->hypercall_insn > 1)
		return "hypercall_insn";
	if (b->tsc_hz < 1000000 || b->tsc_hz > 100000000000ULL)
		return "tsc_hz";
	if (b->xcr0 && (b->xcr0 & 3) != 3)
		return "xcr0";
	if (b->log_size < PAGE_SIZE || (b->log_size & (b->log_size - 1)) || !page_aligned(b->log_gpa) ||
	    !in_ram(b, b->log_gpa, b->log_size) || b->log_gpa + b->log_size > b->free_gpa)
		return "log ring";
	return NULL;
}

static const char *check_queue(const struct boot_block *b, const struct boot_queue *q)
{
	u64 n = q->size;

	if (!n || n > 256 || (n & (n - 1)))
		return "queue size";
	if (q->vector < 32 || q->vector >= 0xec)
		return "queue vector";
	if ((q->desc_gpa & 15) || !in_ram(b, q->desc_gpa, n * 16))
		return "queue descriptors";
	if ((q->avail_gpa & 1) || !in_ram(b, q->avail_gpa, 6 + 2 * n))
		return "queue available ring";
	if ((q->used_gpa & 3) || !in_ram(b, q->used_gpa, 6 + 8 * n))
		return "queue used ring";
	return NULL;
}

static const char *check_process(const struct boot_block *b)
{
	if (!b->argc || b->argc > BOOT_BLOCK_ARGS_MAX || !strings_ok(b, b->argv_offset, b->argc))
		return "argv";
	if (b->envc > BOOT_BLOCK_ARGS_MAX || !strings_ok(b, b->envp_offset, b->envc))
		return "envp";
	if (!strings_ok(b, b->cwd_offset, 1))
		return "cwd";
	if (!strings_ok(b, b->hostname_offset, 1) || !strings_ok(b, b->domainname_offset, 1))
		return "hostname";
	if (b->group_count > BOOT_BLOCK_GROUPS_MAX || !array_ok(b, b->groups_offset, b->group_count, 4, 4))
		return "groups";
	return NULL;
}

static const char *check_mounts(const struct boot_block *b)
{
	const struct boot_mount *m;

	if (!b->mount_count || b->mount_count > BOOT_BLOCK_MOUNTS_MAX ||
	    !array_ok(b, b->mounts_offset, b->mount_count, sizeof(*m), 8))
		return "mounts";
	m = (const struct boot_mount *)((const char *)b + b->mounts_offset);
	for (u32 i = 0; i < b->mount_count; i++, m++) {
		if (m->kind < BOOT_MOUNT_ROOT || m->kind > BOOT_MOUNT_CGROUP ||
		    (i == 0) != (m->kind == BOOT_MOUNT_ROOT))
			return "mount kind";
		if (!strings_ok(b, m->target_offset, 1) || !strings_ok(b, m->source_offset, 1) ||
		    !strings_ok(b, m->type_offset, 1) || !strings_ok(b, m->data_offset, 1))
			return "mount strings";
	}
	return NULL;
}

const char *boot_block_check(const struct boot_block *b, u64 limit)
{
	const char *bad;

	if (limit < sizeof(*b) || b->magic != BOOT_BLOCK_MAGIC)
		return "magic";
	if (b->version != BOOT_BLOCK_VERSION)
		return "version";
	if (b->size < sizeof(*b) || b->size > limit || b->size > BOOT_BLOCK_SIZE_MAX)
		return "size";
	bad = check_machine(b);
	if (bad)
		return bad;
	if (b->queue_count > BOOT_BLOCK_QUEUES_MAX)
		return "queue_count";
	for (u32 i = 0; i < b->queue_count; i++) {
		bad = check_queue(b, &b->queues[i]);
		if (bad)
			return bad;
	}
	bad = check_process(b);
	return bad ? bad : check_mounts(b);
}
