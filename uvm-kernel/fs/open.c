/* SPDX-License-Identifier: MIT */
/*
 * open: from a path and O_ flags to a file, with everything Linux checks on the way; also for exec.
 */
#include "notify.h"

struct open_how {
	u32 flags;
	u32 mode;
	bool created;
};

static int create_here(struct nameidata *nd, struct dentry *d, struct open_how *how)
{
	struct inode *dir = nd->at.dentry->inode;
	int error = -EISDIR;

	if (nd->slash)
		return error;
	mutex_lock(&dir->lock);
	if (d->flags & DENTRY_UNHASHED) {
		error = -EAGAIN;
	} else if (d->inode) {
		error = how->flags & O_EXCL ? -EEXIST : 0;
	} else {
		error = dir_may_create(&nd->at);
		if (!error)
			error = dir->ops->create
					? dir->ops->create(dir, d, S_IFREG | how->mode, how->flags & O_EXCL)
					: -EACCES;
		how->created = !error;
		if (!error)
			notify_entry(dir, d, IN_CREATE);
	}
	mutex_unlock(&dir->lock);
	return error;
}

/* The last component exists, or was made: is it what the flags want? Takes over d. */
static int accept_last(struct nameidata *nd, struct dentry *d, struct open_how *how, struct path *out)
{
	u32 mode;

	path_enter(nd, d, out);
	mode = out->dentry->inode->mode;
	if ((nd->slash || (how->flags & O_DIRECTORY)) && !S_ISDIR(mode)) {
		path_put(out);
		return -ENOTDIR;
	}
	if ((how->flags & O_CREAT) && S_ISDIR(mode)) {
		path_put(out);
		return -EISDIR;
	}
	return 0;
}

/* 1: the walk goes on at a link's target; 0: *out is it; -errno. */
static int open_last(struct nameidata *nd, struct open_how *how, struct path *out)
{
	struct dentry *d;
	int error;

	if (nd->type != LAST_NORM) {
		/* A directory, or what a magic link of /proc led to. */
		error = path_finish(nd, out);
		if (error || !(how->flags & O_CREAT) || !S_ISDIR(out->dentry->inode->mode))
			return error;
		path_put(out);
		return -EISDIR;
	}
	error = lookup_last(nd, &d);
	if (error)
		return error;
	if (!d->inode) {
		error = how->flags & O_CREAT ? create_here(nd, d, how) : -ENOENT;
		if (error) {
			dentry_put(d);
			return error == -EAGAIN ? 1 : error;
		}
	} else if ((how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
		dentry_put(d);
		return -EEXIST;
	}
	if (!S_ISLNK(d->inode->mode))
		return accept_last(nd, d, how, out);
	if ((how->flags & O_NOFOLLOW) && !nd->slash) {
		if (how->flags & O_PATH)
			return accept_last(nd, d, how, out);
		dentry_put(d);
		return how->flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
	}
	error = follow_last(nd, d);
	return error ? error : 1;
}

static int may_write_open(const struct path *p, struct inode *inode)
{
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return 0;
	if (mount_readonly(p->mount))
		return -EROFS;
	return inode->exec_users ? -ETXTBSY : 0;
}

static int may_open(const struct path *p, const struct open_how *how)
{
	struct inode *inode = p->dentry->inode;
	u32 access = how->flags & O_ACCMODE;
	int mask = access == O_RDONLY ? MAY_READ : access == O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
	int error = 0;

	if (how->flags & O_TRUNC)
		mask |= MAY_WRITE;
	if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) && p->mount && (p->mount->flags & MS_NODEV))
		return -EACCES;
	if (!how->created)
		error = inode_permission(inode, mask);
	if (!error && (mask & MAY_WRITE))
		error = may_write_open(p, inode);
	if (!error && (how->flags & O_NOATIME) && !inode_owner_or_capable(inode))
		error = -EPERM;
	return error;
}

static int truncate_at_open(struct file *f)
{
	struct iattr attr = {.valid = ATTR_SIZE, .size = 0, .file = f};
	int error = -EINVAL;

	mutex_lock(&f->inode->lock);
	if (f->inode->ops->setattr)
		error = f->inode->ops->setattr(f->inode, &attr);
	mutex_unlock(&f->inode->lock);
	if (!error)
		notify_file(f, IN_MODIFY);
	return error;
}

/* Makes the file object for a path that passed the checks. */
static struct file *open_path(const struct path *p, struct open_how *how, int *error)
{
	struct file *f = file_alloc(error);

