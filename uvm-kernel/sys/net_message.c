/* SPDX-License-Identifier: MIT */
/*
 * sendto, recvfrom, sendmsg, recvmsg.
 */
#include "../net/socket.h"

#include <uvm/page.h>
#include <uvm/syscall.h>
#include <uvm/uaccess.h>

#define IOV_MAX 1024u

struct user_msghdr {
	u64 name;
	s32 name_len;
	u32 pad0;
	u64 iov;
	u64 iov_len;
	u64 control;
	u64 control_len;
	u32 flags;
	u32 pad1;
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

long sys_sendto(const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(3)};
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret;

	if (!s)
		return error;
	m.flags |= file_flags(f);
	ret = access_ok(ARG_PTR(1), ARG_U64(2)) ? load_name(&m, ARG_U64(4), ARG_UINT(5)) : -EFAULT;
	if (!ret) {
		iter_user(&m.it, ARG_U64(1), ARG_U64(2));
		ret = s->ops->send(s, &m);
	}
	file_put(f);
	return ret;
}

static long store_name(const struct message *m, u64 uname, u64 ulen)
{
	s32 room;

	if (!uname)
		return 0;
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user((void *)uname, m->name, MIN(m->name_len, (u32)room)))
		return -EFAULT;
	return put_user(m->name_len, ulen);
}

long sys_recvfrom(const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(3)};
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret = -EFAULT, stored;

	if (!s)
		return error;
	m.flags |= file_flags(f);
	if (access_ok(ARG_PTR(1), ARG_U64(2))) {
		iter_user(&m.it, ARG_U64(1), ARG_U64(2));
		ret = s->ops->receive(s, &m);
	}
	scm_free(m.files); /* nobody asked for them */
	stored = ret >= 0 ? store_name(&m, ARG_U64(4), ARG_U64(5)) : 0;
	file_put(f);
	return stored ? stored : ret;
}

/* The buffers of a msghdr; the array is the caller's to free. */
static int load_iov(struct message *m, const struct user_msghdr *h, struct iovec **out)
{
	struct iovec *vec;
	u64 total = 0;

	if (h->iov_len > IOV_MAX)
		return -EMSGSIZE;
	vec = kmalloc(MAX(h->iov_len * sizeof(*vec), 16UL));
	if (!vec)
		return -ENOMEM;
	*out = vec;
	if (copy_from_user(vec, (void *)h->iov, h->iov_len * sizeof(*vec)))
		return -EFAULT;
	for (u64 i = 0; i < h->iov_len; i++) {
		if (__builtin_add_overflow(total, vec[i].len, &total) || (s64)total < 0)
			return -EINVAL;
		if (vec[i].len && !access_ok((void *)vec[i].base, vec[i].len))
			return -EFAULT;
	}
	iter_vec(&m->it, vec, (u32)h->iov_len);
	return 0;
}

static long send_message(struct socket *s, struct message *m, const struct user_msghdr *h)
{
	struct iovec *vec = NULL;
	long ret = h->name_len < 0 ? -EINVAL : load_name(m, h->name, (u32)h->name_len);

	if (!ret)
		ret = load_iov(m, h, &vec);
	if (!ret)
		ret = scm_parse(m, h->control, h->control_len);
	if (!ret)
		ret = s->ops->send(s, m);
	scm_free(m->files); /* taken over when they are on their way */
	kfree(vec);
	return ret;
}

long sys_sendmsg(const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(2)};
	struct user_msghdr h;
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret = -EFAULT;

	if (!s)
		return error;
	m.flags |= file_flags(f);
	if (!copy_from_user(&h, ARG_PTR(1), sizeof(h)))
		ret = send_message(s, &m, &h);
	file_put(f);
	return ret;
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

	if (!ret)
		ret = s->ops->receive(s, m);
	if (ret >= 0) {
		error = scm_deliver(m, h->control, &h->control_len, m->flags & MSG_CMSG_CLOEXEC);
		m->out_flags |= m->flags & MSG_CMSG_CLOEXEC;
		if (!error)
			error = put_header(umsg, m, h);
	}
	scm_free(m->files);
	kfree(vec);
	return error ? error : ret;
}

long sys_recvmsg(const struct sysargs *args)
{
	struct message m = {.flags = ARG_UINT(2)};
	struct user_msghdr h;
	struct file *f;
	int error;
	struct socket *s = socket_of_fd(ARG_INT(0), &f, &error);
	long ret = -EFAULT;

	if (!s)
		return error;
	m.flags |= file_flags(f);
	if (!copy_from_user(&h, ARG_PTR(1), sizeof(h)))
		ret = receive_message(s, &m, ARG_U64(1), &h);
	file_put(f);
	return ret;
}
