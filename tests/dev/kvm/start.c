/* SPDX-License-Identifier: MIT */
/*
 * start.c: starts a worker by hand, without bundle and runtime: builds a launch block from the command line
 * and becomes the worker. For developing uvm-kernel; the product's way in is `nacelle run`.
 *
 *   start [-w WORKER] [-k KERNEL] [-r ROOTFS] [-m MIB] [-c VPS] [-s] PROGRAM [ARG…]
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launch.h"

static union {
	struct launch launch;
	char bytes[0x10000];
} block;

static u32 used = sizeof(struct launch);

static u32 put(const void *data, size_t length)
{
	u32 at = used;

	if (length > sizeof(block) - used)
		errx(2, "too many arguments");
	memcpy(block.bytes + used, data, length);
	used += (u32)length;
	return at;
}

static u32 put_string(const char *s)
{
	return put(s, strlen(s) + 1);
}

static void add_mount(struct launch_mount *list, u32 kind, const char *target, const char *type)
{
	struct launch_mount *m = &list[block.launch.mount_count++];

	m->kind = kind;
	m->target = put_string(target);
	m->type = m->source = put_string(type);
	m->data = put_string("");
}

static void put_mounts(void)
{
	struct launch_mount list[8] = {0};

	add_mount(list, BOOT_MOUNT_PROC, "/proc", "proc");
	add_mount(list, BOOT_MOUNT_DEV, "/dev", "tmpfs");
	add_mount(list, BOOT_MOUNT_DEVPTS, "/dev/pts", "devpts");
	add_mount(list, BOOT_MOUNT_SYSFS, "/sys", "sysfs");
	add_mount(list, BOOT_MOUNT_TMPFS, "/tmp", "tmpfs");
	used = (used + 7) & ~7u;
	block.launch.mounts = put(list, block.launch.mount_count * sizeof(*list));
}

static void set_defaults(struct launch *l)
{
	l->magic = LAUNCH_MAGIC;
	l->version = LAUNCH_VERSION;
	l->memory_bytes = 256ULL << 20;
	l->vp_count = 1;
	l->log_level = 3;
	l->umask = 022;
	l->id = put_string("start");
	l->cwd = put_string("/");
	l->hostname = put_string("utility");
	l->cap_effective = l->cap_permitted = l->cap_bounding = (1ULL << 41) - 1;
	for (int i = 0; i < 16; i++)
		l->rlimits[i] = (struct boot_rlimit){~0ULL, ~0ULL};
	l->rlimits[3] = (struct boot_rlimit){8ULL << 20, ~0ULL};
	l->rlimits[7] = (struct boot_rlimit){1024, 4096};
}

static void put_process(struct launch *l, int argc, char **argv)
{
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=linux"};

	l->argc = (u32)argc;
	l->argv = used;
	for (int i = 0; i < argc; i++)
		put_string(argv[i]);
	l->envc = sizeof(env) / sizeof(env[0]);
	l->envp = used;
	for (u32 i = 0; i < l->envc; i++)
		put_string(env[i]);
}

static void become(const char *worker)
{
	int fd = memfd_create("launch", 0);

	block.launch.size = used;
	if (fd < 0 || write(fd, block.bytes, used) != (ssize_t)used || dup2(fd, LAUNCH_FD) < 0)
		err(2, "launch block");
	if (fd != LAUNCH_FD)
		close(fd);
	execl(worker, worker, (char *)NULL);
	err(2, "%s", worker);
}

int main(int argc, char **argv)
{
	struct launch *l = &block.launch;
	const char *worker = "/usr/local/libexec/nacelle/nacelle-worker-kvm";
	const char *kernel = "/usr/local/libexec/nacelle/uvm-kernel", *root = "/bundles/busybox/rootfs";
	int c;

	set_defaults(l);
	while ((c = getopt(argc, argv, "+w:k:r:m:c:s")) != -1) {
		switch (c) {
		case 'w':
			worker = optarg;
			break;
		case 'k':
			kernel = optarg;
			break;
		case 'r':
			root = optarg;
			break;
		case 'm':
			l->memory_bytes = strtoull(optarg, NULL, 10) << 20;
			break;
		case 'c':
			l->vp_count = (u32)atoi(optarg);
			break;
		case 's':
			l->flags |= LAUNCH_STRACE;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc)
		errx(2, "usage: start [-w WORKER] [-k KERNEL] [-r ROOTFS] [-m MIB] [-c VPS] [-s] PROGRAM "
			"[ARG...]");
	l->kernel = put_string(kernel);
	l->rootfs = put_string(root);
	put_process(l, argc - optind, argv + optind);
	put_mounts();
	become(worker);
	return 2;
}
