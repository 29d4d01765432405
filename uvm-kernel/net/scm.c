/* SPDX-License-Identifier: MIT */
/*
 * Control messages: descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) beside the bytes of a message.
 */
#include "socket.h"

#define CONTROL_MAX 4096u
enum { SCM_RIGHTS = 1, SCM_CREDENTIALS = 2 };

static struct list on_their_way = LIST_INIT(on_their_way);

struct cmsghdr {
	u64 len; /* with this header */
	s32 level, type;
};

struct ucred ucred_current(void)
{
	return (struct ucred){current->process->pid, current->cred.euid, current->cred.egid};
}

/* Closing a socket closes the descriptors in its messages, sockets with messages among them, and so on
 * without an end: the one call that is closing already does the rest after its own. */
void scm_free(struct scm_files *files)
{
	struct list rest = LIST_INIT(rest);

	if (!files)
		return;
	list_del(&files->link);
	if (current->closing) {
		list_add_tail(&files->link, current->closing);
		return;
	}
	current->closing = &rest;
	do {
		list_del(&files->link);
		for (u32 i = 0; i < files->count; i++)
			file_put(files->files[i]);
		kfree(files);
		files = list_empty(&rest) ? NULL : list_first(&rest, struct scm_files, link);
	} while (files);
	current->closing = NULL;
}

struct scm_files *scm_copy(const struct scm_files *files)
{
	struct scm_files *copy = kmemdup(files, sizeof(*files) + files->count * sizeof(files->files[0]));

	if (copy)
		list_add(&copy->link, &on_their_way);
	for (u32 i = 0; copy && i < copy->count; i++)
		file_get(copy->files[i]);
	return copy;
}

/* Nobody sends more than he may have open, so what nobody receives stays bounded. */
static bool too_many(u32 more)
{
	struct scm_files *s;

	list_for_each(s, &on_their_way, link) if (s->uid == current->cred.uid) more += s->count;
	return more > rlimit(RLIMIT_NOFILE) && !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

static int parse_rights(struct message *m, const void *data, u64 size)
{
	u32 count = (u32)(size / sizeof(s32)), have = m->files ? m->files->count : 0;
	struct scm_files *files;
	s32 fd;

	if (have + count > SCM_FILES_MAX)
		return -EINVAL;
	if (too_many(count))
		return -ETOOMANYREFS;
	if (have)
		list_del(&m->files->link);
	files = krealloc(m->files, sizeof(*files) + (have + count) * sizeof(files->files[0]));
	if (!files)
		return -ENOMEM;
	list_add(&files->link, &on_their_way);
	files->uid = current->cred.uid;
	files->count = have;
	m->files = files;
	for (u32 i = 0; i < count; i++) {
		struct file *f;

		memcpy(&fd, (const char *)data + i * sizeof(fd), sizeof(fd));
		f = fd_file_path(fd);
		if (!f)
			return -EBADF;
		files->files[files->count++] = f;
	}
	return 0;
}

static bool may_claim(const struct ucred *c)
{
	const struct cred *own = &current->cred;

	if (c->pid != current->process->pid && !capable(CAP_SYS_ADMIN))
		return false;
	if (c->uid != own->uid && c->uid != own->euid && c->uid != own->suid && !capable(CAP_SETUID))
		return false;
	return c->gid == own->gid || c->gid == own->egid || c->gid == own->sgid || capable(CAP_SETGID);
}

static int parse_credentials(struct message *m, const void *data, u64 size)
{
	if (size != sizeof(m->cred))
		return -EINVAL;
	memcpy(&m->cred, data, sizeof(m->cred));
	if (!may_claim(&m->cred))
		return -EPERM;
	m->has_cred = true;
	return 0;
}

static int parse_one(struct message *m, const struct cmsghdr *h, const void *data)
{
	u64 size = h->len - sizeof(*h);

	if (h->level != SOL_SOCKET)
		return 0; /* another protocol's: as on Linux */
	switch (h->type) {
	case SCM_RIGHTS:
		return parse_rights(m, data, size);
	case SCM_CREDENTIALS:
		return parse_credentials(m, data, size);
	default:
		return -EINVAL;
	}
}

static int parse_all(struct message *m, const char *buf, u64 len)
{
	u64 at = 0;
	int error = 0;

	while (!error && len - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr h;

		memcpy(&h, buf + at, sizeof(h));
		if (h.len < sizeof(h) || h.len > len - at)
			return -EINVAL;
		error = parse_one(m, &h, buf + at + sizeof(h));
		at += MIN(ALIGN_UP(h.len, 8UL), len - at);
	}
	return error;
}

int scm_parse(struct message *m, u64 ucontrol, u64 len)
{
	char *buf;
	int error;

	if (!len)
		return 0;
	if (len > CONTROL_MAX)
		return -ENOBUFS;
	buf = kmalloc(len);
	if (!buf)
		return -ENOMEM;
	error = copy_from_user(buf, (void *)ucontrol, len);
	if (!error)
		error = parse_all(m, buf, len);
	kfree(buf);
	if (error) {
		scm_free(m->files);
		m->files = NULL;
	}
	return error;
}

struct control_out {
	u64 at, left, used;
};

static int put_control(struct message *m, struct control_out *c, int type, const void *data, u64 size)
{
	struct cmsghdr h = {sizeof(h) + size, SOL_SOCKET, type};
	u64 space = ALIGN_UP(h.len, 8UL);

	if (c->left < h.len) {
		m->out_flags |= MSG_CTRUNC;
		return 0;
	}
	if (copy_to_user((void *)c->at, &h, sizeof(h)) ||
	    copy_to_user((void *)(c->at + sizeof(h)), data, size))
		return -EFAULT;
	space = MIN(space, c->left);
	c->at += space;
	c->left -= space;
	c->used += space;
	return 0;
}

/* As many descriptors as there is room for; the others are closed. */
static int put_rights(struct message *m, struct control_out *c, bool cloexec)
{
	u64 room = c->left < sizeof(struct cmsghdr) ? 0 : (c->left - sizeof(struct cmsghdr)) / sizeof(s32);
	s32 fds[SCM_FILES_MAX];
	u32 n = 0;

	while (n < MIN((u64)m->files->count, room)) {
		struct file *f = m->files->files[n];
		int fd = fd_install(file_get(f), cloexec);

		if (fd < 0) {
			file_put(f);
			break;
		}
		fds[n++] = fd;
	}
	if (n < m->files->count)
		m->out_flags |= MSG_CTRUNC;
	return n ? put_control(m, c, SCM_RIGHTS, fds, n * sizeof(fds[0])) : 0;
}

int scm_deliver(struct message *m, u64 ucontrol, u64 *len, bool cloexec)
{
	struct control_out c = {.at = ucontrol, .left = *len};
	int error = 0;

	if (m->has_cred)
		error = put_control(m, &c, SCM_CREDENTIALS, &m->cred, sizeof(m->cred));
	if (!error && m->files)
		error = put_rights(m, &c, cloexec);
	scm_free(m->files);
	m->files = NULL;
	*len = c.used;
	return error;
}
