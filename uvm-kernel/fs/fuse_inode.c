/* SPDX-License-Identifier: MIT */
/*
 * Inodes of the file server: found by node id, with attributes that are believed for as long as the server
 * says, and pages that are dropped when somebody else has changed the file.
 */
#include "fuse.h"

#define BUCKETS 256u

static struct fuse_inode *buckets[BUCKETS];

static struct fuse_inode **bucket(u64 nodeid)
{
	return &buckets[nodeid % BUCKETS];
}

u64 fuse_valid_until(u64 sec, u32 nsec)
{
	if (sec > 365 * 86400)
		sec = 365 * 86400;
	return time_deadline(sec * NSEC_PER_SEC + MIN(nsec, 999999999u));
}

static s64 to_ns(u64 sec, u32 nsec)
{
	s64 s = (s64)sec, limit = INT64_MAX / (s64)NSEC_PER_SEC - 1;

	s = MAX(MIN(s, limit), -limit);
	return s * (s64)NSEC_PER_SEC + (s64)MIN(nsec, 999999999u);
}

/* Pages that nobody has written here and that may differ from the file by now. */
static void drop_stale_pages(struct inode *inode)
{
	if (inode->cache.pages && !inode->cache.dirty)
		pagecache_invalidate(inode);
}

static void take_attr(struct inode *inode, const struct fuse_attr *a, u64 valid_until)
{
	struct fuse_inode *fi = fuse_of(inode);
	s64 mtime = to_ns(a->mtime, a->mtimensec);
	/* While bytes are on their way, the server's size and time are not the last word. */
	bool ahead = inode->cache.dirty || inode->cache.sent;
	bool foreign = !fi->own_change && (inode->mtime != mtime || inode->size != a->size);

	if (S_ISREG(inode->mode) && foreign)
		drop_stale_pages(inode);
	inode->mode = (inode->mode & S_IFMT) | (a->mode & 07777);
	inode->uid = a->uid;
	inode->gid = a->gid;
	inode->nlink = a->nlink;
	inode->rdev = a->rdev;
	inode->ino = a->ino;
	inode->blocks = a->blocks;
	/* Bytes that mappings wrote beyond what the server knows do not exist: the size is the server's. */
	if (!ahead) {
		inode->size = MIN(a->size, (u64)INT64_MAX);
		inode->mtime = mtime;
		inode->ctime = to_ns(a->ctime, a->ctimensec);
	}
	inode->atime = to_ns(a->atime, a->atimensec);
	fi->attr_valid_until = valid_until;
	fi->own_change = ahead;
}

static void set_ops(struct inode *inode)
{
	switch (inode->mode & S_IFMT) {
	case S_IFDIR:
		inode->ops = &fuse_dir_iops;
		inode->fops = &fuse_dir_fops;
		break;
	case S_IFLNK:
		inode->ops = &fuse_link_iops;
		break;
	default:
		inode->ops = &fuse_file_iops;
		inode->fops = &fuse_file_fops;
		inode_set_special(inode);
	}
}

static struct fuse_inode *find(u64 nodeid)
{
	struct fuse_inode *fi = *bucket(nodeid);

	while (fi && fi->nodeid != nodeid)
		fi = fi->hash_next;
	return fi;
}

static void unhash(struct fuse_inode *fi)
{
	struct fuse_inode **p = bucket(fi->nodeid);

	while (*p && *p != fi)
		p = &(*p)->hash_next;
	if (*p)
		*p = fi->hash_next;
}

static struct fuse_inode *new_inode(struct superblock *sb, const struct fuse_entry_out *e)
{
	struct fuse_inode *fi = kzalloc(sizeof(*fi));

	if (!fi)
		return NULL;
	inode_init(&fi->inode, sb, e->attr.mode);
	fi->nodeid = e->nodeid;
	fi->generation = e->generation;
	fi->own_change = true; /* nothing cached yet that could be stale */
	fi->inode.rdev = e->attr.rdev;
	set_ops(&fi->inode);
	fi->hash_next = *bucket(e->nodeid);
	*bucket(e->nodeid) = fi;
	return fi;
}

static bool good_type(u32 mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
	       S_ISFIFO(mode) || S_ISSOCK(mode);
}

/* A reference to the inode of an entry; counts one lookup. */
struct inode *fuse_iget(struct superblock *sb, const struct fuse_entry_out *e, int *error)
{
	struct fuse_inode *fi;

