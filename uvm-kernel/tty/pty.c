/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-terminals: devpts with its ptmx, the master side, and /dev/tty. Every mount of devpts has numbers of
 * its own.
 */
#include "../fs/dirops.h"
#include "../fs/tmpfs.h"
#include "tty.h"

#include <uvm/ioctl.h>

#define PTYS_MAX 4096u

static struct superblock *first; /* where a ptmx outside of devpts leads, and the console lies */

static int setattr(struct inode *inode, const struct iattr *attr)
{
	inode_copy_attr(inode, attr);
	return 0;
}

static const struct inode_ops dir_iops = {.setattr = setattr};

struct superblock *devpts_mount(const char *options, int *error)
{
	struct tmpfs_options o = {.devpts = true, .mode = 0600, .uid = ~0u, .gid = ~0u};
	struct superblock *sb;

	*error = tmpfs_parse(options, &o);
	sb = *error ? NULL : tmpfs_make(&o, "devpts", error);
	if (!sb)
		return NULL;
	sb->magic = DEVPTS_MAGIC;
	sb->root->inode->mode = S_IFDIR | 0755;
	sb->root->inode->uid = sb->root->inode->gid = 0;
	*error = tmpfs_add(sb->root, "ptmx", S_IFCHR | o.ptmxmode, dev_make(5, 2), NULL, NULL);
	sb->root->inode->ops = &dir_iops; /* nobody else makes or removes entries */
	if (!first) {
		first = sb;
		sb->refs++;
	}
	return *error ? NULL : sb;
}

struct superblock *devpts_first(int *error)
{
	return first ? first : devpts_mount("", error);
}

static u32 free_index(struct superblock *sb, char *name, size_t size)
{
	for (u32 i = 0;; i++) {
		struct dentry *d;

		snprintf(name, size, "%u", i);
		d = dentry_cached(sb->root, name, (u32)strlen(name));
		if (!d)
			return i;
		dentry_put(d);
	}
}

struct tty *pts_new(struct superblock *sb, int *error)
{
	const struct tmpfs_options *o = &((struct tmpfs *)sb->private)->options;
	struct tty *t = tty_new();
	struct inode *inode;
	char name[12];

	*error = -ENOMEM;
	if (!t)
		return NULL;
	sb->root->inode->size = 0;
	t->index = free_index(sb, name, sizeof(name));
	*error = t->index < PTYS_MAX ? tmpfs_add(sb->root, name, S_IFCHR | o->mode,
						 dev_make(TTY_MAJOR, t->index), NULL, &t->node)
				     : -ENOSPC;
	if (*error) {
		kfree(t);
		return NULL;
	}
	inode = t->node->inode;
	inode->private = t;
	inode->uid = o->uid != ~0u ? o->uid : current->cred.fsuid;
	inode->gid = o->gid != ~0u ? o->gid : current->cred.fsgid;
	return t;
}

/* The node goes with the master; whoever still has its inode finds no terminal there. */
static void remove_node(struct tty *t)
{
	t->node->inode->private = NULL;
	dentry_unhash(t->node);
	dentry_put(t->node); /* the tree's pin */
	dentry_put(t->node);
}

static void wake_master(struct tty *t)
{
	wake_all(&t->master);
}

static int ptmx_open(struct inode *inode, struct file *f)
{
	int error = -ENODEV;
	struct superblock *sb = inode->sb->magic == DEVPTS_MAGIC ? inode->sb : first;
	struct tty *t = sb ? pts_new(sb, &error) : NULL;

	if (!t)
		return error;
	t->locked = true;
	t->output = t->room = wake_master;
	f->private = t;
	f->ops = &pty_master_fops;
	return 0;
}

static void master_release(struct file *f)
{
	struct tty *t = f->private;

	t->master_gone = true;
	tty_hangup(t);
	remove_node(t);
	tty_free(t);
}

static long master_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct tty *t = f->private;
	u8 chunk[512];
	long done = 0;

	while (to->left && !tty_has_output(t)) {
		long error = t->slave_closed ? -EIO
					     : file_wait(f, &t->master, tty_has_output(t) || t->slave_closed);

		if (error)
			return error;
	}
	while (to->left && tty_has_output(t)) {
		u32 n = tty_take_output(t, chunk, (u32)MIN(to->left, sizeof(chunk)));
		size_t copied = iter_copy_to(to, chunk, n);

		done += (long)copied;
		if (copied < n)
			return done ? done : -EFAULT;
	}
	return done;
}

/* Types what the discipline takes, waiting as often as it must: how much, or -errno. */
static long type(struct file *f, const u8 *bytes, u32 n)
{
	struct tty *t = f->private;
	long error = 0;
	u32 done = 0;

	while (done < n && !error) {
		if (tty_takes(t))
			tty_receive(t, &bytes[done++], 1);
		else
			error = file_wait(f, &t->master, tty_takes(t));
	}
	return done ? (long)done : error;
}

static long master_write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	return tty_write_chunks(f, from, type);
}

static u32 master_poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = f->private;
	u32 events = t->slave_closed ? POLLHUP : 0;

	poll_wait(f, &t->master, pt);
	if (tty_has_output(t))
		events |= POLLIN | POLLRDNORM;
	if (tty_takes(t))
		events |= POLLOUT | POLLWRNORM;
	return events;
}

static long open_peer(struct file *f, u32 flags)
{
	struct tty *t = f->private;
	struct path p = {f->path.mount, t->node};
	struct file *peer;
	int error;

	if (p.mount->sb != t->node->sb)
		p.mount = NULL;
	peer = file_open_at(&p, flags, &error);
	return fd_give(peer, flags & O_CLOEXEC, error);
}

static long set_lock(struct tty *t, u64 arg)
{
	s32 on;

	if (get_user(on, arg))
		return -EFAULT;
	t->locked = on;
	return 0;
}

static long signal_slave(struct tty *t, u64 sig)
{
	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	signal_pgrp(t->pgrp, (int)sig);
	return 0;
}

static long master_ioctl(struct file *f, u32 cmd, u64 arg)
{
	struct tty *t = f->private;

	switch (cmd) {
	case TIOCGPTN:
		return put_user(t->index, arg);
	case TIOCSPTLCK:
		return set_lock(t, arg);
	case TIOCGPTLCK:
		return put_user((s32)t->locked, arg);
	case TIOCGPTPEER:
		return open_peer(f, (u32)arg);
	case TIOCSIG:
		return signal_slave(t, arg);
	default:
		return tty_ioctl(f, cmd, arg);
	}
}

const struct file_ops pty_master_fops = {
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
	.release = master_release,
	.stream = true,
};

static int pts_open(struct inode *inode, struct file *f)
{
	return inode->sb->magic == DEVPTS_MAGIC ? tty_open(inode->private, f) : -EIO;
}

static int dev_tty_open(struct inode *inode __unused, struct file *f)
{
	return current->process->tty ? tty_open(current->process->tty, f) : -ENXIO;
}

const struct file_ops ptmx_fops = {.open = ptmx_open};
const struct file_ops pts_fops = {.open = pts_open};
const struct file_ops dev_tty_fops = {.open = dev_tty_open};
