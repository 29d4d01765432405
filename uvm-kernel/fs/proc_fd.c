/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/fd and fdinfo: the open files of a process, as links that lead to the file itself.
 */
#include "proc.h"

static struct file *open_file(const struct inode *inode, int fd, bool *cloexec)
{
	struct task *t = proc_task(inode);

	return t && t->files ? files_file(t->files, fd, cloexec) : NULL;
}

static int fd_follow(struct inode *inode, struct path *out)
{
	struct task *t = proc_task(inode);
	struct file *f __drop_file = open_file(inode, proc_of(inode)->fd, NULL);

	if (!t)
		return -ESRCH;
	if (!proc_may_look(t))
		return -EACCES;
	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	return 0;
}

/* The link's mode tells how the file is open. */
static int fd_getattr(struct inode *inode)
{
	struct file *f __drop_file = open_file(inode, proc_of(inode)->fd, NULL);

	if (!f)
		return -ENOENT;
	inode->mode = S_IFLNK | (f->can_read ? 0500 : 0) | (f->can_write ? 0300 : 0);
	inode->size = 64;
	return 0;
}

static const struct inode_ops fd_link_ops = {
	.getattr = fd_getattr,
	.follow = fd_follow,
	.readlink = proc_readlink,
};

static void show_fdinfo(struct text *t, struct file *info)
{
	bool cloexec = false;
	struct file *f __drop_file = open_file(info->inode, proc_of(info->inode)->fd, &cloexec);

	if (!f)
		return;
	text_printf(t, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", f->pos,
		    f->flags | (cloexec ? O_CLOEXEC : 0), f->path.mount ? f->path.mount->id : 0,
		    f->inode->ino);
	if (f->ops && f->ops->fdinfo)
		f->ops->fdinfo(f, t);
}

static long fdinfo_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	struct task *task = proc_task(f->inode);
	struct file *about __drop_file = open_file(f->inode, proc_of(f->inode)->fd, NULL);

	if (!task)
		return -ESRCH;
	if (!proc_may_look(task))
		return -EACCES;
	return about ? text_file_read(f, to, pos, show_fdinfo) : -ENOENT;
}

static const struct file_ops fdinfo_fops = {
	.read = fdinfo_read,
	.seek = text_file_seek,
	.release = text_file_release,
};

static int lookup(struct inode *dir, struct dentry *d)
{
	bool link = dir->ops == &proc_fd_ops;
	const struct proc_inode *parent = proc_of(dir);
	struct task *t = proc_task(dir);
	int fd = (int)parse_decimal(d->name, FD_MAX);
	struct file *f __drop_file = open_file(dir, fd, NULL);
	struct proc_inode *pi;

	if (!t)
		return -ENOENT;
	if (!proc_may_look(t))
		return -EACCES;
	if (!f || (d->name[0] == '0' && d->name[1]))
		return 0;
	pi = proc_new(dir->sb, link ? S_IFLNK | 0700 : S_IFREG | 0400, parent->pid, parent->tid,
		      (link ? 0x10000u : 0x40000u) + (u32)(fd & 0xffff));
	if (!pi)
		return -ENOMEM;
	pi->fd = fd;
	pi->inode.ops = link ? &fd_link_ops : &proc_text_ops;
	pi->inode.fops = link ? NULL : &fdinfo_fops;
	d->inode = &pi->inode;
	return 0;
}

static int fd_revalidate(struct inode *dir, struct dentry *d)
{
	struct file *f __drop_file = d->inode ? open_file(dir, proc_of(d->inode)->fd, NULL) : NULL;

	return f != NULL;
}

static int fd_getdents(struct file *f, struct dirent_sink *sink)
{
	struct task *t = proc_task(f->inode);
	bool links = f->inode->ops == &proc_fd_ops;
	int error = dirent_dots(f, sink);
	char name[16];

	if (!t)
		return -ENOENT;
	if (!proc_may_look(t))
		return -EACCES;
	while (!error && t->files) {
		int fd = files_next(t->files, (int)(f->pos - 2));

		if (fd < 0)
			break;
		snprintf(name, sizeof(name), "%d", fd);
		error = dirent_emit(f, sink, name, f->inode->ino + (u64)fd + 1, links ? S_IFLNK : S_IFREG,
				    (u64)fd + 3);
		/* The entry went out by a copy that may have slept. */
		t = proc_task(f->inode);
		if (!t)
			break;
	}
	return error;
}

const struct inode_ops proc_fd_ops = {
	.lookup = lookup,
	.revalidate = fd_revalidate,
	.getattr = proc_getattr,
};

const struct inode_ops proc_fdinfo_ops = {
	.lookup = lookup,
	.revalidate = fd_revalidate,
	.getattr = proc_getattr,
};

const struct file_ops proc_fd_fops = {.getdents = fd_getdents, .seek = dir_seek};
