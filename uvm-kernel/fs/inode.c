/* SPDX-License-Identifier: MIT */
/*
 * Inodes and superblocks: creation, counting, attributes. What an inode's data is lies with its file system.
 */
#include "notify.h"

static u32 next_dev = 1;

s64 vfs_now(void)
{
	return (s64)time_realtime();
}

struct superblock *super_alloc(const char *fstype, u64 magic, const struct superblock_ops *ops, u32 flags)
{
	struct superblock *sb = kzalloc(sizeof(*sb));

	if (!sb)
		return NULL;
	sb->refs = 1;
	sb->flags = flags;
	sb->dev = next_dev++;
	sb->magic = magic;
	sb->fstype = fstype;
	sb->ops = ops;
	sb->next_ino = 1;
	return sb;
}

void super_put(struct superblock *sb)
{
	if (--sb->refs || (sb->flags & SB_CACHE_NAMES))
		return;
	notify_unmount(sb);
	tree_destroy(sb->root);
	kfree(sb->private);
	kfree(sb);
}

static const struct inode_ops no_ops;

void inode_init(struct inode *inode, struct superblock *sb, u32 mode)
{
	inode->refs = 1;
	inode->sb = sb;
	inode->ops = &no_ops;
	inode->mode = mode;
	inode->nlink = 1;
	inode->ino = sb->next_ino++;
	inode->atime = inode->mtime = inode->ctime = vfs_now();
	mutex_init(&inode->lock);
	mapping_init(&inode->mapping);
	list_init(&inode->locks);
	list_init(&inode->watches);
	list_init(&inode->cache.dirty_link);
}

struct inode *inode_alloc(struct superblock *sb, u32 mode)
{
	struct inode *inode = kzalloc(sizeof(*inode));

	if (inode)
		inode_init(inode, sb, mode);
	return inode;
}

struct inode *inode_get(struct inode *inode)
{
	inode->refs++;
	return inode;
}

void inode_put(struct inode *inode)
{
	if (--inode->refs)
		return;
	kfree(inode->lock_wait);
	if (inode->ops->evict) {
		inode->ops->evict(inode);
		return;
	}
	pagecache_free(inode);
	kfree(inode);
}

void inode_set_owner(struct inode *inode, const struct inode *dir, u32 mode)
{
	inode->uid = current->cred.fsuid;
	inode->gid = current->cred.fsgid;
	inode->mode = mode;
	if (!(dir->mode & S_ISGID))
		return;
	inode->gid = dir->gid;
	if (S_ISDIR(mode))
		inode->mode |= S_ISGID;
}

void inode_touch(struct inode *inode)
{
	inode->mtime = inode->ctime = vfs_now();
}

static int open_refused(struct inode *inode __unused, struct file *f __unused)
{
	return -ENXIO;
}

const struct file_ops noopen_fops = {.open = open_refused};

void inode_set_special(struct inode *inode)
{
	switch (inode->mode & S_IFMT) {
	case S_IFCHR:
		inode->fops = chardev_fops(inode->rdev);
		break;
	case S_IFIFO:
		inode->fops = &fifo_fops;
		break;
	case S_IFBLK:
	case S_IFSOCK:
		inode->fops = &noopen_fops;
		break;
	default:
		break;
	}
}

u32 dirent_type(u32 mode)
{
	return (mode & S_IFMT) >> 12;
}

static int check_owner_change(const struct inode *inode, const struct iattr *attr)
{
	const struct cred *c = &current->cred;

	if ((attr->valid & ATTR_UID) && !(c->fsuid == inode->uid && attr->uid == inode->uid) &&
	    !capable(CAP_CHOWN))
		return -EPERM;
	if ((attr->valid & ATTR_GID) &&
	    !(c->fsuid == inode->uid && (attr->gid == inode->gid || cred_in_group(c, attr->gid))) &&
	    !capable(CAP_CHOWN))
		return -EPERM;
	return 0;
}

