/* SPDX-License-Identifier: MIT */
/*
 * rootfs.c: each tree is a detached copy of a mount (open_tree): private, read-only where asked, and without
 * a parent, so that ".." at its top leads nowhere. Nothing of the host's own mount tree stays reachable:
 * not from the copies, and not from this process' root, which becomes the first of them.
 */
#include "rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot_block.h"
#include "die.h"
#include "fs.h"
#include "machine.h"
#include "net.h"

#define MS_RDONLY_FLAG 1u
#define MS_NOATIME_FLAG 1024u
#define MS_REC_FLAG 16384u
#define MS_PRIVATE_FLAG (1u << 18)

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define RECURSIVE 0x8000u /* AT_RECURSIVE */

static u64 attributes(u32 flags)
{
	u64 set = MOUNT_ATTR_NODEV; /* the server opens no device; neither shall a subverted one */

	if (flags & MS_RDONLY_FLAG)
		set |= MOUNT_ATTR_RDONLY;
	if (flags & MS_NOATIME_FLAG)
		set |= MOUNT_ATTR_NOATIME;
	return set;
}

/* A detached private copy of the mount at `path`, an O_PATH descriptor of its top. */
static int copy_tree(const char *path, u32 flags)
{
	u64 set = attributes(flags);
	struct mount_attr attr = {
		.attr_set = set,
		.attr_clr = set & MOUNT_ATTR_NOATIME ? MOUNT_ATTR__ATIME : 0,
		.propagation = MS_PRIVATE_FLAG,
	};
	unsigned int recursive = flags & MS_REC_FLAG ? RECURSIVE : 0;
	int fd;

	fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC | recursive);
	if (fd < 0)
		die_errno("cannot mount %s", path);
	if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr)) < 0)
		die_errno("cannot set the options of the mount of %s", path);
	return fd;
}

static int open_root(const struct launch *l)
{
	u32 flags = MS_REC_FLAG | (l->flags & LAUNCH_ROOT_READONLY ? MS_RDONLY_FLAG : 0);
	const char *path = launch_string(l, l->rootfs);
	int fd = copy_tree(path, flags);
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		die("the root file system %s is not a directory", path);
	return fd;
}

static void open_binds(const struct launch *l)
{
	const struct launch_mount *list = (const void *)((const char *)l + l->mounts);
	struct boot_mount *boot = boot_block_mounts(machine.block);

	for (u32 i = 0; i < l->mount_count; i++)
		if (list[i].kind == BOOT_MOUNT_BIND)
			boot[i + 1].nodeid =
				fs_add_root(copy_tree(launch_string(l, list[i].source), list[i].flags));
}

void rootfs_open(void)
{
	const struct launch *l = machine.launch;
	int root = open_root(l);

	boot_block_mounts(machine.block)[0].nodeid = fs_add_root(root);
	open_binds(l);
	/* A copy of just this directory: ".." does not lead to the rest of /proc. */
	fs_set_proc((int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/fd", OPEN_TREE_CLONE | O_CLOEXEC));
	net_open();
	if (fchdir(root) < 0 || chroot(".") < 0)
		die_errno("cannot make %s the worker's root", launch_string(l, l->rootfs));
}
