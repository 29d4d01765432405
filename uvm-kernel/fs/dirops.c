/* SPDX-License-Identifier: MIT */
/*
 * Creating, removing and renaming directory entries: the checks that are common to all file systems, then the
 * file system's own operation under the directory's lock.
 */
#include "dirops.h"
#include "notify.h"

/* The parent of name, locked, and the entry there. Undone by end_entry. -EEXIST: name ends in none, see
 * nd->type. */
static int begin_entry(int dfd, const char *name, struct nameidata *nd, struct dentry **d)
{
	int error = path_parent(dfd, name, 0, nd);

	if (error)
		return error;
	if (nd->type != LAST_NORM) {
		nameidata_put(nd);
		return -EEXIST;
	}
	for (;;) {
		error = lookup_last(nd, d);
		if (error) {
			nameidata_put(nd);
			return error;
		}
		mutex_lock(&nd->at.dentry->inode->lock);
		if (!((*d)->flags & DENTRY_UNHASHED))
			return 0;
		/* Somebody removed it while we slept. */
		mutex_unlock(&nd->at.dentry->inode->lock);
		dentry_put(*d);
	}
}

/* made: whether d is new, and its directory's watchers are to hear of it. */
static void end_entry(struct nameidata *nd, struct dentry *d, bool made)
{
	if (made)
		notify_entry(nd->at.dentry->inode, d, IN_CREATE);
	mutex_unlock(&nd->at.dentry->inode->lock);
	dentry_put(d);
	nameidata_put(nd);
}

/* What becomes of a new entry: a node by its mode, a symbolic link to target, or another name of old. */
struct making {
	u32 mode, rdev;
	const char *target;
	const struct path *old;
};

static int link_here(const struct path *at, struct dentry *d, const struct path *old)
{
	struct inode *inode = old->dentry->inode, *dir = at->dentry->inode;
	int error;

	if (old->mount != at->mount)
		return -EXDEV;
	if (S_ISDIR(inode->mode))
		return -EPERM;
	if (!inode->nlink && !inode->linkable)
		return -ENOENT;
	error = dir->ops->link ? dir->ops->link(old->dentry, dir, d) : -EPERM;
	if (!error)
		notify_inode(inode, IN_ATTRIB);
	return error;
}