static int check_times(struct inode *inode, const struct iattr *attr)
{
	u32 times = attr->valid & (ATTR_ATIME | ATTR_MTIME | ATTR_ATIME_NOW | ATTR_MTIME_NOW);

	if (!times || inode_owner_or_capable(inode))
		return 0;
	/* Both to now: writers may, too. */
	if (times == (ATTR_ATIME_NOW | ATTR_MTIME_NOW))
		return inode_permission(inode, MAY_WRITE);
	return -EPERM;
}

int inode_setattr_check(struct inode *inode, struct iattr *attr)
{
	int error = check_owner_change(inode, attr);

	if (error)
		return error;
	if (attr->valid & ATTR_MODE) {
		u32 gid = attr->valid & ATTR_GID ? attr->gid : inode->gid;

		if (!inode_owner_or_capable(inode))
			return -EPERM;
		if (!cred_in_group(&current->cred, gid) && !capable(CAP_FSETID))
			attr->mode &= ~S_ISGID;
	}
	return check_times(inode, attr);
}

/* chown takes set-id bits away from files. */
static void chown_drops_setid(const struct inode *inode, struct iattr *attr)
{
	u32 mode = attr->valid & ATTR_MODE ? attr->mode : inode->mode & 07777;
	u32 kill = S_ISUID | (mode & 0010 ? S_ISGID : 0);

	if (!(attr->valid & (ATTR_UID | ATTR_GID)) || S_ISDIR(inode->mode) || !(mode & kill))
		return;
	attr->mode = mode & ~kill;
	attr->valid |= ATTR_MODE;
}

/* Both times at once, mode and owner are attributes; one time alone is what an access or a write would do. */
static u32 change_events(u32 valid)
{
	bool atime = valid & (ATTR_ATIME | ATTR_ATIME_NOW), mtime = valid & (ATTR_MTIME | ATTR_MTIME_NOW);

	return (valid & (ATTR_MODE | ATTR_UID | ATTR_GID) || (atime && mtime) ? IN_ATTRIB : 0) |
	       (atime && !mtime ? IN_ACCESS : 0) | (mtime && !atime ? IN_MODIFY : 0);
}

int path_setattr(const struct path *path, struct iattr *attr)
{
	struct inode *inode = path->dentry->inode;
	int error;

	if (mount_readonly(path->mount))
		return -EROFS;
	mutex_lock(&inode->lock);
	error = inode_setattr_check(inode, attr);
	if (!error) {
		chown_drops_setid(inode, attr);
		error = inode->ops->setattr ? inode->ops->setattr(inode, attr) : -EPERM;
	}
	mutex_unlock(&inode->lock);
	if (!error)
		notify_path(path->dentry, change_events(attr->valid));
	return error;
}

void inode_copy_attr(struct inode *inode, const struct iattr *attr)
{
	s64 now = vfs_now();

	if (attr->valid & ATTR_MODE)
		inode->mode = (inode->mode & S_IFMT) | (attr->mode & 07777);
	if (attr->valid & ATTR_UID)
		inode->uid = attr->uid;
	if (attr->valid & ATTR_GID)
		inode->gid = attr->gid;
	if (attr->valid & ATTR_ATIME)
		inode->atime = attr->atime;
	if (attr->valid & ATTR_MTIME)
		inode->mtime = attr->mtime;
	if (attr->valid & ATTR_ATIME_NOW)
		inode->atime = now;
	if (attr->valid & ATTR_MTIME_NOW)
		inode->mtime = now;
	inode->ctime = now;
}

int inode_kill_setid(struct inode *inode)
{
	u32 kill = inode->mode & S_ISUID;
	struct iattr attr;

	if (inode->mode & 0010)
		kill |= inode->mode & S_ISGID;
	if (!kill || !S_ISREG(inode->mode) || capable(CAP_FSETID))
		return 0;
	attr = (struct iattr){.valid = ATTR_MODE, .mode = inode->mode & 07777 & ~kill};
	return inode->ops->setattr ? inode->ops->setattr(inode, &attr) : 0;
}
