/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes of files that live in memory: a short list with the inode.
 */
#include "xattr.h"

struct xattr {
	struct xattr *next;
	u32 name_size, size; /* name_size with its NUL */
	char bytes[];	     /* name, value */
};

/* The link that leads to it, or the NULL at the end; *all is what the others take. */
static struct xattr **find(struct inode *inode, const char *name, size_t *all)
{
	struct xattr **x = &inode->xattrs, **found = NULL;

	*all = 0;
	for (; *x; x = &(*x)->next) {
		if (!strcmp((*x)->bytes, name))
			found = x;
		else
			*all += (*x)->name_size + (*x)->size;
	}
	return found ? found : x;
}

long memory_getxattr(struct inode *inode, const char *name, void *value, size_t size)
{
	size_t all;
	const struct xattr *x = *find(inode, name, &all);

	if (!x)
		return -ENODATA;
	if (size && size < x->size)
		return -ERANGE;
	if (size)
		memcpy(value, x->bytes + x->name_size, x->size);
	return x->size;
}

int memory_setxattr(struct inode *inode, const char *name, const void *value, size_t size, u32 flags)
{
	size_t all, name_size = strlen(name) + 1;
	struct xattr **at = find(inode, name, &all), *old = *at, *x = NULL;

	if (old ? flags & XATTR_CREATE : !value || flags & XATTR_REPLACE)
		return old ? -EEXIST : -ENODATA;
	if (value) {
		if (all + name_size + size > XATTR_SIZE_MAX)
			return -ENOSPC;
		x = kmalloc(sizeof(*x) + name_size + size);
		if (!x)
			return -ENOMEM;
		*x = (struct xattr){old ? old->next : NULL, (u32)name_size, (u32)size};
		memcpy(x->bytes, name, name_size);
		memcpy(x->bytes + name_size, value, size);
	}
	*at = x ? x : old->next;
	kfree(old);
	inode->ctime = vfs_now();
	return 0;
}

long memory_listxattr(struct inode *inode, char *list, size_t size)
{
	size_t used = 0;

	for (const struct xattr *x = inode->xattrs; x; used += x->name_size, x = x->next) {
		if (size && used + x->name_size > size)
			return -ERANGE;
		if (size)
			memcpy(list + used, x->bytes, x->name_size);
	}
	return (long)used;
}

void memory_freexattrs(struct inode *inode)
{
	while (inode->xattrs) {
		struct xattr *x = inode->xattrs;

		inode->xattrs = x->next;
		kfree(x);
	}
}
