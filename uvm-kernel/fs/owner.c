/* SPDX-License-Identifier: MIT */
/*
 * Whom a signal tells that an O_ASYNC file became ready: F_SETOWN, FIOASYNC and what follows from them.
 * Terminals, pipes and sockets tell; wake-ups come by an item of epoll.c that belongs to no set.
 */
#include "fs.h"

static bool tells(const struct file *f)
{
	u32 mode = f->inode->mode;

	return f->ops->poll && (S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode));
}

/* The next process behind p (NULL: from the start) that is meant, or is of the group that is. */
static struct process *next_owner(const struct file *f, struct process *p)
{
	struct list *at = p ? p->all.next : process_list.next;

	for (; at != &process_list; at = at->next) {
		p = list_entry(at, struct process, all);
		if (f->owner_pid < 0 ? p->pgid == -f->owner_pid : p->pid == f->owner_pid)
			return p;
	}
	return NULL;
}

long owner_get(const struct file *f)
{
	return next_owner(f, NULL) ? f->owner_pid : 0;
}

int owner_set(struct file *f, int who)
{
	const struct file fresh = {.owner_pid = who};

	if (who == INT32_MIN)
		return -EINVAL;
	if (who && !next_owner(&fresh, NULL))
		return -ESRCH;
	f->owner_pid = who;
	f->owner_uid = current->cred.uid;
	f->owner_euid = current->cred.euid;
	return 0;
}

int owner_watch(int fd, struct file *f, bool on)
{
	int error = tells(f) ? epoll_async(fd, f, on) : -ENOTTY;

	if (error)
		return error;
	f->flags = on ? f->flags | O_ASYNC : f->flags & ~O_ASYNC;
	if (on && S_ISCHR(f->inode->mode) && !f->owner_pid)
		owner_set(f, -current->process->pgid);
	return 0;
}

/* As who named the owner was then. */
static bool may_tell(const struct file *f, const struct cred *to)
{
	return !f->owner_euid || f->owner_euid == to->suid || f->owner_euid == to->uid ||
	       f->owner_uid == to->suid || f->owner_uid == to->uid;
}

void owner_signal(const struct file *f, int fd, u32 events)
{
	enum { CODE_IN = 1, CODE_OUT, CODE_ERR = 4, CODE_HUP = 6 };
	struct siginfo info = {.signo = SIGIO, .code = SI_KERNEL};
	struct process *p = NULL;

	if (f->owner_signal) {
		info = (struct siginfo){.signo = f->owner_signal, .band = events, .fd = fd};
		info.code = events & POLLIN    ? CODE_IN
			    : events & POLLOUT ? CODE_OUT
			    : events & POLLERR ? CODE_ERR
					       : CODE_HUP;
	}
	while (events && (p = next_owner(f, p)))
		if (may_tell(f, &p->leader->cred) && signal_process_info(p, &info))
			signal_process(p, SIGIO); /* no room in its queue */
}
