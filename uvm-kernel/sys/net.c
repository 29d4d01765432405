/* SPDX-License-Identifier: MIT */
/*
 * System calls on sockets, except those that move messages (net_message.c).
 */
#include "../net/socket.h"

#include <uvm/syscall.h>
#include <uvm/uaccess.h>

static int check_type(u32 type)
{
	return type & ~(SOCK_TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : 0;
}

/* The socket becomes a descriptor; its end is taken care of on failure. */
static int install(struct socket *s, u32 flags)
{
	int error, fd;
	struct file *f = socket_file(s, flags, &error);

	if (!f)
		return error;
	fd = fd_install(f, flags & SOCK_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

long sys_socket(const struct sysargs *args)
{
	u32 type = ARG_UINT(1);
	struct socket *s;
	int error = check_type(type);

	if (!error)
		error = socket_make(ARG_INT(0), (int)(type & SOCK_TYPE_MASK), ARG_INT(2), &s);
	return error ? error : install(s, type);
}

long sys_socketpair(const struct sysargs *args)
{
	u32 type = ARG_UINT(1);
	struct socket *a, *b;
	int error = check_type(type), fds[2];

	if (!error && ARG_INT(0) != AF_UNIX)
		error = ARG_INT(0) == AF_INET || ARG_INT(0) == AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
	if (!error)
		error = socket_make(AF_UNIX, (int)(type & SOCK_TYPE_MASK), ARG_INT(2), &a);
	if (error)
		return error;
	error = socket_make(AF_UNIX, (int)(type & SOCK_TYPE_MASK), ARG_INT(2), &b);
	if (error) {
		a->ops->release(a);
		return error;
	}
	unix_pair(a, b);
	fds[0] = install(a, type);
	if (fds[0] < 0) {
		b->ops->release(b);
		return fds[0];
	}
	fds[1] = install(b, type);
	if (fds[1] < 0) {
		fd_close(fds[0]);
		return fds[1];
	}
	if (!copy_to_user(ARG_PTR(3), fds, sizeof(fds)))
		return 0;
	fd_close(fds[0]);
	fd_close(fds[1]);
	return -EFAULT;
}

static long with_address(const struct sysargs *args, bool connect)
{
	u8 addr[SOCKADDR_MAX];
	u32 len = ARG_UINT(2);
	struct file *f;
	struct socket *s;
	int error;

	s = socket_of_fd(ARG_INT(0), &f, &error);
	if (!s)
		return error;
	if (len > sizeof(addr))
		error = -EINVAL;
	else if (copy_from_user(addr, ARG_PTR(1), len))
		error = -EFAULT;
	else
		error = connect ? s->ops->connect(s, addr, len, f->flags & O_NONBLOCK)
				: s->ops->bind(s, addr, len);
	file_put(f);
	return error;
}

long sys_bind(const struct sysargs *args)
{
	return with_address(args, false);
}

long sys_connect(const struct sysargs *args)
{
	return with_address(args, true);
}

long sys_listen(const struct sysargs *args)
{
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);

	if (!s)
		return error;
	error = s->ops->listen(s, ARG_INT(1));
	file_put(f);
	return error;
}

static long put_address(const u8 *addr, u32 len, u64 uaddr, u64 ulen)
{
	s32 room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user((void *)uaddr, addr, MIN(len, (u32)room)))
		return -EFAULT;
	return put_user(len, ulen);
}

static long get_name(const struct sysargs *args, bool peer)
{
	u8 addr[SOCKADDR_MAX];
	struct file *f;
	u32 len;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret;

	if (!s)
		return error;
	ret = s->ops->name(s, peer, addr, &len);
	if (!ret)
		ret = put_address(addr, len, ARG_U64(1), ARG_U64(2));
	file_put(f);
	return ret;
}

long sys_getsockname(const struct sysargs *args)
{
	return get_name(args, false);
}

long sys_getpeername(const struct sysargs *args)
{
	return get_name(args, true);
}

static long accept_from(struct socket *s, bool nonblock, u64 uaddr, u64 ulen, u32 flags)
{
	u8 addr[SOCKADDR_MAX];
	struct socket *new;
	u32 len;
	long ret = fd_room() ? s->ops->accept(s, nonblock, &new, addr, &len) : -EMFILE;

	if (ret)
		return ret;
	if (uaddr)
		ret = put_address(addr, len, uaddr, ulen);
	if (ret) {
		new->ops->release(new);
		return ret;
	}
	return install(new, flags);
}

long sys_accept4(const struct sysargs *args)
{
	u32 flags = ARG_UINT(3);
	struct file *f;
	struct socket *s;
	int error;
	long ret;

	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	s = socket_of_fd(ARG_INT(0), &f, &error);
	if (!s)
		return error;
	ret = accept_from(s, f->flags & O_NONBLOCK, ARG_U64(1), ARG_U64(2), flags);
	file_put(f);
	return ret;
}

long sys_shutdown(const struct sysargs *args)
{
	static const u32 how[] = {[SHUT_RD] = SHUTDOWN_RCV,
				  [SHUT_WR] = SHUTDOWN_SND,
				  [SHUT_RDWR] = SHUTDOWN_RCV | SHUTDOWN_SND};
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);

	if (!s)
		return error;
	error = ARG_UINT(1) > SHUT_RDWR ? -EINVAL : s->ops->shutdown(s, how[ARG_UINT(1)]);
	file_put(f);
	return error;
}

long sys_setsockopt(const struct sysargs *args)
{
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret;

	if (!s)
		return error;
	ret = ARG_INT(4) < 0 ? -EINVAL
			     : socket_set_option(s, ARG_INT(1), ARG_INT(2), ARG_U64(3), ARG_UINT(4));
	file_put(f);
	return ret;
}

long sys_getsockopt(const struct sysargs *args)
{
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret;

	if (!s)
		return error;
	ret = socket_get_option(s, ARG_INT(1), ARG_INT(2), ARG_U64(3), ARG_U64(4));
	file_put(f);
	return ret;
}
