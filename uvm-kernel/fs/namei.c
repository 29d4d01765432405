/* SPDX-License-Identifier: MIT */
/*
 * The path walk: from a string to a dentry, through directories, symbolic links and mounts. Operations on
 * the last component (create, rename, …) are dirops.c's and open.c's.
 */
#include "fs.h"

char *path_from_user(u64 uname, int *error)
{
	char *text = kmalloc(PATH_MAX);
	ssize_t len;

	*error = -ENOMEM;
	if (!text)
		return NULL;
	len = strncpy_from_user(text, (const char *)uname, PATH_MAX);
	if (len >= 0)
		return text;
	*error = (int)len;
	kfree(text);
	return NULL;
}

/* One directory entry from the cache or the file system; no permission check. */
int lookup_child(struct dentry *parent, const char *name, u32 len, struct dentry **out)
{
	struct inode *dir = parent->inode;
	struct dentry *d;
	int error;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	mutex_lock(&dir->lock);
	d = dentry_cached(parent, name, len);
	if (d && dir->ops->revalidate) {
		error = dir->ops->revalidate(dir, d);
		if (error > 0)
			goto found;
		if (error == 0)
			dentry_unhash(d);
		dentry_put(d);
		d = NULL;
		if (error < 0)
			goto out;
	}
	if (d)
		goto found;
	error = -ENOMEM;
	d = dentry_alloc(parent, name, len);
	if (!d)
		goto out;
	error = dir->ops->lookup ? dir->ops->lookup(dir, d) : 0;
	if (error) {
		dentry_put(d);
		goto out;
	}
	dentry_add(d);
found:
	*out = d;
	error = 0;
out:
	mutex_unlock(&dir->lock);
	return error;
}

/* The next component of nd->rest, if another one follows it or a slash does; cuts it out of the text. */
static void take_last(struct nameidata *nd)
{
	char *p = nd->rest;

	nd->last = p;
	while (*p && *p != '/')
		p++;
	nd->last_len = (u32)(p - nd->last);
	while (*p == '/')
		*p++ = '\0';
	nd->rest = p;
	if (nd->last_len == 1 && nd->last[0] == '.')
		nd->type = LAST_DOT;
	else if (nd->last_len == 2 && nd->last[0] == '.' && nd->last[1] == '.')
		nd->type = LAST_DOTDOT;
	else
		nd->type = LAST_NORM;
}

static int step_check(const struct path *at)
{
	if (!at->dentry->inode)
		return -ENOENT;
	if (!S_ISDIR(at->dentry->inode->mode))
		return -ENOTDIR;
	return inode_permission(at->dentry->inode, MAY_EXEC);
}

int lookup_last(struct nameidata *nd, struct dentry **out)
{
	return lookup_child(nd->at.dentry, nd->last, nd->last_len, out);
}

static void move_to(struct nameidata *nd, struct path to)
{
	path_put(&nd->at);
	nd->at = to;
}

void path_enter(struct nameidata *nd, struct dentry *d, struct path *out)
{
	struct path p = {nd->at.mount, d};

	p.mount->refs++;
	path_down(&p);
	*out = p;
}

/* Replaces the text by target and what was left. */
static int splice_target(struct nameidata *nd, const char *target, size_t len)
{
	size_t rest = strlen(nd->rest);
	char *text;

	if (!len)
		return -ENOENT;
	text = kmalloc(len + 1 + rest + 2);
	if (!text)
		return -ENOMEM;
	memcpy(text, target, len);
	/* A slash behind the link's own name stays in force. */
	if (rest || nd->slash)
		text[len++] = '/';
	memcpy(text + len, nd->rest, rest + 1);
	kfree(nd->text);
	nd->text = text;
	nd->rest = text;
	return 0;
}

static void to_root(struct nameidata *nd)
{
	struct path root = nd->root;

	path_get(&root);
	move_to(nd, root);
}