/* The file system's own operation. */
static int make_here(const struct path *at, struct dentry *d, const struct making *m)
{
	struct inode *dir = at->dentry->inode;
	const struct inode_ops *ops = dir->ops;

	if (m->old)
		return link_here(at, d, m->old);
	if (m->target)
		return ops->symlink ? ops->symlink(dir, d, m->target) : -EPERM;
	if (S_ISDIR(m->mode))
		return ops->mkdir ? ops->mkdir(dir, d, m->mode) : -EPERM;
	if (S_ISREG(m->mode))
		return ops->create ? ops->create(dir, d, m->mode, true) : -EPERM;
	if ((S_ISCHR(m->mode) || S_ISBLK(m->mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	return ops->mknod ? ops->mknod(dir, d, m->mode, m->rdev) : -EPERM;
}

static int make_entry(int dfd, const char *name, const struct making *m)
{
	struct nameidata nd;
	struct dentry *d;
	int error = begin_entry(dfd, name, &nd, &d);

	if (error)
		return error;
	if (d->inode)
		error = -EEXIST;
	else
		error = nd.slash && !S_ISDIR(m->mode) ? -ENOENT : dir_may_create(&nd.at);
	if (!error)
		error = make_here(&nd.at, d, m);
	end_entry(&nd, d, !error);
	return error;
}

int do_mkdirat(int dfd, const char *name, u32 mode)
{
	return make_entry(dfd, name,
			  &(struct making){.mode = S_IFDIR | (mode & 01777 & ~current->fs->umask)});
}

int do_mknodat(int dfd, const char *name, u32 mode, u64 dev)
{
	struct making m = {.rdev = S_ISCHR(mode) || S_ISBLK(mode) ? (u32)dev : 0};

	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (S_ISDIR(mode))
		return -EPERM;
	if (!S_ISREG(mode) && !S_ISCHR(mode) && !S_ISBLK(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode))
		return -EINVAL;
	m.mode = mode & (S_IFMT | (07777 & ~current->fs->umask));
	return make_entry(dfd, name, &m);
}

int do_symlinkat(const char *target, int dfd, const char *name)
{
	return *target ? make_entry(dfd, name, &(struct making){.target = target}) : -ENOENT;
}

int do_linkat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, u32 at_flags)
{
	u32 flags = (at_flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
		    (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path old __drop_path = {0};
	int error;

	if (at_flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if ((at_flags & AT_EMPTY_PATH) && !capable(CAP_DAC_READ_SEARCH))
		return -ENOENT;
	error = path_lookup(old_dfd, old_name, flags, &old);
	return error ? error : make_entry(new_dfd, new_name, &(struct making){.old = &old});
}

static void lost_a_name(struct inode *inode)
{
	if (!list_empty(&inode->watches) && inode->ops->getattr)
		inode->ops->getattr(inode); /* how many are left */
	if (!S_ISDIR(inode->mode))
		notify_inode(inode, IN_ATTRIB);
}

/* d is out of its directory. */
static void entry_gone(struct inode *dir, struct dentry *d)
{
	dentry_unhash(d);
	if (!notify_watches)
		return;
	lost_a_name(d->inode);
	notify_entry(dir, d, IN_DELETE);
}

int do_unlinkat(int dfd, const char *name, bool is_dir)
{
	struct nameidata nd;
	struct dentry *d;
	struct inode *dir;
	int (*take)(struct inode * dir, struct dentry * d);
	int error = begin_entry(dfd, name, &nd, &d);

	if (error == -EEXIST && !is_dir)
		return -EISDIR;
	if (error == -EEXIST) /* no entry: ".", ".." or "/" */
		return nd.type == LAST_DOT ? -EINVAL : nd.type == LAST_DOTDOT ? -ENOTEMPTY : -EBUSY;
	if (error)
		return error;
	dir = nd.at.dentry->inode;
	take = is_dir ? dir->ops->rmdir : dir->ops->unlink;
	if (!is_dir && d->inode && nd.slash)
		error = S_ISDIR(d->inode->mode) ? -EISDIR : -ENOTDIR;
	else
		error = dir_may_delete(&nd.at, d, is_dir);
	if (!error)
		error = take ? take(dir, d) : -EPERM;
	if (!error)
		entry_gone(dir, d);
	end_entry(&nd, d, false);
	return error;
}

struct rename_sides {
	struct nameidata from, to;
	struct dentry *old, *new;
};

static struct inode *side_dir(const struct nameidata *nd)
{
	return nd->at.dentry->inode;
}

static void lock_both(struct inode *a, struct inode *b)
{
	if (a == b) {
		mutex_lock(&a->lock);
		return;
	}
	mutex_lock(a < b ? &a->lock : &b->lock);
	mutex_lock(a < b ? &b->lock : &a->lock);
}

static void unlock_both(struct inode *a, struct inode *b)
{
	mutex_unlock(&a->lock);
	if (a != b)
		mutex_unlock(&b->lock);
}

/* May the entry be taken out of / replaced in its directory? */
static int rename_checks(struct rename_sides *r, u32 flags)
{
	struct inode *inode = r->old->inode;
	bool is_dir = inode && S_ISDIR(inode->mode);
	int error = dir_may_delete(&r->from.at, r->old, is_dir);

	if (error)
		return error;
	if (!r->new->inode) {
		if (flags & RENAME_EXCHANGE)
			return -ENOENT;
		error = dir_may_create(&r->to.at);
	} else {
		if (flags & RENAME_NOREPLACE)
			return -EEXIST;
		error = dir_may_delete(&r->to.at, r->new,
				       flags & RENAME_EXCHANGE ? S_ISDIR(r->new->inode->mode) : is_dir);
	}
	if (error)
		return error;
	if (!is_dir && (r->from.slash || (r->to.slash && !(flags & RENAME_EXCHANGE))))
		return -ENOTDIR;
	/* A directory that moves to another parent changes its "..". */
	if (is_dir && r->from.at.dentry != r->to.at.dentry)
		error = inode_permission(inode, MAY_WRITE);
	return error;
}

/* The two have changed names already. */
static void tell_rename(const struct rename_sides *r, u32 flags)
{
	struct inode *from = side_dir(&r->from), *to = side_dir(&r->to);

	notify_rename(from, r->new->name, to, r->old);
	if (flags & RENAME_EXCHANGE)
		notify_rename(to, r->old->name, from, r->new);
	else if (r->new->inode)
		lost_a_name(r->new->inode);
}

static int rename_locked(struct rename_sides *r, u32 flags)
{
	struct inode *from = side_dir(&r->from), *to = side_dir(&r->to);
	int error;

	/* Neither may lie inside the other. */
	if (dentry_is_below(r->to.at.dentry, r->old))
		return -EINVAL;
	if (dentry_is_below(r->from.at.dentry, r->new))
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	error = rename_checks(r, flags);
	if (error)
		return error;
	if (r->old->inode == r->new->inode)
		return 0;
	if (!from->ops->rename)
		return -EPERM;
	error = from->ops->rename(from, r->old, to, r->new, flags);
	if (error)
		return error;
	if (flags & RENAME_EXCHANGE)
		dentry_exchange(r->old, r->new);
	else
		dentry_move(r->old, r->new);
	if (notify_watches)
		tell_rename(r, flags);
	return 0;
}

static bool both_hashed(const struct rename_sides *r)
{
	return !((r->old->flags | r->new->flags) & DENTRY_UNHASHED);
}

static int rename_entries(struct rename_sides *r, u32 flags)
{
	bool again = true;
	int error;

	if (r->from.at.mount != r->to.at.mount)
		return -EXDEV;
	if (r->from.type != LAST_NORM || r->to.type != LAST_NORM)
		return -EBUSY;
	while (again) {
		error = lookup_last(&r->from, &r->old);
		if (error)
			return error;
		error = lookup_last(&r->to, &r->new);
		if (error) {
			dentry_put(r->old);
			return error;
		}
		lock_both(side_dir(&r->from), side_dir(&r->to));
		again = !both_hashed(r);
		if (!again)
			error = rename_locked(r, flags);
		unlock_both(side_dir(&r->from), side_dir(&r->to));
		dentry_put(r->new);
		dentry_put(r->old);
	}
	return error;
}

int do_renameat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, u32 flags)
{
	static struct mutex one_at_a_time = {.queue = WAITQ_INIT(one_at_a_time.queue)};
	struct rename_sides r;
	int error;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    (flags & (RENAME_NOREPLACE | RENAME_EXCHANGE)) == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	error = path_parent(old_dfd, old_name, 0, &r.from);
	if (error)
		return error;
	error = path_parent(new_dfd, new_name, 0, &r.to);
	if (!error) {
		/* The tree's shape must not change between the checks and the move. */
		mutex_lock(&one_at_a_time);
		error = rename_entries(&r, flags);
		mutex_unlock(&one_at_a_time);
		nameidata_put(&r.to);
	}
	nameidata_put(&r.from);
	return error;
}
