/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes: user.* for whoever may read or write the file, trusted.* for administrators.
 * security.* is refused, as nothing here would act on it, and system.* (ACLs) no file system has.
 */
#include "../fs/notify.h"
#include "../fs/xattr.h"

static bool starts(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static int check_user(struct inode *inode, int mask)
{
	bool write = mask & MAY_WRITE;

	if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
		return write ? -EPERM : -ENODATA;
	if (write && S_ISDIR(inode->mode) && inode->mode & S_ISVTX && !inode_owner_or_capable(inode))
		return -EPERM;
	return inode_permission(inode, mask);
}

static int check(const struct path *p, const char *name, int mask)
{
	struct inode *inode = p->dentry->inode;
	bool write = mask & MAY_WRITE;

	if (write && mount_readonly(p->mount))
		return -EROFS;
	if (starts(name, "user."))
		return name[5] ? check_user(inode, mask) : -EINVAL;
	if (starts(name, "trusted.") && !capable(CAP_SYS_ADMIN))
		return write ? -EPERM : -ENODATA;
	if (starts(name, "security."))
		return !write ? -ENODATA : capable(CAP_SYS_ADMIN) ? -EOPNOTSUPP : -EPERM;
	return starts(name, "trusted.") ? 0 : -EOPNOTSUPP;
}

static int fetch_name(u64 uname, char name[XATTR_NAME_MAX + 1])
{
	ssize_t len = strncpy_from_user(name, (const char *)uname, XATTR_NAME_MAX + 1);

	if (len < 0 && len != -ENAMETOOLONG)
		return (int)len;
	return len > 0 ? 0 : -ERANGE;
}

static long get(const struct path *p, const struct sysargs *args)
{
	struct inode *inode = p->dentry->inode;
	size_t size = MIN(ARG_U64(3), (u64)XATTR_SIZE_MAX);
	void *value __drop_memory = size ? kmalloc(size) : NULL;
	char name[XATTR_NAME_MAX + 1];
	long ret = fetch_name(ARG_U64(1), name);

	if (!ret)
		ret = check(p, name, MAY_READ);
	if (ret || !inode->ops->getxattr)
		return ret ? ret : -EOPNOTSUPP;
	if (size && !value)
		return -ENOMEM;
	ret = inode->ops->getxattr(inode, name, value, size);
	return ret > 0 && size && copy_to_user(ARG_PTR(2), value, (size_t)ret) ? -EFAULT : ret;
}

/* Without a value the attribute is removed. */
static long change(const struct path *p, const struct sysargs *args, const void *value, size_t size,
		   u32 flags)
{
	struct inode *inode = p->dentry->inode;
	char name[XATTR_NAME_MAX + 1];
	int error = fetch_name(ARG_U64(1), name);

	if (!error)
		error = check(p, name, MAY_WRITE);
	if (error || !inode->ops->setxattr)
		return error ? error : -EOPNOTSUPP;
	mutex_lock(&inode->lock);
	error = inode->ops->setxattr(inode, name, value, size, flags);
	mutex_unlock(&inode->lock);
	if (!error)
		notify_path(p->dentry, IN_ATTRIB);
	return error;
}

static long set(const struct path *p, const struct sysargs *args)
{
	size_t size = ARG_U64(3);
	void *value __drop_memory = NULL;

	if (ARG_UINT(4) & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	value = kmalloc(MAX(size, (size_t)1));
	if (!value)
		return -ENOMEM;
	return copy_from_user(value, ARG_PTR(2), size) ? -EFAULT : change(p, args, value, size, ARG_UINT(4));
}

static long take_away(const struct path *p, const struct sysargs *args)
{
	return change(p, args, NULL, 0, 0);
}

/* trusted.* is nobody else's business; list may be NULL. */
static long hide_trusted(char *list, long used)
{
	long kept = 0, len;

	for (long at = 0; at < used; at += len) {
		len = (long)strlen(list + at) + 1;
		if (starts(list + at, "trusted.") && !capable(CAP_SYS_ADMIN))
			continue;
		memmove(list + kept, list + at, (size_t)len);
		kept += len;
	}
	return kept;
}

static long list(const struct path *p, const struct sysargs *args)
{
	struct inode *inode = p->dentry->inode;
	char *names __drop_memory = NULL;
	long ret;

	if (!inode->ops->listxattr)
		return 0;
	names = kmalloc(XATTR_SIZE_MAX);
	if (!names)
		return -ENOMEM;
	ret = inode->ops->listxattr(inode, names, XATTR_SIZE_MAX);
	if (ret > 0)
		ret = hide_trusted(names, ret);
	if (ret <= 0 || !ARG_U64(2))
		return ret;
	if ((u64)ret > ARG_U64(2))
		return -ERANGE;
	return copy_to_user(ARG_PTR(1), names, (size_t)ret) ? -EFAULT : ret;
}

static long by_path(const struct sysargs *args, u32 lookup,
		    long (*call)(const struct path *, const struct sysargs *))
{
	struct path p __drop_path = {0};
	long error = path_lookup_user(AT_FDCWD, ARG_U64(0), lookup, &p);

	return error ? error : call(&p, args);
}

static long by_fd(const struct sysargs *args, long (*call)(const struct path *, const struct sysargs *))
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	return f ? call(&f->path, args) : -EBADF;
}

/* Of each operation there are three: on what a path leads to, on a symbolic link itself, on an open file. */
#define THREE_CALLS(name, call)                            \
	long sys_##name(const struct sysargs *args)        \
	{                                                  \
		return by_path(args, LOOKUP_FOLLOW, call); \
	}                                                  \
	long sys_l##name(const struct sysargs *args)       \
	{                                                  \
		return by_path(args, 0, call);             \
	}                                                  \
	long sys_f##name(const struct sysargs *args)       \
	{                                                  \
		return by_fd(args, call);                  \
	}

THREE_CALLS(getxattr, get)
THREE_CALLS(setxattr, set)
THREE_CALLS(listxattr, list)
THREE_CALLS(removexattr, take_away)
