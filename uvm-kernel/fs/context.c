/* SPDX-License-Identifier: MIT */
/*
 * A process's place in the tree: working directory, root, umask.
 */
#include "fs.h"

struct fs_context *fs_context_get(struct fs_context *fs)
{
	fs->refs++;
	return fs;
}

struct fs_context *fs_context_copy(struct fs_context *old)
{
	struct fs_context *fs = kmemdup(old, sizeof(*old));

	if (!fs)
		return NULL;
	fs->refs = 1;
	path_get(&fs->root);
	path_get(&fs->cwd);
	return fs;
}

void fs_context_put(struct fs_context *fs)
{
	if (--fs->refs)
		return;
	path_put(&fs->root);
	path_put(&fs->cwd);
	kfree(fs);
}