	if (!f)
		return NULL;
	f->path = *p;
	path_get(&f->path);
	f->inode = inode_get(p->dentry->inode);
	f->flags = how->flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	if (how->flags & O_PATH) {
		f->flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW;
		return f;
	}
	f->flags |= O_LARGEFILE;
	f->open_flags = how->flags;
	file_set_access(f, how->flags);
	f->ops = f->inode->fops;
	*error = f->ops ? 0 : -ENXIO;
	if (!*error && f->ops->open)
		*error = f->ops->open(f->inode, f);
	if (*error) {
		f->ops = NULL; /* nothing to release */
		file_put(f);
		return NULL;
	}
	if ((how->flags & O_TRUNC) && !how->created && S_ISREG(f->inode->mode))
		*error = truncate_at_open(f);
	if (*error) {
		file_put(f);
		return NULL;
	}
	notify_file(f, IN_OPEN);
	return f;
}

static struct file *open_tmpfile(const struct path *dir, struct open_how *how, int *error)
{
	struct inode *inode = dir->dentry->inode;
	struct path p = {dir->mount, NULL};
	struct file *f;

	*error = S_ISDIR(inode->mode) ? inode_permission(inode, MAY_WRITE | MAY_EXEC) : -ENOTDIR;
	if (!*error && mount_readonly(dir->mount))
		*error = -EROFS;
	if (!*error)
		*error = inode->ops->tmpfile
				 ? inode->ops->tmpfile(inode, dir->dentry, S_IFREG | how->mode, &p.dentry)
				 : -EOPNOTSUPP;
	if (*error)
		return NULL;
	how->created = true;
	how->flags &= ~O_TMPFILE | O_ACCMODE;
	f = open_path(&p, how, error);
	dentry_put(p.dentry);
	return f;
}

static int check_flags(u32 *flags, u32 *mode)
{
	if (*flags & O_PATH) {
		*flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		return 0;
	}
	if ((*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if ((*flags & 020000000) && (*flags & O_TMPFILE) != O_TMPFILE)
		return -EINVAL;
	if ((*flags & 020000000) && (*flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	*mode &= 07777 & ~current->fs->umask;
	return 0;
}

struct file *file_open(int dfd, const char *path, u32 flags, u32 mode, int *error)
{
	struct open_how how = {flags, mode, false};
	struct nameidata nd;
	struct path p;
	struct file *f = NULL;

	*error = check_flags(&how.flags, &how.mode);
	if (*error)
		return NULL;
	*error = path_parent(dfd, path, how.flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &nd);
	if (*error)
		return NULL;
	if (how.flags & O_DIRECTORY)
		nd.flags |= LOOKUP_DIRECTORY;
	do
		*error = open_last(&nd, &how, &p);
	while (*error > 0);
	nameidata_put(&nd);
	if (*error)
		return NULL;
	if ((how.flags & O_TMPFILE) == O_TMPFILE && !(how.flags & O_PATH)) {
		f = open_tmpfile(&p, &how, error);
	} else {
		*error = how.flags & O_PATH ? 0 : may_open(&p, &how);
		if (!*error)
			f = open_path(&p, &how, error);
	}
	path_put(&p);
	return f;
}

struct file *file_open_at(const struct path *p, u32 flags, int *error)
{
	struct open_how how = {.flags = flags};

	return open_path(p, &how, error);
}

static int exec_allowed(const struct path *p)
{
	struct inode *inode = p->dentry->inode;

	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (!S_ISREG(inode->mode))
		return -EACCES;
	if (p->mount && (p->mount->flags & MS_NOEXEC))
		return -EACCES;
	if (inode->writers > 0)
		return -ETXTBSY;
	return inode_permission(inode, MAY_EXEC);
}

int vfs_open_exec(int dirfd, const char *path, int flags, struct exec_file *out)
{
	struct open_how how = {.flags = O_RDONLY};
	struct path p __drop_path = {0};
	int error;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	error = path_lookup(dirfd, path, lookup_flags((u32)flags), &p);
	if (error)
		return error;
	error = exec_allowed(&p);
	if (!error)
		out->file = open_path(&p, &how, &error);
	if (!error) {
		struct inode *inode = out->file->inode;
		bool nosuid = p.mount && (p.mount->flags & MS_NOSUID);

		out->file->image = true;
		inode->exec_users++;
		out->mode = nosuid ? inode->mode & ~(S_ISUID | S_ISGID) : inode->mode;
		out->uid = inode->uid;
		out->gid = inode->gid;
	}
	return error;
}

ssize_t vfs_read_at(struct file *f, void *kernel_buf, size_t len, u64 pos)
{
	struct iov_iter it;

	iter_kernel(&it, kernel_buf, len);
	return file_read(f, &it, &pos);
}
