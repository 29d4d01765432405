/* SPDX-License-Identifier: MIT */
/*
 * The mount tree: what is mounted where, and the steps of a path walk that cross a mount. There is one mount
 * namespace, that of the container.
 */
#include "fs.h"

static struct list mounts = LIST_INIT(mounts);
static int next_id = 1;

void path_get(const struct path *p)
{
	if (p->mount)
		p->mount->refs++;
	dentry_get(p->dentry);
}

static void mount_free(struct mount *m)
{
	kfree(m->source);
	kfree(m->fstype);
	kfree(m->options);
	kfree(m);
}

static void mount_put(struct mount *m)
{
	if (--m->refs)
		return;
	dentry_put(m->root);
	super_put(m->sb);
	mount_free(m);
}

void path_put(struct path *p)
{
	if (p->dentry)
		dentry_put(p->dentry);
	if (p->mount)
		mount_put(p->mount);
	*p = (struct path){0};
}

int mount_attach(struct superblock *sb, struct dentry *root, const struct path *at, u32 flags,
		 const char *source, const char *fstype, const char *options)
{
	struct mount *m = kzalloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->source = kstrdup(source);
	m->fstype = kstrdup(fstype);
	m->options = kstrdup(options);
	if (!m->source || !m->fstype || !m->options) {
		mount_free(m);
		return -ENOMEM;
	}
	m->refs = 1;
	m->flags = flags;
	m->id = next_id++;
	m->sb = sb;
	sb->refs++;
	m->root = dentry_get(root);
	if (at) {
		m->parent = at->mount;
		m->parent->refs++;
		m->mountpoint = dentry_get(at->dentry);
		m->mountpoint->flags |= DENTRY_MOUNTED;
	}
	list_add_tail(&m->list, &mounts);
	return 0;
}

static struct mount *mount_at(const struct path *at)
{
	struct mount *m, *found = NULL;

	list_for_each(m, &mounts, list) if (m->parent == at->mount && m->mountpoint == at->dentry) found =
		m; /* the last one lies on top */
	return found;
}

static bool still_mounted_on(const struct dentry *d)
{
	struct mount *m;

	list_for_each(m, &mounts, list) if (m->mountpoint == d) return true;
	return false;
}

static bool has_children(const struct mount *parent)
{
	struct mount *m;

	list_for_each(m, &mounts, list) if (m->parent == parent) return true;
	return false;
}

/* Takes m off the tree. It ends with the last who stands in it or has a file open there. */
int mount_detach(struct mount *m, bool lazy)
{
	struct path at = {m->parent, m->mountpoint};

	if (!m->parent)
		return -EBUSY;
	/* One reference is the tree's own, one the caller's walk. */
	if (has_children(m) || (m->refs > 2 && !lazy))
		return -EBUSY;
	list_del(&m->list);
	m->parent = NULL;
	m->mountpoint = NULL;
	if (!still_mounted_on(at.dentry))
		at.dentry->flags &= (u16)~DENTRY_MOUNTED;
	path_put(&at);
	mount_put(m);
	return 0;
}

struct mount *mount_first(void)
{
	return list_empty(&mounts) ? NULL : list_first(&mounts, struct mount, list);
}

struct mount *mount_next(struct mount *m)
{
	return m->list.next == &mounts ? NULL : list_entry(m->list.next, struct mount, list);
}

static void move(struct path *p, struct mount *m, struct dentry *d)
{
	struct path next = {m, d};

	path_get(&next);
	path_put(p);
	*p = next;
}

void path_down(struct path *p)
{
	struct mount *m;

	while (p->dentry->flags & DENTRY_MOUNTED && (m = mount_at(p)))
		move(p, m, m->root);
}

static bool same(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

bool path_up(struct path *p, const struct path *root)
{
	while (!same(p, root) && p->dentry == p->mount->root) {
		if (!p->mount->parent)
			return false;
		move(p, p->mount->parent, p->mount->mountpoint);
	}
	if (same(p, root) || p->dentry->parent == p->dentry)
		return false;
	move(p, p->mount, p->dentry->parent);
	return true;
}
