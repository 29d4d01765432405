/* SPDX-License-Identifier: MIT */
/*
 * System calls on sockets, except those that move messages (net_message.c).
 */
#include "../net/socket.h"

static int check_type(u32 type)
{
	return type & ~(SOCK_TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : 0;
}

/* The socket becomes a descriptor; its end is taken care of on failure. */
static long install(struct socket *s, u32 flags)
{
	int error;
	struct file *f = socket_file(s, flags, &error);

	return fd_give(f, flags & SOCK_CLOEXEC, error);
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
	struct file *ends[2];
	int error = check_type(type);

	if (!error && ARG_INT(0) != AF_UNIX)
		error = ARG_INT(0) == AF_INET || ARG_INT(0) == AF_INET6 || ARG_INT(0) == AF_NETLINK
				? -EOPNOTSUPP
				: -EAFNOSUPPORT;
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
	ends[0] = socket_file(a, type, &error);
	ends[1] = socket_file(b, type, &error);
	return fd_give_two(ends, type & SOCK_CLOEXEC, ARG_U64(3));
}

long sys_take_address(const struct sysargs *args)
{
	struct file *f __drop_file;
	u8 addr[SOCKADDR_MAX];
	u32 len = ARG_UINT(2);
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);

	if (!s)
		return error;
	if (len > sizeof(addr))
		return -EINVAL;
	if (copy_from_user(addr, ARG_PTR(1), len))
		return -EFAULT;
	return ARG_UINT(3) ? s->ops->connect(s, addr, len, f->flags & O_NONBLOCK)
			   : s->ops->bind(s, addr, len);
}

long socket_listen(struct socket *s, const struct file *f __unused, const struct sysargs *args)
{
	return s->ops->listen(s, ARG_INT(1));
}

long socket_put_address(const u8 *addr, u32 len, u64 uaddr, u64 ulen)
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

long sys_give_address(const struct sysargs *args)
{
	struct file *f __drop_file;
	u8 addr[SOCKADDR_MAX];
	u32 len;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);

	if (s)
		error = s->ops->name(s, ARG_UINT(3), addr, &len);
	return error ? error : socket_put_address(addr, len, ARG_U64(1), ARG_U64(2));
}

long sys_accept4(const struct sysargs *args)
{
	struct file *f __drop_file;
	u8 addr[SOCKADDR_MAX];
	struct socket *s, *new;
	u32 flags = ARG_UINT(3), len;
	int error;

	s = socket_of_fd(ARG_INT(0), &f, &error);
	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	if (!s)
		return error;
	error = fd_room() ? s->ops->accept(s, f->flags & O_NONBLOCK, &new, addr, &len) : -EMFILE;
	if (error)
		return error;
	if (ARG_U64(1))
		error = (int)socket_put_address(addr, len, ARG_U64(1), ARG_U64(2));
	if (!error)
		return install(new, flags);
	new->ops->release(new);
	return error;
}

long socket_shutdown(struct socket *s, const struct file *f __unused, const struct sysargs *args)
{
	static const u32 how[] = {[SHUT_RD] = SHUTDOWN_RCV,
				  [SHUT_WR] = SHUTDOWN_SND,
				  [SHUT_RDWR] = SHUTDOWN_RCV | SHUTDOWN_SND};

	return ARG_UINT(1) > SHUT_RDWR ? -EINVAL : s->ops->shutdown(s, how[ARG_UINT(1)]);
}

long socket_setsockopt(struct socket *s, const struct file *f __unused, const struct sysargs *args)
{
	if (ARG_INT(4) < 0)
		return -EINVAL;
	return socket_set_option(s, ARG_INT(1), ARG_INT(2), ARG_U64(3), ARG_UINT(4));
}

long socket_getsockopt(struct socket *s, const struct file *f __unused, const struct sysargs *args)
{
	return socket_get_option(s, ARG_INT(1), ARG_INT(2), ARG_U64(3), ARG_U64(4));
}
