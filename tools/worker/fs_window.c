/* SPDX-License-Identifier: MIT */
/*
 * fs_window.c: the window: slots behind the guest's RAM in which pieces of files lie, straight from the
 * root's page cache and read-only, so that containers of one image share its pages. Which file lies where is
 * the guest kernel's decision; coherence with its own writes, too.
 */
#include <abi/boot_block.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "fs.h"
#include "fs_request.h"
#include "machine.h"

#define PAGE 4096ULL
#define SLOT BOOT_WINDOW_SLOT
#define SLOTS_MAX (BOOT_WINDOW_MAX / SLOT)
#define BY_NODE ~0ULL /* instead of a handle */
#define FAULT_TRIES 100

/* What a slot shows; what has no length is empty. All that is here is under the file queue's lock. */
static struct slot {
	u64 node;
	u64 offset;
	u64 length;
} slots[SLOTS_MAX];

static u8 *host_of(const struct slot *slot)
{
	return machine.memory.window + (size_t)(slot - slots) * SLOT;
}

static u64 gpa_of(const struct slot *slot)
{
	return machine.memory.window_base + (u64)(slot - slots) * SLOT;
}

static struct slot *slot_at(u64 offset)
{
	return offset % SLOT == 0 && offset < machine.memory.window_size ? &slots[offset / SLOT] : NULL;
}

/* Anonymous memory in place of what is there: PROT_NONE is the reservation. */
static void cover(u8 *host, u64 length, int prot)
{
	if (mmap(host, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		die_errno("no memory for the window");
}

static void empty(struct slot *slot)
{
	if (!slot->length)
		return;
	vm_unmap(machine.vm, gpa_of(slot), host_of(slot), slot->length);
	cover(host_of(slot), slot->length, PROT_NONE);
	slot->length = 0;
}

/* What can be refused is tried elsewhere: a failed mmap may leave a hole, into which somebody else's memory
 * could come. */
static int fill(struct slot *slot, const struct slot *what, int fd)
{
	void *p = mmap(NULL, what->length, PROT_READ, MAP_SHARED, fd, (off_t)what->offset);

	if (p == MAP_FAILED)
		return -errno;
	empty(slot);
	if (mremap(p, what->length, what->length, MREMAP_MAYMOVE | MREMAP_FIXED, host_of(slot)) == MAP_FAILED)
		die_errno("no memory for the window");
	vm_map(machine.vm, gpa_of(slot), host_of(slot), what->length, VM_ACCESS_EXECUTE);
	*slot = *what;
	return 0;
}

int fs_setupmapping(struct fs_request *r)
{
	const struct fuse_setupmapping_in *in = fs_arguments(r, sizeof(*in));
	const struct slot what = {r->header.nodeid, in->foffset, in->len};
	struct slot *slot = slot_at(in->moffset);
	int fd, error;

	if (in->fh != BY_NODE)
		return -EBADF;
	if (in->flags != FUSE_SETUPMAPPING_FLAG_READ)
		return -EACCES;
	if (!slot || !in->len || in->len > SLOT || in->len % PAGE || in->foffset % PAGE ||
	    in->foffset > LLONG_MAX - SLOT)
		return -EINVAL;
	fd = fs_reopen(r->node, O_RDONLY);
	if (fd < 0)
		return fd;
	error = fill(slot, &what, fd);
	close(fd);
	return error;
}

int fs_removemapping(struct fs_request *r)
{
	const struct fuse_removemapping_in *in = fs_arguments(r, sizeof(*in));
	struct fuse_removemapping_one one; /* a copy: behind a header of four bytes they are not aligned */

	if (in->count > (r->arguments_size - sizeof(*in)) / sizeof(one))
		return -EINVAL;
	for (u32 i = 0; i < in->count; i++) {
		struct slot *slot;

		memcpy(&one, r->arguments + sizeof(*in) + i * sizeof(one), sizeof(one));
		slot = slot_at(one.moffset);
		if (!slot || one.len != SLOT)
			return -EINVAL;
		empty(slot);
	}
	return 0;
}

/* Of a file that the guest has forgotten, or that is gone, nothing is left. */
static bool is_behind_end(const struct slot *slot, u64 at)
{
	const struct fs_node *node = fs_node_get(slot->node);
	struct statx st;

	return !node || statx(node->fd, "", AT_EMPTY_PATH, STATX_SIZE, &st) < 0 ||
	       st.stx_size <= slot->offset + at;
}

/* A file that shrinks and grows while we look may hide from both questions, but not for long. Pages that
 * are there but cannot be read must not become zeros. */
bool fs_window_serve(u64 offset)
{
	u64 at = offset % SLOT & ~(PAGE - 1);
	const struct slot *slot = slot_at(offset - offset % SLOT);
	u8 *host;

	if (!slot || at >= slot->length)
		return false;
	host = host_of(slot) + at;
	for (int i = 0; i < FAULT_TRIES; i++) {
		if (madvise(host, PAGE, MADV_POPULATE_READ) == 0)
			return true;
		if (is_behind_end(slot, at)) {
			cover(host, PAGE, PROT_READ);
			return true;
		}
	}
	die("a file that the guest has in its window cannot be read");
}
