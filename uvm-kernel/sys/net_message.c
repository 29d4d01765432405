/* SPDX-License-Identifier: MIT */
/*
 * sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg.
 */
#include "../net/socket.h"

#define IOV_MAX 1024u
#define MMSGHDR_SIZE 64u /* struct user_msghdr, u32 bytes moved, padding */

struct user_msghdr {
	u64 name;
	s32 name_len;
	u32 pad0;
	u64 iov, iov_len, control, control_len;
	u32 flags, pad1;
};
_Static_assert(sizeof(struct user_msghdr) == 56, "struct msghdr is 56 bytes");

static int load_name(struct message *m, u64 uname, u32 len)
{
	if (!uname || !len)
		return 0;
	if (len > SOCKADDR_MAX)
		return -EINVAL;
	m->name_len = len;
	return copy_from_user(m->name, (void *)uname, len);
}

static u32 file_flags(const struct file *f)
{
	return f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

long socket_sendto(struct socket *s, const struct file *f, const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(3) | file_flags(f)};
	int error = access_ok(ARG_PTR(1), ARG_U64(2)) ? load_name(&m, ARG_U64(4), ARG_UINT(5)) : -EFAULT;

	if (error)
		return error;
	iter_user(&m.it, ARG_U64(1), ARG_U64(2));
	return s->ops->send(s, &m);
}

long socket_recvfrom(struct socket *s, const struct file *f, const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(3) | file_flags(f)};
	long ret, stored = 0;

	if (!access_ok(ARG_PTR(1), ARG_U64(2)))
		return -EFAULT;
	iter_user(&m.it, ARG_U64(1), ARG_U64(2));
	ret = s->ops->receive(s, &m);
	scm_free(m.files); /* nobody asked for them */
	if (ret >= 0 && ARG_U64(4))
		stored = socket_put_address(m.name, m.name_len, ARG_U64(4), ARG_U64(5));
	return stored ? stored : ret;
}

/* The buffers of a msghdr; the array is the caller's to free. */
static int load_iov(struct message *m, const struct user_msghdr *h, struct iovec **out)
{
	struct iovec *vec;
	long error;

	if (h->iov_len > IOV_MAX)
		return -EMSGSIZE;
	vec = kmalloc(MAX(h->iov_len * sizeof(*vec), 16UL));
	if (!vec)
		return -ENOMEM;
	*out = vec;
	if (copy_from_user(vec, (void *)h->iov, h->iov_len * sizeof(*vec)))
		return -EFAULT;
	error = iovec_check(vec, (u32)h->iov_len);
	iter_vec(&m->it, vec, error ? 0 : (u32)h->iov_len);
	return (int)error;
}

static long send_message(struct socket *s, struct message *m, const struct user_msghdr *h)
{
	struct iovec *vec = NULL;
	long ret = h->name_len < 0 ? -EINVAL : load_name(m, h->name, (u32)h->name_len);

	if (!ret)
		ret = load_iov(m, h, &vec);
	m->control = h->control;
	m->control_len = h->control ? h->control_len : 0;
	if (!ret && s->family == AF_UNIX)
		ret = scm_parse(m, h->control, h->control_len);
	if (!ret)
		ret = s->ops->send(s, m);
	scm_free(m->files); /* taken over when they are on their way */
	kfree(vec);
	return ret;
}

static long send_user(const struct file *f, u64 umsg, u32 flags)
{
	struct message m = {.flags = flags | file_flags(f)};
	struct user_msghdr h;

	return copy_from_user(&h, (void *)umsg, sizeof(h)) ? -EFAULT : send_message(f->private, &m, &h);
}

long socket_sendmsg(struct socket *s __unused, const struct file *f, const struct sysargs *args)
{
	return send_user(f, ARG_U64(1), ARG_UINT(2));
}

static long put_header(u64 umsg, const struct message *m, const struct user_msghdr *h)
{
	s32 name_len = (s32)m->name_len;

	if (h->name) {
		if (h->name_len < 0)
			return -EINVAL;
		if (copy_to_user((void *)h->name, m->name, MIN(m->name_len, (u32)h->name_len)) ||
		    put_user(name_len, umsg + offsetof(struct user_msghdr, name_len)))
			return -EFAULT;
	}
	if (put_user(h->control_len, umsg + offsetof(struct user_msghdr, control_len)) ||
	    put_user(m->out_flags, umsg + offsetof(struct user_msghdr, flags)))
		return -EFAULT;
	return 0;
}

static long receive_message(struct socket *s, struct message *m, u64 umsg, struct user_msghdr *h)
{
	struct iovec *vec = NULL;
	long ret = load_iov(m, h, &vec), error = 0;

	m->control = h->control;
	m->control_len = h->control ? h->control_len : 0;
	if (!ret)
		ret = s->ops->receive(s, m);
	if (ret >= 0) {
		if (s->family == AF_UNIX)
			error = scm_deliver(m, h->control, &h->control_len, m->flags & MSG_CMSG_CLOEXEC);
		else
			h->control_len = m->control_len;
		m->out_flags |= m->flags & MSG_CMSG_CLOEXEC;
		if (!error)
			error = put_header(umsg, m, h);
	}
	scm_free(m->files);
	kfree(vec);
	return error ? error : ret;
}

static long receive_user(const struct file *f, u64 umsg, u32 flags)
{
	struct message m = {.flags = flags | file_flags(f)};
	struct user_msghdr h;

	return copy_from_user(&h, (void *)umsg, sizeof(h)) ? -EFAULT
							   : receive_message(f->private, &m, umsg, &h);
}

long socket_recvmsg(struct socket *s __unused, const struct file *f, const struct sysargs *args)
{
	return receive_user(f, ARG_U64(1), ARG_UINT(2));
}

/* A vector of struct mmsghdr: what is done counts, an error only when it is the first's. */
static long many(const struct file *f, long (*fn)(const struct file *f, u64 umsg, u32 flags), u64 uvec,
		 u32 count, u32 flags, u64 deadline)
{
	u32 done = 0;
	long ret = 0;

	for (count = MIN(count, IOV_MAX); done < count; done++) {
		u64 umsg = uvec + done * MMSGHDR_SIZE;

		ret = fn(f, umsg, flags & ~MSG_WAITFORONE);
		if (ret >= 0)
			ret = put_user((u32)ret, umsg + sizeof(struct user_msghdr));
		if (ret < 0)
			break;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (time_monotonic() >= deadline) {
			done++;
			break;
		}
	}
	return done ? (long)done : ret;
}

long socket_sendmmsg(struct socket *s __unused, const struct file *f, const struct sysargs *args)
{
	return many(f, send_user, ARG_U64(1), ARG_UINT(2), ARG_UINT(3), NO_DEADLINE);
}

/* As on Linux, the time is looked at only behind each message. */
long socket_recvmmsg(struct socket *s __unused, const struct file *f, const struct sysargs *args)
{
	u64 deadline = NO_DEADLINE, left;
	struct timespec t;
	long ret;

	if (ARG_U64(4)) {
		if (get_user(t, ARG_U64(4)))
			return -EFAULT;
		if (!timespec_valid(&t))
			return -EINVAL;
		deadline = time_deadline(timespec_to_ns(&t));
	}
	ret = many(f, receive_user, ARG_U64(1), ARG_UINT(2), ARG_UINT(3), deadline);
	if (ret > 0 && ARG_U64(4)) {
		left = deadline - MIN(deadline, time_monotonic());
		if (put_user(ns_to_timespec(left), ARG_U64(4)))
			return -EFAULT;
	}
	return ret;
}
