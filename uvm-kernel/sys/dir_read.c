/* SPDX-License-Identifier: MIT */
/*
 * Where a process stands, and what lies in a directory: getcwd, chdir, chroot, getdents.
 */
#include "../fs/notify.h"

long sys_getcwd(const struct sysargs *args)
{
	const struct fs_context *fs = current->fs;
	struct dentry *d = fs->cwd.dentry;
	char *buf __drop_memory = NULL, *text;
	size_t len;

	if ((d->flags & DENTRY_UNHASHED) && d->parent != d)
		return -ENOENT;
	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	text = path_to_string(&fs->cwd, &fs->root, buf, PATH_MAX);
	len = text ? strlen(text) + 1 : PATH_MAX + 1;
	if (len > PATH_MAX)
		return -ENAMETOOLONG;
	if (len > ARG_U64(1))
		return -ERANGE;
	return copy_to_user(ARG_PTR(0), text, len) ? -EFAULT : (long)len;
}

/* The current or the root directory becomes p, if the task may enter it. */
static long change_dir(struct path *which, const struct path *p, int capability)
{
	struct inode *inode = p->dentry->inode;
	long error = S_ISDIR(inode->mode) ? inode_permission(inode, MAY_EXEC) : -ENOTDIR;

	if (!error && capability && !capable(capability))
		error = -EPERM;
	if (error)
		return error;
	path_get(p);
	path_put(which);
	*which = *p;
	return 0;
}

long sys_enter_dir(const struct sysargs *args)
{
	struct fs_context *fs = current->fs;
	struct path p __drop_path = {0};
	bool root = ARG_UINT(1);
	long error = path_lookup_user(AT_FDCWD, ARG_U64(0), LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	return error ? error : change_dir(root ? &fs->root : &fs->cwd, &p, root ? CAP_SYS_CHROOT : 0);
}

long sys_fchdir(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file_path(ARG_INT(0));

	return f ? change_dir(&current->fs->cwd, &f->path, 0) : -EBADF;
}

struct linux_dirent64 {
	u64 ino;
	s64 off;
	u16 reclen;
	u8 type;
	char name[];
} __packed;

/* The older form keeps the type in the record's last byte. */
struct linux_dirent {
	u64 ino;
	u64 off;
	u16 reclen;
	char name[];
} __packed;

struct user_sink {
	struct dirent_sink sink;
	u64 buf;
	u64 left;
	u64 used;
	bool old;
	int error;
};

static int put_entry64(struct user_sink *u, const char *name, u32 len, u64 ino, u32 type, u64 next,
		       u32 reclen)
{
	u8 record[ALIGN_UP(sizeof(struct linux_dirent64) + NAME_MAX + 1, 8)] = {0};
	struct linux_dirent64 *d = (struct linux_dirent64 *)record;

	d->ino = ino;
	d->off = (s64)next;
	d->reclen = (u16)reclen;
	d->type = (u8)type;
	memcpy(d->name, name, len);
	return copy_to_user((void *)(u->buf + u->used), record, reclen);
}

static int put_entry_old(struct user_sink *u, const char *name, u32 len, u64 ino, u32 type, u64 next,
			 u32 reclen)
{
	u8 record[ALIGN_UP(sizeof(struct linux_dirent) + NAME_MAX + 2, 8)] = {0};
	struct linux_dirent *d = (struct linux_dirent *)record;

	d->ino = ino;
	d->off = next;
	d->reclen = (u16)reclen;
	memcpy(d->name, name, len);
	record[reclen - 1] = (u8)type;
	return copy_to_user((void *)(u->buf + u->used), record, reclen);
}

static int emit(struct dirent_sink *sink, const char *name, u32 len, u64 ino, u32 type, u64 next)
{
	struct user_sink *u = container_of(sink, struct user_sink, sink);
	u32 head = u->old ? sizeof(struct linux_dirent) + 1 : sizeof(struct linux_dirent64);
	u32 reclen = ALIGN_UP(head + len + 1, 8u);

	if (len > NAME_MAX)
		return -EIO;
	if (reclen > u->left) {
		u->error = u->used ? 0 : -EINVAL;
		return ITER_DONE;
	}
	u->error = u->old ? put_entry_old(u, name, len, ino, type, next, reclen)
			  : put_entry64(u, name, len, ino, type, next, reclen);
	if (u->error)
		return ITER_DONE;
	u->used += reclen;
	u->left -= reclen;
	return 0;
}

long sys_list(const struct sysargs *args)
{
	struct user_sink u = {.sink.emit = emit, .buf = ARG_U64(1), .left = ARG_UINT(2), .old = ARG_UINT(3)};
	struct file *f __drop_file = fd_file(ARG_INT(0));
	long ret = -ENOTDIR;

	if (!f)
		return -EBADF;
	if (S_ISDIR(f->inode->mode) && f->ops->getdents) {
		mutex_lock(&f->pos_lock);
		ret = f->inode->nlink ? f->ops->getdents(f, &u.sink) : -ENOENT;
		mutex_unlock(&f->pos_lock);
		notify_file(f, ret < 0 ? 0 : IN_ACCESS);
	}
	if (u.used)
		return (long)u.used;
	return ret < 0 ? ret : u.error;
}
