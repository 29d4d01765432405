/* SPDX-License-Identifier: MIT */
/*
 * Changing what a file is like: mode, owner, times, size; and asking for it to be on disk.
 */
#include "../fs/notify.h"

static long attr_path(int dfd, u64 uname, u32 at, struct iattr *attr)
{
	struct path p __drop_path = {0};
	long ret = at & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ? -EINVAL : 0;

	if (!ret)
		ret = path_lookup_user(dfd, uname, lookup_flags(at), &p);
	if (!ret && attr->valid & ATTR_MODE && S_ISLNK(p.dentry->inode->mode))
		return -EOPNOTSUPP;
	return ret ? ret : path_setattr(&p, attr);
}

static long attr_fd(int fd, struct iattr *attr)
{
	struct file *f __drop_file = fd_file(fd);

	return f ? path_setattr(&f->path, attr) : -EBADF;
}

static struct iattr mode_attr(u32 mode)
{
	return (struct iattr){.valid = ATTR_MODE, .mode = mode & 07777};
}

long sys_fchmod(const struct sysargs *args)
{
	struct iattr attr = mode_attr(ARG_UINT(1));

	return attr_fd(ARG_INT(0), &attr);
}

long sys_fchmodat2(const struct sysargs *args)
{
	struct iattr attr = mode_attr(ARG_UINT(2));

	return attr_path(ARG_INT(0), ARG_U64(1), ARG_UINT(3), &attr);
}

static struct iattr owner_attr(u32 uid, u32 gid)
{
	struct iattr attr = {.uid = uid, .gid = gid};

	attr.valid = (uid != ~0u ? ATTR_UID : 0) | (gid != ~0u ? ATTR_GID : 0);
	return attr;
}

long sys_fchown(const struct sysargs *args)
{
	struct iattr attr = owner_attr(ARG_UINT(1), ARG_UINT(2));

	return attr_fd(ARG_INT(0), &attr);
}

long sys_fchownat(const struct sysargs *args)
{
	struct iattr attr = owner_attr(ARG_UINT(2), ARG_UINT(3));

	return attr_path(ARG_INT(0), ARG_U64(1), ARG_UINT(4), &attr);
}

#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static s64 timespec_ns(const struct timespec *t)
{
	s64 limit = INT64_MAX / (s64)NSEC_PER_SEC - 1;
	s64 sec = MAX(MIN(t->tv_sec, limit), -limit);

	return sec * (s64)NSEC_PER_SEC + t->tv_nsec;
}

static bool valid_nsec(const struct timespec *t)
{
	return (u64)t->tv_nsec < NSEC_PER_SEC || t->tv_nsec == UTIME_NOW || t->tv_nsec == UTIME_OMIT;
}

static int times_attr(const struct timespec t[2], struct iattr *attr)
{
	*attr = (struct iattr){0};
	if (!valid_nsec(&t[0]) || !valid_nsec(&t[1]))
		return -EINVAL;
	if (t[0].tv_nsec == UTIME_NOW)
		attr->valid |= ATTR_ATIME_NOW;
	else if (t[0].tv_nsec != UTIME_OMIT)
		attr->valid |= ATTR_ATIME;
	if (t[1].tv_nsec == UTIME_NOW)
		attr->valid |= ATTR_MTIME_NOW;
	else if (t[1].tv_nsec != UTIME_OMIT)
		attr->valid |= ATTR_MTIME;
	attr->atime = timespec_ns(&t[0]);
	attr->mtime = timespec_ns(&t[1]);
	return 0;
}

static long set_times(int dfd, u64 uname, u32 at, const struct timespec t[2])
{
	static const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	struct iattr attr;
	int error = times_attr(t ? t : now, &attr);

	if (error)
		return error;
	if (!uname && dfd != AT_FDCWD) /* futimens */
		return at ? -EINVAL : attr_fd(dfd, &attr);
	return attr_path(dfd, uname, at, &attr);
}

long sys_utimensat(const struct sysargs *args)
{
	struct timespec t[2];

	if (ARG_U64(2) && copy_from_user(t, ARG_PTR(2), sizeof(t)))
		return -EFAULT;
	return set_times(ARG_INT(0), ARG_U64(1), ARG_UINT(3), ARG_U64(2) ? t : NULL);
}

long sys_futimesat(const struct sysargs *args)
{
	struct timeval v[2];
	struct timespec t[2];

	if (!ARG_U64(2))
		return set_times(ARG_INT(0), ARG_U64(1), 0, NULL);
	if (copy_from_user(v, ARG_PTR(2), sizeof(v)))
		return -EFAULT;
	for (u32 i = 0; i < 2; i++) {
		if ((u64)v[i].tv_usec >= 1000000)
			return -EINVAL;
		t[i] = (struct timespec){v[i].tv_sec, v[i].tv_usec * 1000};
	}
	return set_times(ARG_INT(0), ARG_U64(1), 0, t);
}

