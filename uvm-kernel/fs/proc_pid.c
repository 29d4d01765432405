/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID and /proc/PID/task/TID: inodes that speak of a process or thread for as long as it lives, made by
 * lookup and gone with the last reference.
 */
#include "proc.h"

#define STORE_MAX 64u
#define PID_OFFSET 0x10000ULL /* listing positions of processes, behind those of the fixed entries */

static const struct inode_ops pid_dir_ops, task_dir_ops;
static const struct file_ops pid_dir_fops, task_dir_fops;

struct task *proc_task(const struct inode *inode)
{
	const struct proc_inode *pi = proc_of(inode);
	struct process *p = process_find(pi->pid);
	struct task *t;

	if (!p)
		return NULL;
	if (!pi->tid)
		return p->leader;
	t = task_find(pi->tid);
	return t && t->process == p ? t : NULL;
}

/* May the current task see what only a tracer may? */
bool proc_may_look(struct task *t)
{
	const struct cred *own = &current->cred, *c = &t->cred;

	if (t->process == current->process || capable(CAP_SYS_PTRACE))
		return true;
	return own->fsuid == c->uid && own->fsuid == c->euid && own->fsuid == c->suid &&
	       own->fsgid == c->gid && own->fsgid == c->egid && own->fsgid == c->sgid && t->process->dumpable;
}

/* Owner as on Linux: the process's effective ids, or root when it may not be looked into. */
int proc_getattr(struct inode *inode)
{
	struct task *t = proc_task(inode);

	if (!t)
		return -ESRCH;
	inode->uid = t->process->dumpable ? t->cred.euid : 0;
	inode->gid = t->process->dumpable ? t->cred.egid : 0;
	return 0;
}

struct proc_inode *proc_new(struct superblock *sb, u32 mode, pid_t pid, pid_t tid, u32 number)
{
	struct proc_inode *pi = kzalloc(sizeof(*pi));

	if (!pi)
		return NULL;
	inode_init(&pi->inode, sb, mode);
	pi->pid = pid;
	pi->tid = tid;
	/* The same object has the same number each time it is looked up. */
	pi->inode.ino = 1ULL << 40 | (u64)(u32)(tid ? tid : pid) << 20 | (tid ? 1u << 19 : 0) | number;
	proc_getattr(&pi->inode);
	return pi;
}

/* The process or thread a name in decimal stands for; 0 is none. */
static pid_t parse_pid(const char *s)
{
	s64 n = *s == '0' ? -1 : parse_decimal(s, INT32_MAX);

	return n > 0 ? (pid_t)n : 0;
}

static void make_text(struct text *t, struct file *f)
{
	proc_of(f->inode)->entry->show(t, proc_task(f->inode));
}

static long proc_text_read(struct file *f, struct iov_iter *to, u64 *pos)
{
	struct task *task = proc_task(f->inode);

	if (!task)
		return -ESRCH;
	if (proc_of(f->inode)->entry->private && !proc_may_look(task))
		return -EACCES;
	return text_file_read(f, to, pos, make_text);
}

static long proc_text_write(struct file *f, struct iov_iter *from, u64 *pos)
{
	const struct proc_entry *e = proc_of(f->inode)->entry;
	struct task *task = proc_task(f->inode);
	char value[STORE_MAX];
	size_t len = MIN(from->left, sizeof(value) - 1);
	u64 all = from->left;
	int error;

	if (!task)
		return -ESRCH;
	if (!e->store)
		return -EINVAL;
	if (iter_copy_from(from, value, len) < len)
		return -EFAULT;
	value[len] = '\0';
	if (len && value[len - 1] == '\n')
		value[len - 1] = '\0';
	error = e->store(task, value);
	if (error)
		return error;
	*pos += all;
	return (long)all;
}

static const struct file_ops proc_text_fops = {
	.read = proc_text_read,
	.write = proc_text_write,
	.seek = text_file_seek,
	.release = text_file_release,
};

