/* SPDX-License-Identifier: MIT */
/*
 * xattr.h: extended attributes: the limits, and the operations of file systems in memory.
 */
#pragma once

#include "fs.h"

#define XATTR_CREATE 1u
#define XATTR_REPLACE 2u
#define XATTR_NAME_MAX 255
#define XATTR_SIZE_MAX 65536u /* of a value, and of a list */

long memory_getxattr(struct inode *inode, const char *name, void *value, size_t size);
int memory_setxattr(struct inode *inode, const char *name, const void *value, size_t size, u32 flags);
long memory_listxattr(struct inode *inode, char *list, size_t size);
void memory_freexattrs(struct inode *inode);
