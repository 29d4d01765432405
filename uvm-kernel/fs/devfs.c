/* SPDX-License-Identifier: MIT */
/*
 * /dev: a tmpfs with the standard nodes and links.
 */
#include "dirops.h"
#include "tmpfs.h"

static const struct {
	const char *name;
	u32 major, minor;
} nodes[] = {
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

struct superblock *dev_mount(const char *options, int *error)
{
	struct tmpfs_options o = {.size = 65536 << 10, .mode = 0755};
	struct superblock *sb;

	*error = tmpfs_parse(options, &o);
	sb = *error ? NULL : tmpfs_make(&o, "tmpfs", error);
	if (!sb)
		return NULL;
	for (u32 i = 0; i < ARRAY_SIZE(nodes) && !*error; i++)
		*error = tmpfs_add(sb->root, nodes[i].name, S_IFCHR | 0666,
				   dev_make(nodes[i].major, nodes[i].minor), NULL, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(links) && !*error; i++)
		*error = tmpfs_add(sb->root, links[i].name, 0, 0, links[i].target, NULL);
	return *error ? NULL : sb;
}