	*error = -EIO;
	if (!e->nodeid || !good_type(e->attr.mode))
		return NULL;
	fi = find(e->nodeid);
	if (fi && (fi->generation != e->generation || (fi->inode.mode ^ e->attr.mode) & S_IFMT)) {
		/* Another file under an old number: the old one is unreachable from now on. */
		unhash(fi);
		fi = NULL;
	}
	if (fi) {
		inode_get(&fi->inode);
	} else {
		*error = -ENOMEM;
		fi = new_inode(sb, e);
		if (!fi)
			return NULL;
	}
	fi->lookups++;
	take_attr(&fi->inode, &e->attr, fuse_valid_until(e->attr_valid, e->attr_valid_nsec));
	*error = 0;
	return &fi->inode;
}

void fuse_evict(struct inode *inode)
{
	struct fuse_inode *fi = fuse_of(inode);

	pagecache_free(inode);
	fuse_drop_handles(fi);
	kfree(fi->target);
	unhash(fi);
	if (fi->lookups)
		fuse_forget(fi->nodeid, fi->lookups);
	kfree(fi);
}

void fuse_changed(struct inode *inode)
{
	fuse_of(inode)->own_change = true;
	fuse_attr_expired(inode);
}

static int take_attr_out(struct inode *inode, const struct fuse_attr_out *out)
{
	if ((out->attr.mode ^ inode->mode) & S_IFMT)
		return -EIO;
	take_attr(inode, &out->attr, fuse_valid_until(out->attr_valid, out->attr_valid_nsec));
	return 0;
}

int fuse_getattr(struct inode *inode)
{
	struct fuse_inode *fi = fuse_of(inode);
	struct fuse_getattr_in in = {0};
	struct fuse_attr_out out;
	long ret;

	if (!inode->cache.dirty && time_monotonic() < fi->attr_valid_until)
		return 0;
	ret = pagecache_writeback(inode, 0, ~0ULL);
	if (ret)
		return (int)ret;
	ret = fuse_ask(FUSE_GETATTR, fi->nodeid, &in, FUSE_OUT(&out));
	return ret < 0 ? (int)ret : take_attr_out(inode, &out);
}

static void set_time(s64 ns, u64 *sec, u32 *nsec)
{
	s64 s = ns / (s64)NSEC_PER_SEC, rest = ns % (s64)NSEC_PER_SEC;

	if (rest < 0) {
		rest += (s64)NSEC_PER_SEC;
		s--;
	}
	*sec = (u64)s;
	*nsec = (u32)rest;
}

static void fill_setattr(struct inode *inode, const struct iattr *attr, struct fuse_setattr_in *in)
{
	const u32 same = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE | ATTR_ATIME | ATTR_MTIME |
			 ATTR_ATIME_NOW | ATTR_MTIME_NOW;
	const struct fuse_handle *h = &fuse_of(inode)->handles[HANDLE_WRITE];

	_Static_assert(ATTR_MODE == FATTR_MODE && ATTR_SIZE == FATTR_SIZE && ATTR_MTIME == FATTR_MTIME &&
			       ATTR_MTIME_NOW == FATTR_MTIME_NOW,
		       "our bits are FUSE's");
	in->valid = attr->valid & same;
	in->mode = (inode->mode & S_IFMT) | (attr->mode & 07777);
	in->uid = attr->uid;
	in->gid = attr->gid;
	in->size = attr->size;
	set_time(attr->atime, &in->atime, &in->atimensec);
	set_time(attr->mtime, &in->mtime, &in->mtimensec);
	if ((attr->valid & ATTR_SIZE) && h->open) {
		in->valid |= FATTR_FH;
		in->fh = h->fh;
	}
}

int fuse_setattr(struct inode *inode, const struct iattr *attr)
{
	struct fuse_setattr_in in = {0};
	struct fuse_attr_out out;
	u64 old_size = inode->size;
	long ret;

	/* What was written before must not come back after a cut, nor change the times. */
	ret = pagecache_writeback(inode, 0, ~0ULL);
	if (ret)
		return (int)ret;
	fill_setattr(inode, attr, &in);
	ret = fuse_ask(FUSE_SETATTR, fuse_node(inode), &in, FUSE_OUT(&out));
	if (ret < 0)
		return (int)ret;
	fuse_of(inode)->own_change = true;
	ret = take_attr_out(inode, &out);
	if (!ret && (attr->valid & ATTR_SIZE) && inode->size < old_size)
		pagecache_truncate(inode, inode->size);
	return (int)ret;
}