static int follow_text(struct nameidata *nd, struct inode *inode)
{
	char *buf __drop_memory = kmalloc(PATH_MAX);
	long len;
	int error;

	if (!buf)
		return -ENOMEM;
	len = inode->ops->readlink ? inode->ops->readlink(inode, buf, PATH_MAX - 1) : -EINVAL;
	error = len < 0 ? (int)len : splice_target(nd, buf, (size_t)len);
	if (!error && nd->text[0] == '/')
		to_root(nd);
	return error;
}

static int walk_on(struct nameidata *nd);

/* Goes on at the link's target; nothing of the text is consumed. Takes over d. */
static int follow(struct nameidata *nd, struct dentry *d)
{
	struct inode *inode = d->inode;
	int error = -ELOOP;

	if (++nd->links <= SYMLINKS_MAX && inode->ops->follow) {
		struct path to;

		error = inode->ops->follow(inode, &to);
		if (!error)
			move_to(nd, to);
	} else if (nd->links <= SYMLINKS_MAX) {
		error = follow_text(nd, inode);
	}
	dentry_put(d);
	return error;
}

int follow_last(struct nameidata *nd, struct dentry *d)
{
	bool magic = d->inode->ops->follow != NULL;
	int error = follow(nd, d);

	if (error)
		return error;
	if (magic) {
		/* nd->at is the target itself. */
		nd->type = LAST_DOT;
		return 0;
	}
	return walk_on(nd);
}

static int step_name(struct nameidata *nd)
{
	struct dentry *d;
	struct path next;
	int error = lookup_last(nd, &d);

	if (error)
		return error;
	if (!d->inode) {
		dentry_put(d);
		return -ENOENT;
	}
	path_enter(nd, d, &next);
	if (!S_ISLNK(next.dentry->inode->mode)) {
		move_to(nd, next);
		return 0;
	}
	d = dentry_get(next.dentry);
	path_put(&next);
	return follow(nd, d);
}

static int step(struct nameidata *nd)
{
	switch (nd->type) {
	case LAST_DOTDOT:
		path_up(&nd->at, &nd->root);
		path_down(&nd->at);
		return 0;
	case LAST_NORM:
		return step_name(nd);
	default:
		return 0;
	}
}

/* Walks all components but the last, which is left in nd->last. */
static int walk_on(struct nameidata *nd)
{
	int error;

	nd->slash = false;
	nd->type = LAST_ROOT;
	while (*nd->rest == '/')
		nd->rest++;
	while (*nd->rest) {
		bool slash;

		error = step_check(&nd->at);
		if (error)
			return error;
		take_last(nd);
		slash = nd->last[nd->last_len] == '\0' && nd->rest > nd->last + nd->last_len;
		if (!*nd->rest) {
			nd->slash = slash;
			return 0;
		}
		error = step(nd);
		if (error)
			return error;
		while (*nd->rest == '/')
			nd->rest++;
		if (!*nd->rest) /* a link whose target was "/" */
			nd->type = LAST_ROOT;
	}
	return 0;
}

static int start_at(struct nameidata *nd, int dfd, const char *name)
{
	bool by_fd = *name != '/' && dfd != AT_FDCWD;
	struct file *f __drop_file = by_fd ? fd_file_path(dfd) : NULL;

	if (by_fd && !f)
		return -EBADF;
	nd->at = f ? f->path : *name == '/' ? nd->root : current->fs->cwd;
	path_get(&nd->at);
	return 0;
}

int path_parent(int dfd, const char *name, u32 flags, struct nameidata *nd)
{
	int error;

	*nd = (struct nameidata){.flags = flags};
	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	nd->root = current->fs->root;
	path_get(&nd->root);
	error = start_at(nd, dfd, name);
	if (error)
		goto fail;
	error = -ENOMEM;
	nd->text = kstrdup(name);
	if (!nd->text)
		goto fail;
	nd->rest = nd->text;
	if (!*name) {
		nd->type = LAST_DOT;
		return 0;
	}
	error = walk_on(nd);
	if (!error)
		return 0;
fail:
	nameidata_put(nd);
	return error;
}