static int proc_text_setattr(struct inode *inode __unused, const struct iattr *attr)
{
	/* Opening with O_TRUNC is how shells write here. */
	return attr->valid == ATTR_SIZE ? 0 : -EPERM;
}

const struct inode_ops proc_text_ops = {.getattr = proc_getattr, .setattr = proc_text_setattr};

static int proc_follow(struct inode *inode, struct path *out)
{
	struct task *t = proc_task(inode);

	if (!t)
		return -ESRCH;
	if (!proc_may_look(t))
		return -EACCES;
	return proc_of(inode)->entry->link(t, proc_of(inode)->entry, out);
}

long proc_readlink(struct inode *inode, char *buf, size_t size)
{
	struct path p __drop_path = {0};
	char *text __drop_memory = kmalloc(PATH_MAX), *name;
	long len = text ? inode->ops->follow(inode, &p) : -ENOMEM;

	if (len)
		return len;
	name = path_to_string(&p, &current->fs->root, text, PATH_MAX);
	len = name ? (long)MIN(strlen(name), size) : -ENAMETOOLONG;
	if (name)
		memcpy(buf, name, (size_t)len);
	return len;
}

const struct inode_ops proc_link_ops = {
	.getattr = proc_getattr,
	.follow = proc_follow,
	.readlink = proc_readlink,
};

static void set_entry_ops(struct inode *inode, const struct proc_entry *e)
{
	if (e->link) {
		inode->ops = &proc_link_ops;
	} else if (e->show) {
		inode->ops = &proc_text_ops;
		inode->fops = &proc_text_fops;
	} else {
		inode->ops = e->dir ? e->dir : e->process_only ? &task_dir_ops : &pid_dir_ops;
		inode->fops = e->dir ? e->dir_fops : e->process_only ? &task_dir_fops : &pid_dir_fops;
		inode->nlink = 2;
	}
}

/* What an entry is called in a directory: below ns what stands behind the slash; NULL: it is elsewhere. */
static const char *name_in(const struct proc_inode *dir, const struct proc_entry *e)
{
	const char *slash = strchr(e->name, '/');

	if (!slash != !dir->entry || (dir->tid && e->process_only))
		return NULL;
	return slash ? slash + 1 : e->name;
}

static int pid_lookup(struct inode *dir, struct dentry *d)
{
	const struct proc_inode *parent = proc_of(dir);
	struct proc_inode *pi;

	if (!proc_task(dir))
		return -ENOENT;
	for (u32 i = 0; i < proc_entry_count; i++) {
		const struct proc_entry *e = &proc_entries[i];
		const char *name = name_in(parent, e);

		if (!name || strcmp(name, d->name))
			continue;
		pi = proc_new(dir->sb, e->mode, parent->pid, parent->tid, i + 1);
		if (!pi)
			return -ENOMEM;
		pi->entry = e;
		set_entry_ops(&pi->inode, e);
		d->inode = &pi->inode;
		return 0;
	}
	return 0;
}

/* An entry that somebody holds must not outlive its process in the name cache. */
static int pid_revalidate(struct inode *dir __unused, struct dentry *d)
{
	return d->inode && proc_task(d->inode) != NULL;
}

static int pid_getdents(struct file *f, struct dirent_sink *sink)
{
	const struct proc_inode *pi = proc_of(f->inode);
	int error = dirent_dots(f, sink);

	if (!proc_task(f->inode))
		return -ENOENT;
	while (!error && f->pos - 2 < proc_entry_count) {
		u64 i = f->pos - 2;
		const char *name = name_in(pi, &proc_entries[i]);

		if (name)
			error = dirent_emit(f, sink, name, (pi->inode.ino & ~0x7fffULL) + i + 1,
					    proc_entries[i].mode, i + 3);
		else
			f->pos++;
	}
	return error;
}

static const struct inode_ops pid_dir_ops = {
	.lookup = pid_lookup,
	.revalidate = pid_revalidate,
	.getattr = proc_getattr,
};

static const struct file_ops pid_dir_fops = {.getdents = pid_getdents, .seek = dir_seek};

