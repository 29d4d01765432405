/* SPDX-License-Identifier: MIT */
/*
 * Sockets as files: read, write, poll, and their birth and end. What they do is their family's business.
 */
#include "socket.h"

#include <uvm/ioctl.h>

#define BUFFER_DEFAULT 212992u /* as Linux's net.core.{r,w}mem_default */

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type)
{
	s->ops = ops;
	s->family = family;
	s->type = type;
	waitq_init(&s->wait);
	s->receive_buffer = s->send_buffer = BUFFER_DEFAULT;
}

int socket_make(int family, int type, int protocol, struct socket **out)
{
	if (type > SOCK_PACKET)
		return -EINVAL;
	if (family == AF_INET || family == AF_INET6 || family == AF_NETLINK)
		return inet_make(family, type, protocol, out);
	return family == AF_UNIX ? unix_make(type, protocol, out) : -EAFNOSUPPORT;
}

int socket_take_error(struct socket *s)
{
	int error = s->error;

	s->error = 0;
	return error;
}

u64 socket_deadline(u64 timeout)
{
	return timeout ? time_deadline(timeout) : NO_DEADLINE;
}

static long socket_read(struct file *f, struct iov_iter *to, u64 *pos __unused)
{
	struct socket *s = f->private;
	struct message m = {.it = *to, .flags = f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0};
	long n;

	if (!to->left)
		return 0;
	n = s->ops->receive(s, &m);
	scm_free(m.files);
	return n;
}

static long socket_write(struct file *f, struct iov_iter *from, u64 *pos __unused)
{
	struct socket *s = f->private;
	struct message m = {.it = *from, .flags = f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0};

	return s->ops->send(s, &m);
}

static u32 socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->private;

	poll_wait(f, &s->wait, pt);
	return s->ops->poll(s);
}

static long socket_ioctl(struct file *f, u32 cmd, u64 arg)
{
	struct socket *s = f->private;

	return s->ops->ioctl(s, cmd, arg);
}

static void socket_release(struct file *f)
{
	struct socket *s = f->private;

	s->ops->release(s);
}

static const struct file_ops socket_fops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.release = socket_release,
	.stream = true,
};

struct file *socket_file(struct socket *s, u32 o_flags, int *error)
{
	struct inode *inode = anon_inode(S_IFSOCK | 0777);
	struct file *f = NULL;
	char name[32];

	*error = -ENOMEM;
	if (inode) {
		inode->fops = &noopen_fops;
		snprintf(name, sizeof(name), "socket:[%lu]", inode->ino);
		f = file_anon(inode, name, &socket_fops, O_RDWR | (o_flags & O_NONBLOCK), s, error);
	}
	if (!f)
		s->ops->release(s);
	return f;
}

struct socket *socket_of_fd(int fd, struct file **f, int *error)
{
	*f = fd_file(fd);
	*error = *f ? -ENOTSOCK : -EBADF;
	return *f && (*f)->ops == &socket_fops ? (*f)->private : NULL;
}
