/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes of the file server's files. It keeps those of users only: the host gives the others a
 * meaning of its own.
 */
#include "fuse.h"

static bool of_user(const char *name)
{
	return !strncmp(name, "user.", 5);
}

/* GETXATTR or LISTXATTR: the bytes, or for size 0 how many there are. */
static long fetch(struct inode *inode, u32 opcode, const char *name, void *to, size_t size)
{
	struct fuse_getxattr_in in = {.size = (u32)size};
	struct fuse_getxattr_out out;
	struct virtq_seg seg = {to, (u32)size, true};
	long ret;

	if (size)
		return fuse_ask(opcode, fuse_node(inode), &in, .name = name, .data = &seg, .data_count = 1);
	ret = fuse_ask(opcode, fuse_node(inode), &in, .name = name, FUSE_OUT(&out));
	return ret < 0 ? ret : (long)out.size;
}

long fuse_getxattr(struct inode *inode, const char *name, void *value, size_t size)
{
	return of_user(name) ? fetch(inode, FUSE_GETXATTR, name, value, size) : -ENODATA;
}

long fuse_listxattr(struct inode *inode, char *list, size_t size)
{
	return fetch(inode, FUSE_LISTXATTR, NULL, list, size);
}

int fuse_setxattr(struct inode *inode, const char *name, const void *value, size_t size, u32 flags)
{
	struct fuse_setxattr_in in = {.size = (u32)size, .flags = flags};
	struct virtq_seg seg = {(void *)value, (u32)size, false};
	struct fuse_args a = {.opcode = value ? FUSE_SETXATTR : FUSE_REMOVEXATTR,
			      .nodeid = fuse_of(inode)->nodeid,
			      .arg = &in,
			      .arg_size = value ? sizeof(in) : 0,
			      .name = name,
			      .data = &seg,
			      .data_count = size ? 1 : 0};
	long ret;

	if (!of_user(name))
		return value ? -EOPNOTSUPP : -ENODATA;
	ret = fuse_call(&a);
	fuse_changed(inode);
	return ret < 0 ? (int)ret : 0;
}