void nameidata_put(struct nameidata *nd)
{
	path_put(&nd->at);
	path_put(&nd->root);
	kfree(nd->text);
	nd->text = NULL;
}

static int finish_here(struct nameidata *nd, struct path *out)
{
	struct inode *inode;

	if (nd->type == LAST_DOTDOT) {
		path_up(&nd->at, &nd->root);
		path_down(&nd->at);
	}
	inode = nd->at.dentry->inode;
	if (((nd->flags & LOOKUP_DIRECTORY) || nd->slash) && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	*out = nd->at;
	path_get(out);
	return 0;
}

int path_finish(struct nameidata *nd, struct path *out)
{
	struct dentry *d;
	int error;

	for (;;) {
		if (nd->type != LAST_NORM)
			return finish_here(nd, out);
		error = lookup_last(nd, &d);
		if (error)
			return error;
		if (!d->inode) {
			dentry_put(d);
			return -ENOENT;
		}
		if (S_ISLNK(d->inode->mode) && ((nd->flags & LOOKUP_FOLLOW) || nd->slash)) {
			error = follow_last(nd, d);
			if (error)
				return error;
			continue;
		}
		path_enter(nd, d, out);
		if (((nd->flags & LOOKUP_DIRECTORY) || nd->slash) && !S_ISDIR(out->dentry->inode->mode)) {
			path_put(out);
			return -ENOTDIR;
		}
		return 0;
	}
}

int path_lookup(int dfd, const char *name, u32 flags, struct path *out)
{
	struct nameidata nd;
	int error = path_parent(dfd, name, flags, &nd);

	if (!error)
		error = path_finish(&nd, out);
	nameidata_put(&nd);
	return error;
}

int path_lookup_user(int dfd, u64 uname, u32 flags, struct path *out)
{
	int error;
	char *name __drop_memory = path_from_user(uname, &error);

	return name ? path_lookup(dfd, name, flags, out) : error;
}

int dir_may_create(struct path *dir)
{
	if (dir->dentry->flags & DENTRY_UNHASHED && dir->dentry->parent != dir->dentry)
		return -ENOENT;
	if (mount_readonly(dir->mount))
		return -EROFS;
	return inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
}

int dir_may_delete(struct path *dir, struct dentry *victim, bool is_dir)
{
	struct inode *inode = victim->inode;
	int error;

	if (!inode)
		return -ENOENT;
	if (mount_readonly(dir->mount))
		return -EROFS;
	error = inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
	if (error)
		return error;
	if ((dir->dentry->inode->mode & S_ISVTX) && current->cred.fsuid != dir->dentry->inode->uid &&
	    current->cred.fsuid != inode->uid && !capable(CAP_FOWNER))
		return -EPERM;
	if (is_dir && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (!is_dir && S_ISDIR(inode->mode))
		return -EISDIR;
	return victim->flags & DENTRY_MOUNTED ? -EBUSY : 0;
}

static char *prepend(char *end, const char *start, const char *text, size_t len)
{
	if (!end || (size_t)(end - start) < len)
		return NULL;
	memcpy(end - len, text, len);
	return end - len;
}

char *path_to_string(const struct path *path, const struct path *root, char *buf, size_t size)
{
	const struct mount *m = path->mount;
	const struct dentry *d = path->dentry;
	char *p = buf + size - 1;
	char *end = p;

	*p = '\0';
	if (!m)
		return prepend(p, buf, d->name, d->name_len);
	if ((d->flags & DENTRY_UNHASHED) && d->parent != d)
		p = prepend(p, buf, " (deleted)", 10);
	end = p;
	while (m != root->mount || d != root->dentry) {
		if (d == m->root || d->parent == d) {
			if (d != m->root || !m->parent)
				break; /* outside the root */
			d = m->mountpoint;
			m = m->parent;
			continue;
		}
		p = prepend(p, buf, d->name, d->name_len);
		p = prepend(p, buf, "/", 1);
		if (!p)
			return NULL;
		d = d->parent;
	}
	if (p == end)
		p = prepend(p, buf, "/", 1);
	return p;
}