long sys_utime(const struct sysargs *args)
{
	s64 u[2];
	struct timespec t[2] = {{0, 0}};

	if (!ARG_U64(1))
		return set_times(AT_FDCWD, ARG_U64(0), 0, NULL);
	if (copy_from_user(u, ARG_PTR(1), sizeof(u)))
		return -EFAULT;
	t[0] = (struct timespec){u[0], 0};
	t[1] = (struct timespec){u[1], 0};
	return set_times(AT_FDCWD, ARG_U64(0), 0, t);
}

static long set_size(const struct path *p, struct file *f, s64 size)
{
	struct iattr attr = {.valid = ATTR_SIZE, .size = (u64)size, .file = f};
	struct inode *inode = p->dentry->inode;
	long error;

	if (mount_readonly(p->mount))
		return -EROFS;
	if (!S_ISREG(inode->mode))
		return S_ISDIR(inode->mode) ? -EISDIR : -EINVAL;
	if ((u64)size > rlimit(RLIMIT_FSIZE)) {
		signal_task(current, SIGXFSZ);
		return -EFBIG;
	}
	mutex_lock(&inode->lock);
	error = inode_kill_setid(inode);
	if (!error)
		error = inode->ops->setattr ? inode->ops->setattr(inode, &attr) : -EINVAL;
	mutex_unlock(&inode->lock);
	if (!error)
		notify_path(p->dentry, IN_MODIFY);
	return error;
}

long sys_truncate(const struct sysargs *args)
{
	struct path p __drop_path = {0};
	struct inode *inode;
	long ret;

	if (ARG_LONG(1) < 0)
		return -EINVAL;
	ret = path_lookup_user(AT_FDCWD, ARG_U64(0), LOOKUP_FOLLOW, &p);
	if (ret)
		return ret;
	inode = p.dentry->inode;
	ret = S_ISDIR(inode->mode) ? -EISDIR : inode_permission(inode, MAY_WRITE);
	if (!ret && inode->exec_users)
		ret = -ETXTBSY;
	return ret ? ret : set_size(&p, NULL, ARG_LONG(1));
}

long sys_ftruncate(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (ARG_LONG(1) < 0)
		return -EINVAL;
	if (!f)
		return -EBADF;
	if (!f->can_write || !S_ISREG(f->inode->mode))
		return -EINVAL;
	return set_size(&f->path, f, ARG_LONG(1));
}

static long do_fallocate(struct file *f, int mode, s64 offset, s64 len)
{
	enum { KEEP_SIZE = 1, PUNCH_HOLE = 2 };
	struct inode *inode = f->inode;
	s64 end;
	long ret;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if ((mode & PUNCH_HOLE) && !(mode & KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!f->can_write)
		return -EBADF;
	if (S_ISFIFO(inode->mode))
		return -ESPIPE;
	if (!S_ISREG(inode->mode))
		return S_ISDIR(inode->mode) ? -EISDIR : -ENODEV;
	if (__builtin_add_overflow(offset, len, &end) || (u64)end > rlimit(RLIMIT_FSIZE))
		return -EFBIG;
	if (!inode->ops->fallocate)
		return -EOPNOTSUPP;
	mutex_lock(&inode->lock);
	ret = inode_kill_setid(inode);
	if (!ret)
		ret = inode->ops->fallocate(inode, mode, (u64)offset, (u64)len);
	mutex_unlock(&inode->lock);
	if (!ret)
		notify_file(f, IN_MODIFY);
	return ret;
}

long sys_fallocate(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	return f ? do_fallocate(f, ARG_INT(1), ARG_LONG(2), ARG_LONG(3)) : -EBADF;
}

long sys_sync_file(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (!f)
		return -EBADF;
	return f->ops->fsync ? f->ops->fsync(f, ARG_UINT(1)) : -EINVAL;
}

long sys_sync_file_range(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (ARG_UINT(3) & ~7u || ARG_LONG(1) < 0 || ARG_LONG(2) < 0)
		return -EINVAL;
	if (!f)
		return -EBADF;
	if (!f->ops->can_mmap)
		return -ESPIPE;
	return f->ops->flush ? f->ops->flush(f) : 0;
}

long sys_sync(const struct sysargs *args __unused)
{
	fs_sync_all();
	return 0;
}

long sys_syncfs(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	return f ? sys_sync(args) : -EBADF;
}

/* All advice is about read-ahead and eviction; only WILLNEED and DONTNEED are worth acting on, and a page
 * cache that is one copy away from the server's gains nothing by either. */
long sys_fadvise64(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (!f)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	return ARG_UINT(3) > 5 || ARG_LONG(2) < 0 ? -EINVAL : 0;
}

long sys_readahead(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file(ARG_INT(0));

	if (!f || !f->can_read)
		return -EBADF;
	return f->ops->can_mmap ? 0 : -EINVAL;
}
