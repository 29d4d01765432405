/* SPDX-License-Identifier: MIT */
/*
 * mount and umount2, for whoever has CAP_SYS_ADMIN in the container: memory file systems, bind mounts, flags.
 */
#include "../fs/tmpfs.h"
#include "../tty/tty.h"

#define MS_REMOUNT 32u
#define MS_BIND 4096u
#define MS_MOVE 8192u
#define MS_PROPAGATION (0xfu << 17) /* UNBINDABLE PRIVATE SLAVE SHARED */
#define MS_KEEP (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME)

struct mount_call {
	char *source, *target, *type, *options;
	u32 flags;
};

static struct superblock *new_super(const struct mount_call *c, int *error)
{
	struct tmpfs_options o = {.mode = 01777};

	*error = -ENODEV;
	if (!c->type)
		*error = -EFAULT;
	else if (!strcmp(c->type, "proc"))
		return proc_mount(error);
	else if (!strcmp(c->type, "sysfs"))
		return sysfs_mount(error);
	else if (!strcmp(c->type, "cgroup2"))
		return cgroup_mount(error);
	else if (!strcmp(c->type, "devpts"))
		return devpts_mount(c->options ? c->options : "", error);
	else if (!strcmp(c->type, "tmpfs") && !(*error = tmpfs_parse(c->options ? c->options : "", &o)))
		return tmpfs_make(&o, "tmpfs", error);
	return NULL;
}

static int mount_new(const struct mount_call *c, const struct path *at)
{
	int error;
	struct superblock *sb = new_super(c, &error);

	if (!sb)
		return error;
	if (!S_ISDIR(at->dentry->inode->mode))
		error = -ENOTDIR;
	else
		error = mount_attach(sb, sb->root, at, c->flags & MS_KEEP, c->source ? c->source : "none",
				     c->type, c->options ? c->options : "");
	super_put(sb); /* the mount holds it now */
	return error;
}

static int mount_bind(const struct mount_call *c, const struct path *at)
{
	struct path from __drop_path = {0};
	int error;

	if (!c->source || !*c->source)
		return -EINVAL;
	error = path_lookup(AT_FDCWD, c->source, LOOKUP_FOLLOW, &from);
	if (error)
		return error;
	if (!from.mount)
		return -EINVAL;
	if (S_ISDIR(from.dentry->inode->mode) != S_ISDIR(at->dentry->inode->mode))
		return -ENOTDIR;
	return mount_attach(from.mount->sb, from.dentry, at, from.mount->flags, from.mount->source,
			    from.mount->fstype, from.mount->options);
}

static int remount(const struct mount_call *c, const struct path *at)
{
	if (!at->mount || at->dentry != at->mount->root)
		return -EINVAL;
	at->mount->flags = c->flags & MS_KEEP;
	return 0;
}

static int do_mount(const struct mount_call *c)
{
	struct path at __drop_path = {0};
	int error = path_lookup(AT_FDCWD, c->target, LOOKUP_FOLLOW, &at);

	if (error)
		return error;
	if (c->flags & MS_REMOUNT)
		return remount(c, &at);
	if (c->flags & MS_BIND)
		return mount_bind(c, &at);
	if (c->flags & MS_PROPAGATION) /* one namespace: nothing to propagate to */
		return at.mount && at.dentry == at.mount->root ? 0 : -EINVAL;
	return c->flags & MS_MOVE ? -EINVAL : mount_new(c, &at);
}

/* A string that may be absent. */
static int optional(u64 ustring, char **out)
{
	int error = 0;

	*out = ustring ? path_from_user(ustring, &error) : NULL;
	return *out ? 0 : error;
}

long sys_mount(const struct sysargs *args)
{
	struct mount_call c = {.flags = ARG_UINT(3)};
	int error;

	if ((c.flags & 0xffff0000u) == 0xc0ed0000u)
		c.flags &= 0xffff; /* the magic number of old programs */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	c.target = path_from_user(ARG_U64(1), &error);
	if (!c.target)
		return error;
	error = optional(ARG_U64(0), &c.source);
	if (!error)
		error = optional(ARG_U64(2), &c.type);
	if (!error)
		error = optional(ARG_U64(4), &c.options);
	if (!error)
		error = do_mount(&c);
	kfree(c.source);
	kfree(c.target);
	kfree(c.type);
	kfree(c.options);
	return error;
}

long sys_umount2(const struct sysargs *args)
{
	enum { FORCE = 1, DETACH = 2, EXPIRE = 4, NOFOLLOW = 8 };
	u32 flags = ARG_UINT(1);
	struct path p __drop_path = {0};
	long error;

	if (flags & ~(u32)(FORCE | DETACH | NOFOLLOW))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	error = path_lookup_user(AT_FDCWD, ARG_U64(0), flags & NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (error)
		return error;
	return p.mount && p.dentry == p.mount->root ? mount_detach(p.mount, flags & DETACH) : -EINVAL;
}