static int attach_pid_dir(struct dentry *d, struct superblock *sb, pid_t pid, pid_t tid)
{
	struct proc_inode *pi = proc_new(sb, S_IFDIR | 0555, pid, tid, 0);

	if (!pi)
		return -ENOMEM;
	pi->inode.ops = &pid_dir_ops;
	pi->inode.fops = &pid_dir_fops;
	pi->inode.nlink = 9;
	d->inode = &pi->inode;
	return 0;
}

static int task_lookup(struct inode *dir, struct dentry *d)
{
	struct task *owner = proc_task(dir), *t;
	pid_t tid = parse_pid(d->name);

	if (!tid || !owner)
		return 0;
	t = task_find(tid);
	if (!t || t->process != owner->process)
		return 0;
	return attach_pid_dir(d, dir->sb, owner->process->pid, tid);
}

static int emit_number(struct file *f, struct dirent_sink *sink, pid_t n, u64 ino, u64 next)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", n);
	return dirent_emit(f, sink, name, ino, S_IFDIR, next);
}

/* The thread with the lowest id above `after`: 0 when there is none. */
static pid_t next_tid(const struct inode *inode, pid_t after)
{
	struct task *owner = proc_task(inode), *t;
	pid_t next = 0;

	if (owner)
		list_for_each(t, &owner->process->threads,
			      thread) if (t->tid > after && (!next || t->tid < next)) next = t->tid;
	return next;
}

/* Positions are 2 + tid. */
static int task_getdents(struct file *f, struct dirent_sink *sink)
{
	int error = dirent_dots(f, sink);
	pid_t tid;

	while (!error && (tid = next_tid(f->inode, (pid_t)(f->pos - 2))))
		error = emit_number(f, sink, tid, (u64)tid, (u64)tid + 2);
	return error;
}

static const struct inode_ops task_dir_ops = {
	.lookup = task_lookup,
	.revalidate = pid_revalidate,
	.getattr = proc_getattr,
};

static const struct file_ops task_dir_fops = {.getdents = task_getdents, .seek = dir_seek};

static long self_readlink(struct inode *inode, char *buf, size_t size)
{
	pid_t pid = current->process->pid;

	if (inode->private)
		return scnprintf(buf, size, "%d/task/%d", pid, current->tid);
	return scnprintf(buf, size, "%d", pid);
}

const struct inode_ops proc_self_ops = {.readlink = self_readlink};

static int root_lookup(struct inode *dir, struct dentry *d)
{
	pid_t pid = parse_pid(d->name);

	/* Threads have a directory too, though it is not listed. */
	if (pid) {
		struct task *t = process_find(pid) ? NULL : task_find(pid);

		if (process_find(pid))
			return attach_pid_dir(d, dir->sb, pid, 0);
		if (t)
			return attach_pid_dir(d, dir->sb, t->process->pid, pid);
	}
	return 0;
}

static int root_revalidate(struct inode *dir __unused, struct dentry *d)
{
	return d->inode && (d->inode->ops != &pid_dir_ops || proc_task(d->inode) != NULL);
}

static pid_t next_pid(pid_t after)
{
	struct process *p;
	pid_t next = 0;

	list_for_each(p, &process_list, all) if (p->pid > after && (!next || p->pid < next)) next = p->pid;
	return next;
}

static int root_getdents(struct file *f, struct dirent_sink *sink)
{
	int error = 0;
	pid_t pid;

	if (f->pos < PID_OFFSET) {
		error = tree_getdents(f, sink);
		if (!error)
			f->pos = PID_OFFSET;
	}
	while (!error && (pid = next_pid((pid_t)(f->pos - PID_OFFSET))))
		error = emit_number(f, sink, pid, 1ULL << 40 | (u64)pid << 20, (u64)pid + PID_OFFSET);
	return error;
}

const struct inode_ops proc_root_ops = {
	.lookup = root_lookup,
	.revalidate = root_revalidate,
};

const struct file_ops proc_root_fops = {.getdents = root_getdents, .seek = dir_seek};
