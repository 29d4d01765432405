/* SPDX-License-Identifier: MIT */
/*
 * The stat family, access, statfs, readlink: looking at files without opening them.
 */
#include "../fs/dirops.h"
#include "../fs/fs.h"

struct stat64 { /* struct stat of x86-64 */
	u64 dev, ino, nlink;
	u32 mode, uid, gid, pad0;
	u64 rdev;
	s64 size, blksize, blocks;
	struct timespec atime, mtime, ctime;
	s64 unused[3];
};
_Static_assert(sizeof(struct stat64) == 144, "struct stat is 144 bytes");

static struct timespec to_timespec(s64 ns)
{
	s64 sec = ns / (s64)NSEC_PER_SEC, rest = ns % (s64)NSEC_PER_SEC;

	if (rest < 0) {
		rest += (s64)NSEC_PER_SEC;
		sec--;
	}
	return (struct timespec){sec, rest};
}

static int refresh(struct inode *inode)
{
	return inode->ops->getattr ? inode->ops->getattr(inode) : 0;
}

static long put_stat(struct inode *inode, u64 ubuf)
{
	struct stat64 s = {0};
	int error = refresh(inode);

	if (error)
		return error;
	s.dev = inode->sb->dev;
	s.ino = inode->ino;
	s.nlink = inode->nlink;
	s.mode = inode->mode;
	s.uid = inode->uid;
	s.gid = inode->gid;
	s.rdev = inode->rdev;
	s.size = (s64)inode->size;
	s.blksize = PAGE_SIZE;
	s.blocks = (s64)inode->blocks;
	s.atime = to_timespec(inode->atime);
	s.mtime = to_timespec(inode->mtime);
	s.ctime = to_timespec(inode->ctime);
	return copy_to_user((void *)ubuf, &s, sizeof(s));
}

long sys_fstat(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file_path(ARG_INT(0));

	return f ? put_stat(f->inode, ARG_U64(1)) : -EBADF;
}

static bool is_empty_string(u64 uname)
{
	char c;

	return !uname || (!get_user(c, uname) && !c);
}

long sys_newfstatat(const struct sysargs *args)
{
	struct path p __drop_path = {0};
	u32 at = ARG_UINT(3);
	long ret;

	if (at & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	/* fstat() of glibc comes this way: no walk for it. */
	if ((at & AT_EMPTY_PATH) && ARG_INT(0) >= 0 && is_empty_string(ARG_U64(1)))
		return sys_fstat(&(const struct sysargs){{ARG_U64(0), ARG_U64(2)}});
	ret = path_lookup_user(ARG_INT(0), ARG_U64(1), lookup_flags(at), &p);
	return ret ? ret : put_stat(p.dentry->inode, ARG_U64(2));
}

struct statx_timestamp {
	s64 sec;
	u32 nsec;
	s32 reserved;
};

struct statx {
	u32 mask, blksize;
	u64 attributes;
	u32 nlink, uid, gid;
	u16 mode, spare0;
	u64 ino, size, blocks, attributes_mask;
	struct statx_timestamp atime, btime, ctime, mtime;
	u32 rdev_major, rdev_minor;
	u32 dev_major, dev_minor;
	u64 mnt_id, spare[13];
};
_Static_assert(sizeof(struct statx) == 256, "struct statx is 256 bytes");

static struct statx_timestamp to_statx_time(s64 ns)
{
	struct timespec t = to_timespec(ns);

	return (struct statx_timestamp){t.tv_sec, (u32)t.tv_nsec, 0};
}

static long put_statx(const struct path *p, u64 ubuf)
{
	enum { BASIC_STATS = 0x7ff, MNT_ID = 0x1000 };
	struct inode *inode = p->dentry->inode;
	struct statx s = {.mask = BASIC_STATS | (p->mount ? MNT_ID : 0)};
	int error = refresh(inode);

	if (error)
		return error;
	s.blksize = PAGE_SIZE;
	s.nlink = inode->nlink;
	s.uid = inode->uid;
	s.gid = inode->gid;
	s.mode = (u16)inode->mode;
	s.ino = inode->ino;
	s.size = inode->size;
	s.blocks = inode->blocks;
	s.atime = to_statx_time(inode->atime);
	s.mtime = to_statx_time(inode->mtime);
	s.ctime = to_statx_time(inode->ctime);
	s.rdev_major = dev_major(inode->rdev);
	s.rdev_minor = dev_minor(inode->rdev);
	s.dev_minor = inode->sb->dev;
	s.mnt_id = p->mount ? (u64)p->mount->id : 0;
	return copy_to_user((void *)ubuf, &s, sizeof(s));
}

long sys_statx(const struct sysargs *args)
{
	enum { SYNC_TYPE = 0x6000, MASK_RESERVED = (int)0x80000000 };
	struct path p __drop_path = {0};
	u32 at = ARG_UINT(2);
	long ret;

	if (at & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | SYNC_TYPE) ||
	    (at & SYNC_TYPE) == SYNC_TYPE || (ARG_UINT(3) & (u32)MASK_RESERVED))
		return -EINVAL;
	ret = path_lookup_user(ARG_INT(0), ARG_U64(1), lookup_flags(at), &p);
	return ret ? ret : put_statx(&p, ARG_U64(4));
}

