/* SPDX-License-Identifier: MIT */
/*
 * Names of AF_UNIX sockets: places in the file system, and abstract ones that begin with a zero byte.
 */
#include "unix.h"

#include "../fs/dirops.h"

static struct list bound = LIST_INIT(bound);

/* Length with family: a path without what follows its NUL, an abstract name whole. 0 or -EINVAL. */
static int check_address(const void *addr, u32 len, u8 *name, u32 *name_len)
{
	u16 family;

	if (len < sizeof(family) || len > UNIX_ADDR_MAX)
		return -EINVAL;
	memcpy(&family, addr, sizeof(family));
	if (family != AF_UNIX)
		return -EINVAL;
	memset(name, 0, UNIX_ADDR_MAX + 1);
	memcpy(name, addr, len);
	*name_len = len;
	if (len > 2 && name[2])
		*name_len = 2 + (u32)strlen((const char *)name + 2) + 1;
	return 0;
}

static bool is_abstract(const u8 *name, u32 len)
{
	return len > 2 && !name[2];
}

static struct unix_sock *find_abstract(const u8 *name, u32 len)
{
	struct unix_sock *u;

	list_for_each(u, &bound, bound) if (!u->place.dentry && u->name_len == len &&
					    !memcmp(u->name, name, len)) return u;
	return NULL;
}

static void enter(struct unix_sock *u, const u8 *name, u32 len)
{
	memcpy(u->name, name, MIN(len, UNIX_ADDR_MAX));
	u->name_len = MIN(len, UNIX_ADDR_MAX);
	list_add_tail(&u->bound, &bound);
}

static int bind_abstract(struct unix_sock *u, const u8 *name, u32 len)
{
	if (find_abstract(name, len))
		return -EADDRINUSE;
	enter(u, name, len);
	return 0;
}

/* bind() with the family alone: an abstract name of five hexadecimal digits. */
static int bind_any(struct unix_sock *u)
{
	static u32 next;
	u8 name[UNIX_ADDR_MAX + 1] = {AF_UNIX};

	for (u32 tries = 0; tries < 1u << 20; tries++) {
		snprintf((char *)name + 3, 6, "%05x", next++ & 0xfffff);
		if (!bind_abstract(u, name, 8))
			return 0;
	}
	return -ENOSPC;
}

static int bind_path(struct unix_sock *u, const u8 *name, u32 len)
{
	const char *path = (const char *)name + 2;
	int error = do_mknodat(AT_FDCWD, path, S_IFSOCK | 0777, 0);

	if (error)
		return error == -EEXIST ? -EADDRINUSE : error;
	error = path_lookup(AT_FDCWD, path, 0, &u->place);
	if (!error)
		enter(u, name, len);
	return error;
}

int unix_bind(struct socket *s, const void *addr, u32 len)
{
	struct unix_sock *u = unix_of(s);
	u8 name[UNIX_ADDR_MAX + 1];
	u32 name_len;
	int error = check_address(addr, len, name, &name_len);

	if (error)
		return error;
	if (u->name_len)
		return -EINVAL;
	if (name_len == 2)
		return bind_any(u);
	return is_abstract(name, name_len) ? bind_abstract(u, name, name_len) : bind_path(u, name, name_len);
}

void unix_unbind(struct unix_sock *u)
{
	list_del(&u->bound);
	if (u->place.dentry)
		path_put(&u->place);
}

static struct unix_sock *find_inode(const struct inode *inode)
{
	struct unix_sock *u;

	list_for_each(u, &bound, bound) if (u->place.dentry && u->place.dentry->inode == inode) return u;
	return NULL;
}

static int find_path(const char *path, struct unix_sock **out)
{
	struct path p;
	int error = path_lookup(AT_FDCWD, path, LOOKUP_FOLLOW, &p);

	if (error)
		return error;
	error = inode_permission(p.dentry->inode, MAY_WRITE);
	if (!error) {
		*out = S_ISSOCK(p.dentry->inode->mode) ? find_inode(p.dentry->inode) : NULL;
		error = *out ? 0 : -ECONNREFUSED;
	}
	path_put(&p);
	return error;
}

int unix_find(const void *addr, u32 len, struct unix_sock **out)
{
	u8 name[UNIX_ADDR_MAX + 1];
	u32 name_len;
	int error = check_address(addr, len, name, &name_len);

	if (error)
		return error;
	if (name_len == 2)
		return -EINVAL;
	if (is_abstract(name, name_len)) {
		*out = find_abstract(name, name_len);
		error = *out ? 0 : -ECONNREFUSED;
	} else {
		error = find_path((const char *)name + 2, out);
	}
	if (!error)
		unix_get(*out);
	return error;
}
