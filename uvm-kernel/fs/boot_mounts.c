/* SPDX-License-Identifier: MIT */
/*
 * The file side of boot: the mounts of the boot block in their order, the first task's place in the tree, its
 * streams. Whatever cannot be done is named in the log, and the container does not start.
 */
#include "../tty/tty.h"
#include "console.h"
#include "dirops.h"
#include "tmpfs.h"

static struct superblock *mount_tmpfs(const char *options, const char *fstype, u32 mode, int *error)
{
	struct tmpfs_options o = {.mode = mode};

	*error = tmpfs_parse(options, &o);
	return *error ? NULL : tmpfs_make(&o, fstype, error);
}

static struct superblock *make_super(const struct boot_mount *m, int *error)
{
	const char *options = boot_string(m->data_offset);

	switch (m->kind) {
	case BOOT_MOUNT_ROOT:
	case BOOT_MOUNT_BIND:
		return fuse_mount(m->nodeid, error);
	case BOOT_MOUNT_PROC:
		return proc_mount(error);
	case BOOT_MOUNT_TMPFS:
		return mount_tmpfs(options, "tmpfs", 01777, error);
	case BOOT_MOUNT_DEV:
		return dev_mount(options, error);
	case BOOT_MOUNT_DEVPTS:
		return devpts_mount(options, error);
	case BOOT_MOUNT_SYSFS:
		return sysfs_mount(error);
	case BOOT_MOUNT_MQUEUE:
		return mount_tmpfs("", "mqueue", 01777, error);
	case BOOT_MOUNT_CGROUP:
		return cgroup_mount(error);
	default:
		*error = -EINVAL;
		return NULL;
	}
}

/* Makes the directories on the way to a mount point, as container runtimes do; the last one may be a file. */
static int make_target(const char *target, bool is_dir)
{
	char *path = kstrdup(target);
	int error = path ? 0 : -ENOMEM;

	for (char *p = path ? path + 1 : NULL; p && !error; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (p[-1] != '/') {
			error = c || is_dir ? do_mkdirat(AT_FDCWD, path, 0755)
					    : do_mknodat(AT_FDCWD, path, S_IFREG | 0644, 0);
			if (error == -EEXIST)
				error = 0;
		}
		*p = c;
		if (!c)
			break;
	}
	kfree(path);
	return error;
}

static int find_target(const char *target, bool is_dir, struct path *out)
{
	int error = path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW, out);

	if (error != -ENOENT)
		return error;
	error = make_target(target, is_dir);
	return error ? error : path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW, out);
}

static u32 mount_flags(const struct boot_mount *m)
{
	return m->kind == BOOT_MOUNT_CGROUP ? m->flags | MS_RDONLY : m->flags;
}

static const char *display_type(const struct boot_mount *m, const struct superblock *sb)
{
	const char *type = boot_string(m->type_offset);

	if (m->kind == BOOT_MOUNT_ROOT || m->kind == BOOT_MOUNT_BIND || m->kind == BOOT_MOUNT_CGROUP ||
	    !*type)
		return sb->fstype;
	return type;
}

static int mount_one(const struct boot_mount *m)
{
	const char *target = boot_string(m->target_offset);
	struct superblock *sb;
	struct path at;
	bool is_dir;
	int error;

	sb = make_super(m, &error);
	if (!sb)
		return error;
	is_dir = S_ISDIR(sb->root->inode->mode);
	/* df of busybox hides a source called "rootfs": the root is named by its type. */
	if (m->kind == BOOT_MOUNT_ROOT)
		return mount_attach(sb, sb->root, NULL, mount_flags(m), sb->fstype, display_type(m, sb),
				    boot_string(m->data_offset));
	error = find_target(target, is_dir, &at);
	if (error)
		return error;
	if (S_ISDIR(at.dentry->inode->mode) != is_dir)
		error = is_dir ? -ENOTDIR : -EISDIR;
	else
		error = mount_attach(sb, sb->root, &at, mount_flags(m), boot_string(m->source_offset),
				     display_type(m, sb), boot_string(m->data_offset));
	path_put(&at);
	return error;
}

/* The first mount is there: everybody stands in its root. */
static void enter_root(struct fs_context *fs)
{
	struct mount *m = mount_first();

	fs->root = (struct path){m, m->root};
	fs->cwd = fs->root;
	path_get(&fs->root);
	path_get(&fs->cwd);
}

static int mount_all(struct fs_context *fs)
{
	for (u32 i = 0; i < boot->mount_count; i++) {
		const struct boot_mount *m = &boot_mounts()[i];
		int error = (i == 0) == (m->kind == BOOT_MOUNT_ROOT) ? mount_one(m) : -EINVAL;

		if (error) {
			pr_err("mount %u (kind %u) at '%s': error %d", i, m->kind,
			       boot_string(m->target_offset), -error);
			return error;
		}
		if (i == 0)
			enter_root(fs);
	}
	return boot->mount_count ? 0 : -EINVAL;
}

/* The container's terminal is also /dev/console, as with other runtimes. */
static int mount_console(void)
{
	struct path tty, at;
	int error = tty_console_make(&tty);

	if (!error)
		error = find_target("/dev/console", false, &at);
	if (error)
		return error;
	error = mount_attach(tty.dentry->sb, tty.dentry, &at, MS_NOSUID | MS_NOEXEC, "devpts", "devpts", "");
	path_put(&at);
	return error;
}

static int enter_cwd(struct fs_context *fs)
{
	const char *cwd = boot_string(boot->cwd_offset);
	struct path p;
	int error;

	error = *cwd == '/' ? path_lookup(AT_FDCWD, cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p) : -EINVAL;
	if (error) {
		pr_err("working directory '%s': error %d", cwd, -error);
		return error;
	}
	path_put(&fs->cwd);
	fs->cwd = p;
	return 0;
}

static int boot_as_root(struct fs_context *fs)
{
	int error = mount_all(fs);

	if (!error && boot->terminal)
		error = mount_console();
	if (!error)
		error = enter_cwd(fs);
	fs->umask = boot->umask & 0777;
	return error;
}

/* Mounting is the runtime's doing, not the container's user's: it happens with all rights. */
static int with_all_rights(int (*work)(struct fs_context *fs), struct fs_context *fs)
{
	struct cred *c = &current->cred, own = *c;
	int error;

	c->fsuid = c->fsgid = 0;
	c->cap_effective = ~0ULL;
	error = work(fs);
	*c = own;
	return error;
}

int fs_boot(void)
{
	struct fs_context *fs = kzalloc(sizeof(*fs));
	struct files *files = files_new();
	int error;

	if (!fs || !files)
		return -ENOMEM;
	fs->refs = 1;
	current->fs = fs;
	current->files = files;
	error = with_all_rights(boot_as_root, fs);
	if (!error)
		error = boot->terminal ? tty_console_open() : console_boot();
	if (!error)
		error = control_boot();
	return error;
}