static long check_access(int dfd, u64 uname, u32 mode, u32 at)
{
	struct path p __drop_path = {0};
	struct inode *inode;
	long ret = path_lookup_user(dfd, uname, lookup_flags(at), &p);

	if (ret)
		return ret;
	inode = p.dentry->inode;
	if ((mode & MAY_EXEC) && S_ISREG(inode->mode) && p.mount && (p.mount->flags & MS_NOEXEC))
		return -EACCES;
	if (mode)
		ret = inode_permission(inode, (int)mode);
	if (!ret && (mode & MAY_WRITE) && mount_readonly(p.mount) && !S_ISCHR(inode->mode) &&
	    !S_ISBLK(inode->mode) && !S_ISFIFO(inode->mode) && !S_ISSOCK(inode->mode))
		ret = -EROFS;
	return ret;
}

long sys_faccessat2(const struct sysargs *args)
{
	u32 mode = ARG_UINT(2), at = ARG_UINT(3);
	struct cred *c = &current->cred, own = *c;
	long ret;

	if (mode & ~7u || at & ~(u32)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(at & AT_EACCESS)) {
		c->fsuid = c->uid;
		c->fsgid = c->gid;
		c->cap_effective = c->uid ? 0 : c->cap_permitted;
	}
	ret = check_access(ARG_INT(0), ARG_U64(1), mode, at);
	*c = own;
	return ret;
}

struct statfs64 { /* struct statfs of x86-64 */
	u64 type, bsize, blocks, bfree, bavail, files, ffree;
	u64 fsid;
	u64 namelen, frsize, flags;
	u64 spare[4];
};
_Static_assert(sizeof(struct statfs64) == 120, "struct statfs is 120 bytes");

static long put_statfs(const struct path *p, u64 ubuf)
{
	struct superblock *sb = p->dentry->sb;
	struct statfs_info info = {.bsize = PAGE_SIZE, .namelen = NAME_MAX};
	struct statfs64 s;
	int error = sb->ops ? sb->ops->statfs(sb, &info) : 0;

	if (error)
		return error;
	s = (struct statfs64){
		.type = sb->magic,
		.bsize = info.bsize,
		.blocks = info.blocks,
		.bfree = info.bfree,
		.bavail = info.bavail,
		.files = info.files,
		.ffree = info.ffree,
		.fsid = sb->dev,
		.namelen = info.namelen,
		.frsize = info.frsize ? info.frsize : info.bsize,
		.flags = 0x20 /* ST_VALID */ | (p->mount ? p->mount->flags & 0x40f : 0),
	};
	return copy_to_user((void *)ubuf, &s, sizeof(s));
}

long sys_statfs(const struct sysargs *args)
{
	struct path p __drop_path = {0};
	long ret = path_lookup_user(AT_FDCWD, ARG_U64(0), LOOKUP_FOLLOW, &p);

	return ret ? ret : put_statfs(&p, ARG_U64(1));
}

long sys_fstatfs(const struct sysargs *args)
{
	struct file *f __drop_file = fd_file_path(ARG_INT(0));

	return f ? put_statfs(&f->path, ARG_U64(1)) : -EBADF;
}

long sys_readlinkat(const struct sysargs *args)
{
	char *buf __drop_memory = NULL;
	struct path p __drop_path = {0};
	s32 size = ARG_INT(3);
	struct inode *inode;
	long ret;

	if (size <= 0)
		return -EINVAL;
	ret = path_lookup_user(ARG_INT(0), ARG_U64(1), LOOKUP_EMPTY, &p);
	if (ret)
		return ret;
	inode = p.dentry->inode;
	if (!S_ISLNK(inode->mode))
		return is_empty_string(ARG_U64(1)) ? -ENOENT : -EINVAL;
	buf = kmalloc(PATH_MAX);
	ret = buf ? inode->ops->readlink(inode, buf, (size_t)MIN(size, (s32)PATH_MAX)) : -ENOMEM;
	return ret > 0 && copy_to_user(ARG_PTR(2), buf, (size_t)ret) ? -EFAULT : ret;
}
