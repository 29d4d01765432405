/* SPDX-License-Identifier: MIT */
/*
 * Names: the tree of directory entries with its cache. Lookup through file systems, permissions and
 * mounts are namei.c's.
 */
#include "notify.h"

#define DENTRY_BUCKETS 512u

static struct dentry *buckets[DENTRY_BUCKETS];
static struct list unused = LIST_INIT(unused); /* least recently used first */
static u32 unused_count;

static u32 name_hash(const struct dentry *parent, const char *name, u32 len)
{
	u32 h = (u32)((u64)parent >> 6) * 0x9e3779b1u;

	while (len--)
		h = (h ^ (u8)*name++) * 0x01000193u;
	return h ^ (h >> 15);
}

static struct dentry *new_dentry(struct superblock *sb, const char *name, u32 len)
{
	struct dentry *d = kzalloc(sizeof(*d));

	if (!d)
		return NULL;
	d->name = len < DENTRY_SHORT_NAME ? d->short_name : kzalloc(len + 1);
	if (!d->name) {
		kfree(d);
		return NULL;
	}
	d->refs = 1;
	d->flags = DENTRY_UNHASHED;
	d->sb = sb;
	d->name_len = (u16)len;
	memcpy(d->name, name, len);
	list_init(&d->children);
	list_init(&d->sibling);
	list_init(&d->lru);
	return d;
}

struct dentry *dentry_anon(struct inode *inode, const char *name)
{
	struct dentry *d = new_dentry(inode->sb, name, (u32)strlen(name));

	if (!d) {
		inode_put(inode);
		return NULL;
	}
	d->parent = d;
	d->inode = inode;
	return d;
}

struct dentry *dentry_root(struct inode *inode)
{
	return dentry_anon(inode, "/");
}

struct dentry *dentry_alloc(struct dentry *parent, const char *name, u32 len)
{
	struct dentry *d = new_dentry(parent->sb, name, len);

	if (d)
		d->parent = dentry_get(parent);
	return d;
}

struct dentry *dentry_get(struct dentry *d)
{
	if (d->refs++ == 0 && !list_empty(&d->lru)) {
		list_del(&d->lru);
		unused_count--;
	}
	return d;
}

struct dentry *dentry_cached(struct dentry *parent, const char *name, u32 len)
{
	u32 hash = name_hash(parent, name, len);
	struct dentry *d = buckets[hash % DENTRY_BUCKETS];

	for (; d; d = d->hash_next)
		if (d->name_hash == hash && d->parent == parent && d->name_len == len &&
		    !memcmp(d->name, name, len))
			return dentry_get(d);
	return NULL;
}

void dentry_add(struct dentry *d)
{
	struct dentry **head;

	d->name_hash = name_hash(d->parent, d->name, d->name_len);
	head = &buckets[d->name_hash % DENTRY_BUCKETS];
	d->hash_next = *head;
	*head = d;
	d->flags &= ~DENTRY_UNHASHED;
	d->cookie = ++d->parent->next_cookie;
	list_add_tail(&d->sibling, &d->parent->children);
}

void dentry_unhash(struct dentry *d)
{
	struct dentry **p = &buckets[d->name_hash % DENTRY_BUCKETS];

	if (d->flags & DENTRY_UNHASHED)
		return;
	while (*p != d)
		p = &(*p)->hash_next;
	*p = d->hash_next;
	d->flags |= DENTRY_UNHASHED;
	list_del(&d->sibling);
}

/* Frees an unreferenced dentry; returns the parent, whose reference is the caller's to drop. */
static struct dentry *dentry_free(struct dentry *d)
{
	struct dentry *parent = d->parent;

	if (!list_empty(&d->lru)) {
		list_del(&d->lru);
		unused_count--;
	}
	dentry_unhash(d);
	if (d->inode && !d->inode->nlink && unlikely(notify_watches))
		notify_gone(d->inode);
	if (d->inode)
		inode_put(d->inode);
	if (d->name != d->short_name)
		kfree(d->name);
	kfree(d);
	return parent == d ? NULL : parent;
}

/* Unused, but good to keep: the file system caches names, and this one says something. */
static bool keep(const struct dentry *d)
{
	return !(d->flags & DENTRY_UNHASHED) && (d->sb->flags & SB_CACHE_NAMES) &&
	       (d->inode || d->valid_until);
}

/* A name and its inode take about half a kilobyte: a small part of memory may go to unused ones. */
static u32 unused_limit(void)
{
	static u32 limit;
	struct page_stats s;

	if (!limit) {
		page_get_stats(&s);
		limit = (u32)MIN(MAX(s.total / 16, 256UL), 65536UL);
	}
	return limit;
}

static void shrink(u32 want)
{
	while (want-- && !list_empty(&unused))
		dentry_put(dentry_free(list_first(&unused, struct dentry, lru)));
}

void dentry_put(struct dentry *d)
{
	while (d && --d->refs == 0) {
		if (keep(d)) {
			list_add_tail(&d->lru, &unused);
			if (++unused_count > unused_limit())
				shrink(unused_limit() / 8);
			return;
		}
		d = dentry_free(d);
	}
}

bool dentry_is_below(const struct dentry *d, const struct dentry *ancestor)
{
	for (;; d = d->parent) {
		if (d == ancestor)
			return true;
		if (d->parent == d)
			return false;
	}
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	char text[DENTRY_SHORT_NAME];
	char *a_name = a->name == a->short_name ? b->short_name : a->name;
	char *b_name = b->name == b->short_name ? a->short_name : b->name;
	u16 len = a->name_len;

	memcpy(text, a->short_name, sizeof(text));
	memcpy(a->short_name, b->short_name, sizeof(text));
	memcpy(b->short_name, text, sizeof(text));
	a->name = b_name;
	b->name = a_name;
	a->name_len = b->name_len;
	b->name_len = len;
}

static void swap_parents(struct dentry *a, struct dentry *b)
{
	struct dentry *parent = a->parent;

	a->parent = b->parent;
	b->parent = parent;
}

void dentry_move(struct dentry *from, struct dentry *to)
{
	dentry_unhash(from);
	dentry_unhash(to);
	swap_names(from, to);
	swap_parents(from, to);
	dentry_add(from);
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	dentry_unhash(a);
	dentry_unhash(b);
	swap_names(a, b);
	swap_parents(a, b);
	dentry_add(a);
	dentry_add(b);
}
